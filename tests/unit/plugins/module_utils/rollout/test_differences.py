# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.differences import differences, left_out
from hypothesis import given
from hypothesis import strategies as st

JSON = st.recursive(
    st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "x", "y"]), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ["a.b"]),
        ({"a": 1}, {"b": 1}, ["a", "b"]),
        ({"env": [{"name": "A", "value": "1"}]}, {"env": [{"name": "A", "value": "2"}]}, ["env[A].value"]),
        ({"env": [{"name": "A"}, {"name": "B"}]}, {"env": [{"name": "B"}, {"name": "A"}]}, ["env"]),
        ({"l": [1, 2]}, {"l": [1]}, ["l[1]"]),
        ({"l": [{"name": "A"}, {"name": "A", "v": 1}]}, {"l": [{"name": "A"}, {"name": "A", "v": 2}]}, ["l[1].v"]),
        ({"a": [1]}, {"a": "x"}, ["a"]),
    ],
)
def test_paths(before: Any, after: Any, paths: list[str]) -> None:
    assert list(differences(before, after)) == paths


@given(before=JSON, after=JSON)
def test_none_where_and_only_where_they_are_the_same(before: Any, after: Any) -> None:
    found = list(differences({"root": before}, {"root": after}))
    assert (found == []) == (before == after)
    assert all(path.startswith("root") for path in found)


@pytest.mark.parametrize(
    ("given_object", "kept", "paths"),
    [
        ({"a": 1}, {"a": 2, "b": 1}, []),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, ["a.c"]),
        ({"a": {"b": 1}}, {}, ["a"]),
        ({"a": None, "b": "", "c": [], "d": {}, "e": 0, "f": False}, {}, []),
        ({"env": [{"name": "A", "value": "1", "valu": "2"}]}, {"env": [{"name": "B"}, {"name": "A", "value": "3"}]}, ["env[A].valu"]),
        ({"l": ["x", "y"]}, {"l": ["x"]}, ["l[1]"]),
        ({"cpu": "1000m"}, {"cpu": 1}, []),
    ],
)
def test_what_is_left_out(given_object: Any, kept: Any, paths: list[str]) -> None:
    assert list(left_out(given_object, kept)) == paths


@given(one=JSON)
def test_nothing_is_left_out_of_the_same(one: Any) -> None:
    assert list(left_out(one, one)) == []


@given(one=JSON)
def test_a_field_that_is_gone_is_found_wherever_it_was(one: Any) -> None:
    assert list(left_out({"root": {"field": "x", "rest": one}}, {"root": {"rest": one}})) == ["root.field"]
