# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.filter.wayback_route import FilterModule

wayback_route = FilterModule().filters()["wayback_route"]
UNCHANGED = {"state": "unchanged", "added": [], "removed": []}
MIGRATED = {"state": "migrated", "added": ["2"], "removed": []}


def test_undo() -> None:
    assert wayback_route(UNCHANGED, "r1", previous_digest="sha256:a") == {
        "route": "undo",
        "reason": "The schema is unchanged, so the previous image runs on it as it is.",
        "lossless": True,
        "next_command": "ansible-playbook ampora.upgrades.rollback -e ampora_run_id=r1",
        "in_place": False,
        "done": False,
    }


@pytest.mark.parametrize(
    ("reasons", "writes", "route", "lossless"), [([], 0, "restore", True), ([], None, "restore", None), (["x"], 0, "none", None)]
)
def test_after_a_migration(reasons: list[str], writes: int | None, route: str, lossless: bool | None) -> None:
    found = wayback_route(MIGRATED, "r1", previous_digest="sha256:a", snapshot_proven=True, snapshot_reasons=reasons, writes_since=writes)
    assert (found["route"], found["lossless"]) == (route, lossless)


def test_by_default_nothing_is_known() -> None:
    assert wayback_route(UNCHANGED, "r1")["route"] == "none"
    assert wayback_route(MIGRATED, "r1", previous_digest="sha256:a")["route"] == "none"


@pytest.mark.parametrize(
    ("schema", "options", "problem"),
    [
        ("unchanged", {}, "it is not an object"),
        ({"state": "fine", "added": [], "removed": []}, {}, "state is 'fine' and must be one of unknown, unchanged, migrated"),
        ({"state": "unchanged"}, {}, "added is missing; removed is missing"),
        (UNCHANGED, {"snapshot_proven": "yes"}, "snapshot_proven must be a boolean"),
        (UNCHANGED, {"snapshot_reasons": "x"}, "snapshot_reasons must be a list"),
        (UNCHANGED, {"writes_since": True}, "writes_since must be a whole number"),
        (UNCHANGED, {"writes_since": "0"}, "writes_since must be a whole number"),
    ],
)
def test_refuses(schema: Any, options: dict[str, Any], problem: str) -> None:
    with pytest.raises(AnsibleFilterError, match=problem):
        wayback_route(schema, "r1", **options)
