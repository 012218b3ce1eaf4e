# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restore would lose: told by the watermark of the snapshot and by counting, for every table.

A table is as the snapshot has it when no row of it was written since (by its transaction) *and* as many old rows are left
as the snapshot counted: then nothing was inserted, updated or deleted. What a migration wrote is no loss, as going back
undoes it; but it may cover what was written just before it, so there the statistics' counters must not have moved either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.marks import Marks

LONGEST_DISTANCE = 2**31  # transactions; a row's own number has 32 bits, so beyond this it may mean another one


@dataclass(frozen=True)
class TableNow:
    """A table of the live database: all rows, those written since, those that a migration wrote; and its counters."""

    oid: int
    rows: int
    written: int
    migrated: int
    counters: tuple[int, int, int] | None = None  # inserts, updates, deletes


@dataclass(frozen=True)
class DatabaseNow:
    """The live database, read in one transaction; `xid` is its next one, `history` the tables of the migration history."""

    database: int
    xid: int
    tables: dict[str, TableNow]  # all others
    history: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Subjects:
    """Which tables mean what; a name with or without its schema, and empty where the application has no such table."""

    audit: str = ""
    agents: str = ""
    volatile: tuple[str, ...] = ()  # what running agents write by themselves, and would write again

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Subjects:
        """From the option `data`."""
        return cls(options["audit_table"], options["agents_table"], tuple(options["volatile_tables"]))


@dataclass(frozen=True)
class TableLoss:
    """`written` rows are new or changed, `gone` ones of the snapshot are changed or deleted, `covered` may be under a migration's."""

    before: int
    now: int
    written: int
    gone: int
    covered: int = 0

    @property
    def rows(self) -> int:
        """How many rows differ; an update is both written and gone and counts once."""
        return max(self.written, self.gone) + self.covered

    def words(self) -> str:
        parts = [f"{self.written} rows written"] if self.written else []
        if self.gone:
            parts.append(f"{self.gone} of the snapshot's rows changed or deleted")
        if self.covered:
            parts.append(f"up to {self.covered} more under what a migration wrote")
        return ", ".join(parts)


@dataclass(frozen=True)
class Loss:
    """What a restore would lose now; `unproven` says why something else may have been written as well."""

    minutes: int
    tables: dict[str, TableLoss] = field(default_factory=dict)  # only those that differ, without the volatile ones
    volatile: dict[str, int] = field(default_factory=dict)  # rows that agents have written
    since: int = 0  # rows of this transaction and of later ones are not in the snapshot; 0 when that cannot be told
    audit_rows: int = 0
    agents: int = 0
    unproven: tuple[str, ...] = ()

    @property
    def lossless(self) -> bool:
        """Proven by watermark and counts: nothing that a person or an agent's enrolment wrote would be lost."""
        return not self.tables and not self.agents and not self.unproven

    @property
    def writes(self) -> int | None:
        """How many rows at most; 0 is proven, None is not known."""
        if self.lossless:
            return 0
        return sum(self.rows.values()) + self.agents or None

    @property
    def rows(self) -> dict[str, int]:
        """How many rows differ, by table."""
        return {table: loss.rows for table, loss in sorted(self.tables.items())}

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON for results, the journal and the report."""
        return {
            "lossless": self.lossless,
            "minutes": self.minutes,
            "rows": self.rows,
            "tables": {table: asdict(loss) for table, loss in sorted(self.tables.items())},
            "audit_rows": self.audit_rows,
            "agents": self.agents,
            "volatile": dict(sorted(self.volatile.items())),
            "unproven": list(self.unproven),
        }

    def words(self) -> str:
        """One sentence's worth for a person who has to agree."""
        if self.lossless:
            return "nothing: no row was written since, by watermark and counts"
        lost = [f"{table}: {loss.words()}" for table, loss in sorted(self.tables.items())]
        if self.audit_rows:
            lost.append(f"{self.audit_rows} audit rows among them")
        if self.agents:
            lost.append(f"{self.agents} agents enrolled")
        lost += [f"not known: {reason}" for reason in self.unproven]
        return f"{self.minutes} minutes of writes ({'; '.join(lost)})"


def compute(rows: Mapping[str, int], marks: Marks | None, now: DatabaseNow, subjects: Subjects, minutes: int) -> Loss:
    """The loss since the snapshot that counted `rows` and has these `marks`."""
    if marks is None:
        return Loss(minutes, unproven=("the snapshot has no watermark to compare with",))
    if reason := _incomparable(marks, now):
        return Loss(minutes, unproven=(reason,))
    names = {numbers[0]: name for name, numbers in marks.tables.items()}
    found = {name: _table(rows, marks, names.get(table.oid, ""), table) for name, table in now.tables.items()}
    volatile = {name for name in found if _is_one_of(name, subjects.volatile)}
    audit = next((name for name in found if _is_one_of(name, (subjects.audit,))), "")
    agents = next((name for name in found if _is_one_of(name, (subjects.agents,))), "")
    return Loss(
        minutes=minutes,
        tables={name: loss for name, loss in found.items() if loss.rows and name not in volatile},
        volatile={name: found[name].rows for name in volatile if found[name].rows},
        since=marks.xid,
        audit_rows=found[audit].written + found[audit].covered if audit else 0,
        agents=max(0, found[agents].now - found[agents].before) if agents in volatile else 0,
        unproven=tuple(_unproven(rows, marks, now, volatile)),
    )


def _incomparable(marks: Marks, now: DatabaseNow) -> str:
    if marks.database != now.database:
        return "the live database is another one than the snapshot was taken of"
    if now.xid < marks.xid:
        return "the live database is older than the snapshot"
    if now.xid - marks.xid >= LONGEST_DISTANCE:
        return "more than two billion transactions lie between"
    return ""


def _table(rows: Mapping[str, int], marks: Marks, name: str, now: TableNow) -> TableLoss:
    """`name` is what the snapshot calls the table; empty for one that it does not have."""
    before = rows.get(name, 0)
    if not now.migrated:
        return TableLoss(before, now.rows, now.written, max(0, before - (now.rows - now.written)))
    moved = _moved(marks, name, now) or 0
    return TableLoss(before, now.rows, now.written, 0, max(0, moved - now.written) if name else 0)


def _moved(marks: Marks, name: str, now: TableNow) -> int | None:
    """By how much the counters of a table have grown; None when they were reset or are not there."""
    if name not in marks.tables or now.counters is None:
        return None
    grown = [new - old for new, old in zip(now.counters, marks.tables[name][1:], strict=True)]
    return None if min(grown) < 0 else sum(grown)


def _unproven(rows: Mapping[str, int], marks: Marks, now: DatabaseNow, volatile: set[str]) -> list[str]:
    names = {numbers[0]: name for name, numbers in marks.tables.items()}
    here = {names.get(table.oid, "") for table in now.tables.values()}
    dropped = [f"the table {name} is no longer there" for name in sorted(rows) if name not in here | now.history]
    reset = [
        f"a migration wrote {name} anew, and the statistics of that table were reset"
        for name, table in sorted(now.tables.items())
        if table.migrated and table.oid in names and name not in volatile and _moved(marks, names[table.oid], table) is None
    ]
    return dropped + reset


def _is_one_of(table: str, names: Sequence[str]) -> bool:
    return any(name and (table == name or table.endswith(f".{name}")) for name in names)
