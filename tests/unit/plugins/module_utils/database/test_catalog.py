# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.database.catalog import (
    Change,
    Difference,
    changes,
    differences,
    sequences_behind,
)
from hypothesis import given
from hypothesis import strategies as st

READINGS = st.dictionaries(st.sampled_from(["table a", "table b", "owner", "comment"]), st.sampled_from(["x", "y"]))


@given(READINGS, READINGS)
def test_two_readings_are_equal_or_their_difference_is_named(before: dict[str, str], after: dict[str, str]) -> None:
    found = differences(before, after)
    assert (found == []) == (before == after)
    mended = dict(after)
    for item in found:
        mended.pop(item.fact, None)
        if item.before is not None:
            mended[item.fact] = item.before
    assert mended == before


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [("x", None, "owner is missing"), (None, "x", "owner is new"), ("x", "y", "owner is y and was x")],
)
def test_a_difference_in_words(before: str | None, after: str | None, words: str) -> None:
    assert str(Difference("owner", before, after)) == words


@pytest.mark.parametrize(
    ("difference", "made"),
    [
        (Difference("comment", "ours", None), [Change("comment", value="ours")]),
        (Difference("connection limit", "5", "-1"), [Change("connection limit", value="5")]),
        (Difference("grant CONNECT to read only", "granted", None), [Change("grant", "CONNECT", "read only", "granted")]),
        (Difference("grant CONNECT to PUBLIC", None, "granted"), [Change("revoke", "CONNECT", "PUBLIC")]),
        (
            Difference("grant CREATE to eve", "with grant option", "granted"),
            [Change("revoke", "CREATE", "eve"), Change("grant", "CREATE", "eve", "with grant option")],
        ),
        (Difference("setting row_security", "off", None), [Change("setting", "row_security", "", "off")]),
        (Difference("setting work_mem of read only", None, "4MB"), [Change("setting", "work_mem", "read only")]),
    ],
)
def test_what_can_be_made_as_it_was(difference: Difference, made: list[Change]) -> None:
    assert changes([difference]) == (made, [])


@pytest.mark.parametrize("fact", ["owner", "encoding", "collation", "locale provider", "tablespace"])
def test_what_only_a_new_database_has(fact: str) -> None:
    difference = Difference(fact, "x", "y")
    assert changes([difference]) == ([], [difference])


def test_a_sequence_never_goes_back() -> None:
    assert sequences_behind({"a": 5, "b": 7, "c": 1}, {"a": 5, "b": 9, "d": 1}) == ["sequence c stands at nothing and was at 1"]
    assert sequences_behind({"a": 5}, {"a": 4}) == ["sequence a stands at 4 and was at 5"]
