# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.filter.schema_change import FilterModule

schema_change = FilterModule().filters()["schema_change"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["1"], ["1"], {"state": "unchanged", "added": [], "removed": []}),
        (["1"], ["1", "2"], {"state": "migrated", "added": ["2"], "removed": []}),
        (["1", "2"], ["1"], {"state": "migrated", "added": [], "removed": ["2"]}),
        (None, ["1"], {"state": "unknown", "added": [], "removed": []}),
        (["1"], None, {"state": "unknown", "added": [], "removed": []}),
    ],
)
def test_plain_results(before: Any, after: Any, expected: dict[str, Any]) -> None:
    assert schema_change(before, after) == expected


@pytest.mark.parametrize(("before", "after", "which"), [("12", ["1"], "its input"), (["1"], {"1": 2}, "after"), (["1"], [1], "after")])
def test_refuses(before: Any, after: Any, which: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"schema_change: {which} must be a list of migration ids"):
        schema_change(before, after)
