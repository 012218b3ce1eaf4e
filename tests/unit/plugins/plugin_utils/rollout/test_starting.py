# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout import rollout_wait, starting
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.image_patch import PutBack
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.rollout_wait import StuckError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.starting import start

from tests.unit.doubles.clock import Clock, Point
from tests.unit.doubles.controller import Controller
from tests.unit.doubles.scene import IMAGE, NEW_DIGEST, OLD_DIGEST, PREVIOUS, deployment

OLD, NEW = f"{IMAGE}@{OLD_DIGEST}", f"{IMAGE}@{NEW_DIGEST}"


@pytest.mark.parametrize(
    ("image", "replicas", "changed", "writes"),
    [
        (NEW, 3, True, ["patch Deployment ampora-web"]),
        (OLD, 3, False, []),
        (OLD, 0, True, ["patch Deployment/scale ampora-web"]),
        (NEW, 0, True, ["patch Deployment ampora-web", "patch Deployment/scale ampora-web"]),
    ],
)
def test_what_was_recorded_runs_again(monkeypatch: pytest.MonkeyPatch, image: str, replicas: int, changed: bool, writes: list[str]) -> None:
    cluster = deployment(image, replicas=replicas)
    Controller(cluster)
    clock = Clock()
    monkeypatch.setattr(rollout_wait, "time", clock)
    said: list[str] = []
    found = start(cluster, PREVIOUS, 30, Point(clock), said.append)
    assert cluster.writes == writes
    assert (found["changed"], found["version"], found["image"], found["replicas"]["available"]) == (changed, "1.4.2", OLD, 3)
    assert said[0].startswith(f"{OLD}: ")


@pytest.mark.parametrize(
    ("reason", "standing", "image"),
    [
        ("Unschedulable", True, f"{IMAGE}:1.4.2"),
        ("ReplicaFailure", True, f"{IMAGE}:1.4.2"),
        ("ImagePullBackOff", True, ""),
        ("Unschedulable", False, ""),
    ],
)
def test_where_no_pod_finds_room_the_old_ones_are_taken(monkeypatch: pytest.MonkeyPatch, reason: str, standing: bool, image: str) -> None:
    """And only there: anything else that sticks is told."""
    cluster = deployment(NEW)
    Controller(cluster)
    stuck = [StuckError(reason, "It is stuck.", next_step="", evidence=())]

    def wait(*_unused: Any) -> dict[str, Any]:
        if stuck:
            raise stuck.pop()
        return {"seconds": 1.0, "replicas": {"available": 3}}

    monkeypatch.setattr(starting, "wait_for_rollout", wait)
    back = PutBack(True, f"{IMAGE}:1.4.2", "4", "pods")
    monkeypatch.setattr(starting, "put_back_pods", lambda *_unused: back if standing else None)
    said: list[str] = []
    if image:
        found = start(cluster, PREVIOUS, 30, Point(Clock()), said.append)
        assert (found["image"], found["by"], found["revision"], said[-1]) == (image, "pods", "4", str(back))
    else:
        with pytest.raises(StuckError, match=r"^It is stuck\.$"):
            start(cluster, PREVIOUS, 30, Point(Clock()), said.append)
