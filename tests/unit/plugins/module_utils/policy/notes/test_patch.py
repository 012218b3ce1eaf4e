# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.announcements import announcements
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import items
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.patch import judge_patch


def places(text: str) -> tuple[str, ...]:
    note = ReleaseNote("1.4.3", text, "n.md")
    found = judge_patch(note, "1.4.3", announcements(items(note), "1.4.3"))
    return found[0].evidence if found else ()


def test_places() -> None:
    assert places("## Fixes\n\n- The Fleet is faster.\n") == ()
    assert places("No breaking changes.\n") == ()
    assert places("## Fixes\n\n- Breaking: another form.\n") == ("n.md:3 [Fixes] Breaking: another form.",)
    assert places("## Fixes\n\n- The key `A:B` is removed.\n") == ("n.md:3 [Fixes] The key A:B is removed.",)
    assert places("## Fixes\n\n- A migration rewrites the table `agents`.\n") == ("n.md:3 [Fixes] A migration rewrites the table agents.",)
