# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must go before a dump is restored into the database that a migration has brought forward."""

from __future__ import annotations

from collections.abc import Mapping


def leftovers_sql(live: Mapping[str, int], snapshot: Mapping[str, int]) -> str:
    """Statements that drop the tables which the snapshot does not know; the names come quoted from the catalogue."""
    return "".join(f"DROP TABLE IF EXISTS {table} CASCADE;\n" for table in sorted(set(live) - set(snapshot)))
