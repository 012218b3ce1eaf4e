# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import StoppedError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot import jobs
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.jobs import Jobs

from tests.unit.doubles.clock import Clock, Point
from tests.unit.doubles.kubelet import End, Kubelet
from tests.unit.doubles.kubernetes import Kubernetes

JOB: dict[str, Any] = {
    "kind": "Job",
    "metadata": {"name": "j"},
    "spec": {"template": {"spec": {"initContainers": [{"name": "take"}], "containers": [{"name": "prove"}]}}},
}


class World:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cluster = Kubernetes()
        self.kubelet = Kubelet(self.cluster)
        self.clock = Clock()
        self.point = Point(self.clock)
        self.said: list[str] = []
        monkeypatch.setattr(jobs, "time", self.clock)
        self.jobs = Jobs(self.cluster, self.point, self.said.append)

    def fails(self, timeout: int = 60) -> UpgradeError:
        with pytest.raises(UpgradeError) as error:
            self.jobs.run(JOB, timeout)
        assert self.cluster.get("Job", "j") is None, "a Job is cleaned up however it ends"
        return error.value


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_a_job_gives_its_logs_and_is_removed(world: World) -> None:
    world.kubelet.ends["take"] = End(logs={"take": "facts\n", "prove": "files\n"})
    assert world.jobs.run(JOB, 60) == {"take": "facts\n", "prove": "files\n"}
    assert world.cluster.writes == ["create Job j", "delete Job j"]


def test_a_failed_job_speaks_for_itself(world: World) -> None:
    log = "\n".join(f"line {number}" for number in range(12)) + "\n\nno space left\n\n"
    world.kubelet.ends["take"] = End("Failed", {"take": log})
    error = world.fails()
    assert error.message == "The Job j failed: no space left"
    assert error.evidence == (*(f"line {number}" for number in range(5, 12)), "no space left")


def test_a_failed_job_without_a_word(world: World) -> None:
    world.kubelet.ends["take"] = End("Failed", message="Job has reached the specified backoff limit")
    error = world.fails()
    assert (error.message, error.evidence) == ("The Job j failed: Job j failed: Job has reached the specified backoff limit", ())


def test_a_job_that_does_not_end(world: World) -> None:
    world.kubelet.ends["take"] = End("")
    error = world.fails(timeout=25)
    assert str(error) == "The Job j did not end within 25 s. Next: Raise its time-out, or look at its pod."
    assert list(dict.fromkeys(world.said)) == ["j: take runs, 0 s", "j: take runs, 10 s", "j: take runs, 20 s"]
    assert world.point.pauses == [1.0] * 25


def test_a_job_that_ends_while_we_wait(world: World) -> None:
    world.kubelet.ends["take"] = End("", waiting={"reason": "PodInitializing"})

    def complete(number: int) -> None:
        if number == 3:
            world.cluster.objects["Job", "j"]["status"] = {"conditions": [{"type": "Complete", "status": "True"}]}

    world.point.at_pause = complete
    assert world.jobs.run(JOB, 60) == {"take": "", "prove": ""}
    assert world.said == ["j: starting, 0 s"] * 3


@pytest.mark.parametrize("reason", ["ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"])
def test_a_pod_that_cannot_start(world: World, reason: str) -> None:
    world.kubelet.ends["take"] = End("", waiting={"reason": reason, "message": "no such image"})
    assert world.fails().message == f"The Job j cannot start: {reason}: no such image"
    assert world.point.pauses == []


@pytest.mark.parametrize("reason", ["ErrImagePull", "PodInitializing", "ContainerCreating"])
def test_a_pod_that_may_still_come_is_waited_for(world: World, reason: str) -> None:
    world.kubelet.ends["take"] = End("", waiting={"reason": reason, "message": "once more"})
    assert world.fails(timeout=3).message == "The Job j did not end within 3 s."


def test_a_pod_that_finds_no_place(world: World) -> None:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available"}
    world.kubelet.ends["take"] = End("", conditions=[condition])
    assert world.fails().message == "The Job j finds no place: 0/1 nodes are available"


def test_a_stop_removes_the_job(world: World) -> None:
    world.kubelet.ends["take"] = End("")
    world.point.stop_at = 2
    assert isinstance(world.fails(), StoppedError)
    assert world.cluster.writes == ["create Job j", "delete Job j"]


def test_an_earlier_job_is_forgotten_with_its_pods(world: World) -> None:
    """Pods outlive their Job for a while: the earlier one's words are not the later one's."""
    world.kubelet.leaves_pods = True
    world.kubelet.ends["take"] = End("", {"take": "old"}, waiting={"reason": "ImagePullBackOff"})
    world.fails()
    world.kubelet.ends["take"] = End(logs={"take": "new"})

    def collect(number: int) -> None:
        if number == 2:
            world.kubelet.remove_pods("j")

    world.point.at_pause = collect
    assert world.jobs.run(JOB, 60)["take"] == "new"
    assert world.point.pauses == [1.0, 1.0]


def test_an_earlier_job_that_is_slow_to_go(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.cluster.add("Job", JOB)
    monkeypatch.setattr(world.cluster, "delete", lambda *_unused: None)
    world.point.stop_at = 5
    with pytest.raises(StoppedError):
        world.jobs.run(JOB, 60)
    assert world.cluster.writes == [], "the new one is not created beside the old one"


def test_a_secret_lives_as_long_as_its_block(world: World) -> None:
    with world.jobs.secret("s", {"a": "b"}, {"password": "s3cret-pass", "x.sql": "é"}):
        found = world.cluster.get("Secret", "s")
        assert found is not None
        assert found["metadata"]["labels"] == {"a": "b"}
        assert {key: base64.b64decode(value).decode() for key, value in found["data"].items()} == {"password": "s3cret-pass", "x.sql": "é"}
    assert world.cluster.get("Secret", "s") is None


def test_a_secret_goes_when_its_block_fails_and_an_old_one_is_replaced(world: World) -> None:
    world.cluster.add("Secret", {"metadata": {"name": "s"}, "data": {"old": ""}})
    with pytest.raises(StoppedError), world.jobs.secret("s", {}, {}):
        raise StoppedError("Stopped by SIGTERM.")
    assert world.cluster.writes == ["delete Secret s", "create Secret s", "delete Secret s"]


def test_a_job_that_somebody_deletes(world: World) -> None:
    world.kubelet.ends["take"] = End("")
    world.point.at_pause = lambda number: world.cluster.delete("Job", "j") if number == 2 else None
    assert str(world.fails()) == "The Job j was deleted by somebody else while it ran. Next: Run the same command again."
