# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the comparison of two migration histories."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import SchemaChange, applied
from hypothesis import given
from hypothesis import strategies as st

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
        (None, ["a"], SchemaChange("unknown")),
        (["a"], None, SchemaChange("unknown")),
        (None, None, SchemaChange("unknown")),
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
