# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.differences import differences
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
