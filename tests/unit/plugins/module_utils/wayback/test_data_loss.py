# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.marks import Marks
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.data_loss import (
    LONGEST_DISTANCE,
    DatabaseNow,
    Loss,
    Subjects,
    TableLoss,
    TableNow,
    compute,
)
from hypothesis import given
from hypothesis import strategies as st

ROWS = {"public.users": 10, "public.agents": 200, "public.audit_events": 50, "public.History": 4}
MARKS = Marks(
    5,
    900,
    {"public.users": (1, 10, 0, 0), "public.agents": (2, 200, 0, 0), "public.audit_events": (3, 50, 0, 0), "public.History": (4, 4, 0, 0)},
)
SUBJECTS = Subjects("audit_events", "public.agents", ("agents",))
TABLES = {
    "public.users": TableNow(1, 10, 0, 0, (10, 0, 0)),
    "public.agents": TableNow(2, 200, 0, 0, (200, 0, 0)),
    "public.audit_events": TableNow(3, 50, 0, 0, (50, 0, 0)),
}
NOW = DatabaseNow(5, 1000, TABLES, frozenset({"public.History"}))


def loss(tables: dict[str, TableNow] | None = None, **changes: Any) -> Loss:
    return compute(ROWS, MARKS, replace(NOW, tables={**TABLES, **(tables or {})}, **changes), SUBJECTS, 7)


def test_no_write_by_watermark_and_counts_is_lossless() -> None:
    found = loss()
    assert (found.lossless, found.writes, found.rows, found.since) == (True, 0, {}, 900)
    assert found.words() == "nothing: no row was written since, by watermark and counts"


CHANGED: dict[str, tuple[TableNow, TableLoss, str]] = {
    "inserts": (TableNow(1, 12, 2, 0, (12, 0, 0)), TableLoss(10, 12, 2, 0), "2 rows written"),
    "an update": (
        TableNow(1, 10, 1, 0, (10, 1, 0)),
        TableLoss(10, 10, 1, 1),
        "1 rows written, 1 of the snapshot's rows changed or deleted",
    ),
    "deletes": (TableNow(1, 7, 0, 0, (10, 0, 3)), TableLoss(10, 7, 0, 3), "3 of the snapshot's rows changed or deleted"),
    "as many in as out": (
        TableNow(1, 10, 4, 0, (14, 0, 4)),
        TableLoss(10, 10, 4, 4),
        "4 rows written, 4 of the snapshot's rows changed or deleted",
    ),
    "a write under a migration's": (
        TableNow(1, 10, 0, 10, (10, 1, 0)),
        TableLoss(10, 10, 0, 0, 1),
        "up to 1 more under what a migration wrote",
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_changed_in_a_table(name: str) -> None:
    now, expected, words = CHANGED[name]
    found = loss({"public.users": now})
    assert found.tables == {"public.users": expected}
    assert not found.lossless
    assert found.words() == f"7 minutes of writes (public.users: {words})"


def test_what_only_a_migration_wrote_is_no_loss() -> None:
    assert loss({"public.users": TableNow(1, 10, 0, 10, (10, 0, 0))}).lossless
    assert loss({"public.new": TableNow(9, 3, 0, 3, (3, 0, 0))}).lossless


def test_a_table_that_came_since_counts_what_people_wrote_to_it() -> None:
    assert loss({"public.new": TableNow(9, 3, 1, 2, (3, 0, 0))}).rows == {"public.new": 1}


def test_a_renamed_table_is_known_by_its_oid() -> None:
    tables = {name: table for name, table in TABLES.items() if name != "public.users"}
    now = replace(NOW, tables={**tables, "public.people": replace(TABLES["public.users"], rows=11, written=1)})
    found = compute(ROWS, replace(MARKS), now, SUBJECTS, 7)
    assert found.unproven == ()
    assert found.rows == {"public.people": 1}


def test_volatile_tables_are_told_and_are_no_loss_but_enrolments_are() -> None:
    heartbeats = loss({"public.agents": TableNow(2, 200, 150, 0, (200, 150, 0))})
    assert (heartbeats.lossless, heartbeats.volatile) == (True, {"public.agents": 150})
    enrolled = loss({"public.agents": TableNow(2, 203, 153, 0, (203, 150, 0))})
    assert (enrolled.lossless, enrolled.agents, enrolled.writes) == (False, 3, 3)
    assert enrolled.words() == "7 minutes of writes (3 agents enrolled)"


def test_audit_rows_are_counted() -> None:
    found = loss({"public.audit_events": TableNow(3, 55, 5, 0, (55, 0, 0))})
    assert found.audit_rows == 5
    assert found.words() == "7 minutes of writes (public.audit_events: 5 rows written; 5 audit rows among them)"


UNPROVEN: dict[str, tuple[Marks | None, dict[str, Any], str]] = {
    "no marks": (None, {}, "the snapshot has no watermark to compare with"),
    "another database": (MARKS, {"database": 6}, "the live database is another one than the snapshot was taken of"),
    "an older database": (MARKS, {"xid": 899}, "the live database is older than the snapshot"),
    "too far": (MARKS, {"xid": 900 + LONGEST_DISTANCE}, "more than two billion transactions lie between"),
}


@pytest.mark.parametrize("name", UNPROVEN)
def test_what_cannot_be_compared_is_never_lossless(name: str) -> None:
    marks, changes, reason = UNPROVEN[name]
    found = compute(ROWS, marks, replace(NOW, **changes), SUBJECTS, 7)
    assert (found.lossless, found.writes, found.unproven, found.since) == (False, None, (reason,), 0)
    assert found.words() == f"7 minutes of writes (not known: {reason})"


def test_a_table_that_is_gone_is_not_proven() -> None:
    tables = {name: table for name, table in TABLES.items() if name != "public.users"}
    found = compute(ROWS, MARKS, replace(NOW, tables=tables), SUBJECTS, 7)
    assert found.unproven == ("the table public.users is no longer there",)


@pytest.mark.parametrize("counters", [None, (0, 0, 0)])
def test_a_migrated_table_with_reset_statistics_is_not_proven(counters: tuple[int, int, int] | None) -> None:
    found = loss({"public.users": TableNow(1, 10, 0, 10, counters)})
    assert found.unproven == ("a migration wrote public.users anew, and the statistics of that table were reset",)


@given(
    inserted=st.integers(0, 50),
    updated=st.integers(0, 10),
    deleted=st.integers(0, 10),
)
def test_any_write_is_seen(inserted: int, updated: int, deleted: int) -> None:
    """Ten rows; updates and deletes are of different ones of them."""
    deleted = min(deleted, 10 - updated)
    now = TableNow(1, 10 + inserted - deleted, inserted + updated, 0, (10 + inserted, updated, deleted))
    found = loss({"public.users": now})
    assert found.lossless == (inserted + updated + deleted == 0)
    if not found.lossless:
        assert found.rows["public.users"] >= max(inserted + updated, updated + deleted)


def test_plain_json() -> None:
    found = loss({"public.users": TableNow(1, 12, 2, 0, (12, 0, 0))}).to_dict()
    assert found == {
        "lossless": False,
        "minutes": 7,
        "rows": {"public.users": 2},
        "tables": {"public.users": {"before": 10, "now": 12, "written": 2, "gone": 0, "covered": 0}},
        "audit_rows": 0,
        "agents": 0,
        "volatile": {},
        "unproven": [],
    }
