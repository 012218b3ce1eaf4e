# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.soak import STOPPED
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.changes import UnreachableError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.rollout_wait import read_state
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run import soaking
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord

from tests.unit.doubles.stage import Stage


@pytest.fixture
def soaking_stage(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(soaking, "time", stage.clock)
    stage.controller.settle(stage.cluster.objects["Deployment", "ampora-web"])
    stage.run("journal", state="opened")
    return stage


def test_it_waits_as_long_as_asked_for_and_says_how_long_is_left(soaking_stage: Stage) -> None:
    result = soaking_stage.run("soak", seconds=120)
    assert (result["changed"], result["start"], result["end"]) == (False, "2026-11-22T21:40:00+00:00", "2026-11-22T21:42:00+00:00")
    assert soaking_stage.clock.seconds == 120
    assert soaking_stage.journals() == [("upgrade", None, [("soak", "ended")])]
    assert soaking_stage.said()[1:4] == [
        "soak: soaking until 2026-11-22T21:42:00+00:00",
        "soak: soaking, 2 min left: 3 of 3 pods available",
        "soak: soaking, 1 min left: 3 of 3 pods available",
    ]


def test_a_soak_that_was_stopped_goes_on_with_the_time_that_is_left(soaking_stage: Stage) -> None:
    soaking_stage.point.stop_at = 4
    stopped = soaking_stage.run("soak", seconds=120)
    assert stopped["msg"].startswith(STOPPED[0])
    soaking_stage.point.stop_at = -1
    result = soaking_stage.run("soak", seconds=120)
    assert (result["end"], soaking_stage.clock.seconds) == ("2026-11-22T21:42:00+00:00", 120)
    assert soaking_stage.journals() == [("upgrade", None, [("soak", "failed"), ("soak", "ended")])]
    again = RunRecord(soaking_stage.cluster, {}).journals()[0].steps[0]
    assert again.result["end"] == "2026-11-22T21:42:00+00:00", "a report in the middle says until when"


def test_pods_that_do_not_come_back_end_it_with_their_words(soaking_stage: Stage) -> None:
    def break_it(number: int) -> None:
        if number == 3:
            status = soaking_stage.cluster.objects["Deployment", "ampora-web"]["status"]
            status.update(availableReplicas=1, readyReplicas=1, unavailableReplicas=2)

    soaking_stage.point.at_pause = break_it
    result = soaking_stage.run("soak", seconds=3600)
    assert result["msg"].startswith("While ampora-web soaked it was not whole for 60 s: 1 of 3 pods available.")
    assert "rollback.yml" in result["next_step"]
    assert result["evidence"]
    assert soaking_stage.clock.seconds == 80
    assert soaking_stage.journals() == [("upgrade", None, [("soak", "failed")])]


def test_a_pod_that_is_moved_and_an_api_server_that_restarts_do_not_end_it(soaking_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    status = soaking_stage.cluster.objects["Deployment", "ampora-web"]["status"]

    def unsteady(cluster: Any, **more: Any) -> Any:
        if 20 <= soaking_stage.clock.seconds < 200:
            raise UnreachableError("Kubernetes does not answer.")
        return read_state(cluster, **more)

    def move(number: int) -> None:
        status["availableReplicas"] = 2 if 22 <= number <= 26 else 3

    monkeypatch.setattr(soaking, "read_state", unsteady)
    soaking_stage.point.at_pause = move
    assert soaking_stage.run("soak", seconds=400)["changed"] is False
    assert any("the API server does not answer" in line for line in soaking_stage.said())


def test_check_mode(soaking_stage: Stage) -> None:
    assert soaking_stage.run("soak", check=True, seconds=60) == {"changed": False, "start": "", "end": ""}
    assert soaking_stage.said()[-1] == "soak: would let the new version run for 60 s before it is accepted"
