# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from typing import Any, cast

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Object
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import MigrationRunningError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout import migration_watch, rollout_wait
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.changes import UnreachableError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.migration_watch import MigrationWatch
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.rollout_wait import (
    Lookout,
    read_state,
    wait_for_rollout,
    wait_until_gone,
)
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import StoppedError

from tests.unit.doubles.clock import Clock, Point
from tests.unit.doubles.kubernetes import pod
from tests.unit.doubles.scene import deployment

CRASHING = {
    "containerStatuses": [
        {"name": "ampora-web", "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}},
        {"name": "sidecar", "restartCount": 9, "state": {"running": {}}},
    ]
}


class World:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cluster = deployment()
        self.clock = Clock()
        self.point = Point(self.clock)
        self.said: list[str] = []
        monkeypatch.setattr(rollout_wait, "time", self.clock)

    @property
    def status(self) -> Object:
        return dict(self.cluster.objects["Deployment", "ampora-web"]["status"])

    @status.setter
    def status(self, value: Object) -> None:
        self.cluster.objects["Deployment", "ampora-web"]["status"] = value

    def wait(self, timeout: int = 10, lookout: Lookout | None = None) -> Object:
        return wait_for_rollout(self.cluster, timeout, self.point, self.said.append, lookout)

    def fails(self) -> UpgradeError:
        with pytest.raises(UpgradeError) as error:
            self.wait()
        assert self.cluster.writes == []
        return error.value


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_complete_must_be_seen_twice(world: World) -> None:
    replicas = {"desired": 3, "updated": 3, "ready": 3, "available": 3, "total": 3, "old": 0}
    assert world.wait() == {"seconds": 1.0, "replicas": replicas}
    assert world.said == ["3 of 3 pods updated, 3 available, 0 old (all 3 pods run the new version)"] * 2


def test_a_chance_fit_between_two_writes_is_not_the_end(world: World) -> None:
    complete = world.status

    def go_on(number: int) -> None:
        world.status = {**complete, "updatedReplicas": 1} if number == 1 else complete

    world.point.at_pause = go_on
    assert world.wait()["seconds"] == 3.0
    assert world.said[1] == "1 of 3 pods updated, 3 available, 0 old (1 of 3 pods are of the new version)"


def test_a_rollout_that_is_too_slow(world: World) -> None:
    world.status = {**world.status, "availableReplicas": 2}
    error = world.fails()
    assert error.message == (
        "The rollout of ampora-web is not complete after 10 s (ampora_rollout_timeout): 2 of 3 pods of the new version are available"
    )
    assert error.next_step == "Look at the pods, then run the same command again or go back with rollback.yml."
    assert world.point.pauses == [1.0] * 10


def test_a_stuck_rollout_stops_at_once_with_the_pods_own_words(world: World) -> None:
    world.cluster.add("Pod", pod("0", status=CRASHING))
    world.cluster.logs["ampora-web-7c9b-0", "ampora-web before"] = "".join(f"line {number}\n" for number in range(9))
    world.cluster.add(
        "Event",
        {
            "metadata": {"name": "e"},
            "type": "Warning",
            "involvedObject": {"name": "ampora-web-7c9b-0"},
            "reason": "BackOff",
            "message": "restarting",
        },
    )
    error = world.fails()
    assert error.message == (
        "The rollout of ampora-web is stuck: CrashLoopBackOff: pod ampora-web-7c9b-0 of the new version cannot start: CrashLoopBackOff"
    )
    assert error.next_step == "Mend the cause, or go back with rollback.yml."
    assert error.evidence == (
        "ampora-web-7c9b-0: ampora-web: CrashLoopBackOff: back-off",
        "ampora-web-7c9b-0: BackOff: restarting",
        *(f"ampora-web-7c9b-0: line {number}" for number in range(4, 9)),
    )
    assert world.point.pauses == []


def test_events_are_asked_for_only_when_something_is_wrong(world: World) -> None:
    world.cluster.failures["list Event"] = UpgradeError("The events cannot be read.")
    assert read_state(world.cluster)[0].state == "complete"
    world.cluster.add("Pod", pod("0", status=CRASHING))
    with pytest.raises(UpgradeError, match=r"^The events cannot be read\.$"):
        read_state(world.cluster)


UNREADY = {
    "phase": "Running",
    "conditions": [{"type": "Ready", "status": "False"}],
    "containerStatuses": [{"name": "ampora-web", "restartCount": 0, "state": {"running": {}}}],
}
REFUSED = {
    "metadata": {"name": "e"},
    "type": "Warning",
    "involvedObject": {"name": "ampora-web-7c9b-0"},
    "reason": "Unhealthy",
    "message": "Readiness probe failed: HTTP probe failed with statuscode: 503",
}


def unready(world: World) -> None:
    world.status = {**world.status, "availableReplicas": 2}
    world.cluster.add("Pod", pod("0", status=UNREADY))
    world.cluster.add("Event", REFUSED)


def test_a_pod_that_never_gets_ready_is_given_up_with_the_probes_words(world: World) -> None:
    unready(world)
    with pytest.raises(UpgradeError) as error:
        world.wait(60, Lookout(ready_timeout=20))
    assert world.clock.seconds == 20.0
    assert error.value.message == (
        "The rollout of ampora-web is stuck: NotReady: pod ampora-web-7c9b-0 of the new version runs and has not become ready in 20 s"
        " (ampora_ready_timeout)"
    )
    assert error.value.evidence == ("ampora-web-7c9b-0: Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503",)


def test_the_time_out_has_the_probes_words_too(world: World) -> None:
    unready(world)
    assert world.fails().evidence == ("ampora-web-7c9b-0: Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503",)


def test_a_rollout_that_moves_is_not_given_up(world: World) -> None:
    """Each pod may take its time: only standing still counts."""
    unready(world)
    complete = {**world.status, "availableReplicas": 3}

    def go_on(number: int) -> None:
        world.status = {**world.status, "readyReplicas": number // 15}
        if number == 50:
            world.cluster.add("Pod", pod("0"))
            world.status = complete

    world.point.at_pause = go_on
    assert world.wait(100, Lookout(ready_timeout=20))["seconds"] == 51.0


class Migrating:
    """A database whose migration runs until `ends`."""

    def __init__(self, world: World, ends: float) -> None:
        self._world, self._ends = world, ends

    def migrations(self) -> list[str]:
        if self._world.clock.seconds < self._ends:
            raise MigrationRunningError("A table is locked.")
        return ["1", "2"]

    def advisory_locks(self) -> list[object]:
        return []


def migration(world: World, monkeypatch: pytest.MonkeyPatch, ends: float, expected: int = 0) -> MigrationWatch:
    monkeypatch.setattr(migration_watch, "time", world.clock)
    world.cluster.logs["ampora-web-7c9b-0", "ampora-web"] = "x\nMicrosoft.EntityFrameworkCore.Migrations.M: Applying migration '2'.\n"
    return MigrationWatch(world.cluster, cast(Any, Migrating(world, ends)), re.compile("Applying"), ["1"], expected)


def test_a_migration_is_waited_for_and_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither patience nor the Deployment's own deadline counts while it runs; what the notes expect is added to the time-out."""
    unready(world)
    complete = {**world.status, "availableReplicas": 3}
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "has timed out progressing"}

    def go_on(number: int) -> None:
        if number == 10:
            world.status = {**world.status, "conditions": [late]}
        if number == 60:
            world.cluster.add("Pod", pod("0"))
            world.status = complete

    world.point.at_pause = go_on
    lookout = Lookout(migration=migration(world, monkeypatch, 60.0, expected=50), ready_timeout=20)
    assert world.wait(20, lookout)["seconds"] == 61.0
    assert any(
        line.endswith("a migration runs, 20 s of 50 s expected; Microsoft.EntityFrameworkCore.Migrations.M: Applying migration '2'.")
        for line in world.said
    )
    assert any("longer than the 50 s of the release notes" in line for line in world.said)


def test_a_deadline_counts_once_the_migration_has_ended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unready(world)
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "has timed out progressing"}
    world.status = {**world.status, "conditions": [late]}
    with pytest.raises(UpgradeError, match="is stuck: ProgressDeadlineExceeded"):
        world.wait(60, Lookout(migration=migration(world, monkeypatch, 30.0)))
    assert 30.0 <= world.clock.seconds <= 34.0


