# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.in_place import leftovers_sql


def test_what_the_snapshot_does_not_know_goes_first() -> None:
    live = {"public.agents": 1, 'public."New Table"': 0, "audit.more": 2}
    assert leftovers_sql(live, {"public.agents": 1, "public.gone": 3}) == (
        'DROP TABLE IF EXISTS audit.more CASCADE;\nDROP TABLE IF EXISTS public."New Table" CASCADE;\n'
    )
    assert leftovers_sql({"public.agents": 1}, {"public.agents": 1}) == ""
