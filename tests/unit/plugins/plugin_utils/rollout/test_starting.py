# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout import rollout_wait
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