def test_an_api_server_that_is_away_for_a_while(world: World) -> None:
    away = UnreachableError("The Kubernetes API at https://x does not answer (MaxRetryError) while this was asked: get Deployment.")
    complete = world.status

    def go_on(number: int) -> None:
        if number == 2:
            world.cluster.failures["get Deployment"] = away
        if number == 6:
            del world.cluster.failures["get Deployment"]
            world.status = complete

    world.status = {**complete, "availableReplicas": 2}
    world.point.at_pause = go_on
    assert world.wait(20)["seconds"] == 7.0
    assert f"waiting for the API server: {away.message}" in world.said


def test_a_stop_is_seen_while_waiting(world: World) -> None:
    world.status = {**world.status, "availableReplicas": 2}
    world.point.stop_at = 2
    assert isinstance(world.fails(), StoppedError)


def test_waiting_until_all_pods_are_gone(world: World) -> None:
    def end(number: int) -> None:
        del world.cluster.objects["Pod", f"ampora-web-7c9b-{number - 1}"]

    world.point.at_pause = end
    wait_until_gone(world.cluster, 10, world.point, world.said.append)
    assert world.said == ["3 pods are stopping", "2 pods are stopping", "1 pods are stopping"]


def test_pods_that_do_not_go(world: World) -> None:
    with pytest.raises(UpgradeError) as error:
        wait_until_gone(world.cluster, 3, world.point, world.said.append)
    assert str(error.value) == "Pods of ampora-web are still there after 3 s. Next: Look at the pods, then run this again."
