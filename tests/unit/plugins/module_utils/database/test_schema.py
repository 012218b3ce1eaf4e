# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the comparison of two migration histories."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import History, SchemaChange, applied, compare
from hypothesis import given
from hypothesis import strategies as st

NOT_RECORDED = SchemaChange("unknown", words="which migrations were applied before is not recorded")
IDS = st.lists(st.sampled_from(["20260101_Init", "20260201_Tenants", "20260301_Jsonb"]))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["a"], ["a"], SchemaChange("unchanged")),
        ([], [], SchemaChange("unchanged")),
        (["a", "b"], ["b", "a"], SchemaChange("unchanged")),
        (["a"], ["a", "b", "c"], SchemaChange("migrated", added=("b", "c"))),
        (["a", "b"], ["a"], SchemaChange("migrated", removed=("b",))),
        (["a"], ["b"], SchemaChange("migrated", added=("b",), removed=("a",))),
        (None, ["a"], NOT_RECORDED),
        (["a"], None, SchemaChange("unknown")),
        (None, None, NOT_RECORDED),
    ],
)
def test_applied(before: list[str] | None, after: list[str] | None, expected: SchemaChange) -> None:
    assert applied(before, after) == expected


@given(IDS, IDS)
def test_the_difference_leads_from_before_to_after(before: list[str], after: list[str]) -> None:
    change = applied(before, after)
    assert (set(before) | set(change.added)) - set(change.removed) == set(after)
    assert (change.state == "unchanged") == (set(before) == set(after))
    assert applied(before=after, after=before) == SchemaChange(change.state, change.removed, change.added)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (["a"], History("read", ("a",)), SchemaChange("unchanged")),
        (["a"], History("read", ("a", "b")), SchemaChange("migrated", ("b",))),
        (["a"], History("running", ("a",), "pid 7"), SchemaChange("running", words="pid 7")),
        (None, History("running", (), "pid 7"), SchemaChange("running", words="pid 7")),
        (["a"], History("unreadable", (), "permission denied"), SchemaChange("unknown", words="permission denied")),
        (None, History("read", ("a",)), NOT_RECORDED),
    ],
)
def test_a_reading_is_compared(before: list[str] | None, now: History, expected: SchemaChange) -> None:
    assert compare(before, now) == expected
