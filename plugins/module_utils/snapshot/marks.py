# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a snapshot remembers so that every later write can be told from what it holds.

PostgreSQL stamps each version of a row with the transaction that wrote it (`xmin`). A version whose transaction is older
than the oldest one that was open when the snapshot was taken is in the snapshot; every other one was written later, by an
insert or by an update. Rows that are gone are found by counting. The statistics' counters of each table are kept for the
one case that this cannot see: a migration that writes a table anew stamps all of its rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.fields import Fields, is_a

# One value, JSON: to be read in the very transaction whose state is saved.
MARKS_QUERY = """SELECT json_build_object(
  'database', (SELECT oid::bigint FROM pg_database WHERE datname = current_database()),
  'xid', pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
  'tables', (SELECT coalesce(json_object_agg(format('%I.%I', schemaname, relname),
    json_build_array(relid::bigint, n_tup_ins, n_tup_upd, n_tup_del)), '{}') FROM pg_stat_user_tables))"""


@dataclass(frozen=True)
class Marks:
    """`database` is its oid, `xid` the oldest transaction that was open (64 bit); table -> oid, inserts, updates, deletes so far."""

    database: int
    xid: int
    tables: dict[str, tuple[int, int, int, int]]

    def to_dict(self) -> dict[str, Any]:
        """As the manifest keeps them."""
        return asdict(self)

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Marks | None:
        """What `to_dict` or the query gave; None when the snapshot has none (its method cannot know them)."""
        if not value:
            return None
        read = Fields(value, "The watermark of the snapshot")
        tables = {}
        for table, numbers in read.mapping("tables").items():
            if isinstance(numbers, (list, tuple)) and len(numbers) == 4 and all(is_a(number, int) for number in numbers):
                tables[table] = (numbers[0], numbers[1], numbers[2], numbers[3])
            else:
                read.wrong(f"tables.{table} must be four whole numbers")
        marks = cls(read.scalar("database", int), read.scalar("xid", int), tables)
        read.finish()
        return marks
