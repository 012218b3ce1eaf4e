# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import Forecast
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import StoppedError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot import jobs
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods import volume_snapshot
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Tools
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.volume_snapshot import VolumeSnapshotMethod

from tests.unit.doubles.clock import Clock, Point
from tests.unit.doubles.database import PASSWORD, MemoryDatabase
from tests.unit.doubles.kubelet import End, Kubelet
from tests.unit.doubles.scene import RUN, deployment, manifest

NAME, PROOF = f"upgrade-snapshot-{RUN}", f"upgrade-proof-{RUN}"
FORECAST = Forecast(1_000, None, None, "a guess")
STATUS = {"readyToUse": True, "restoreSize": "16Mi", "creationTime": "2026-11-22T21:39:58Z"}
FACTS = {
    "server_version": 170004,
    "lsn": "0/16B3748",
    "taken_at": "2026-11-22T21:45:00Z",
    "size": 7_000_000,
    "seconds": 0.1,
    "migrations": ["1_first"],
    "rows": {"public.agents": 200},
}
SPEC = {"accessModes": ["ReadWriteOnce"], "storageClassName": "fast", "resources": {"requests": {"storage": "16Mi"}}}


class World:
    """A claim, a snapshot controller that is done at once, a driver that binds at once, and Jobs that end at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cluster = deployment()
        self.cluster.add("PersistentVolumeClaim", {"metadata": {"name": "data-pg-0"}, "spec": SPEC})
        self.status: dict[str, Any] = dict(STATUS)
        self.phase = "Bound"
        self.cluster.after["create VolumeSnapshot"] = lambda stored: stored.update(status=self.status)
        self.cluster.after["create PersistentVolumeClaim"] = lambda stored: stored.update(status={"phase": self.phase})
        self.kubelet = Kubelet(self.cluster)
        self.kubelet.ends["recover"] = End(logs={"recover": f"redo done\nampora-facts: {json.dumps(FACTS)}\n"})
        self.clock = Clock()
        self.point = Point(self.clock)
        for module in (jobs, volume_snapshot):
            monkeypatch.setattr(module, "time", self.clock)
        self.database = MemoryDatabase(self.cluster.writes)
        self.volume = {"claim": "data-pg-0", "namespace": "ampora-db", "class": "fast", "checkpoint": False}
        options = {"image": "postgres:{major}", "timeout": 90, "user": 26, "volume": self.volume}
        self.lines: list[str] = []
        tools = Tools(self.cluster, self.database, options, "SELECT id FROM h", self.point, self.lines.append)
        self.method = VolumeSnapshotMethod(tools)

    def left(self) -> list[str]:
        return [f"{kind} {name}" for kind, name in self.cluster.objects if name.startswith("upgrade-")]

    def taken(self) -> Manifest:
        found = self.method.take(RUN, FORECAST, [])
        return manifest(method="volume_snapshot", location=found.location, files={}, proof="restored", consistency="crash")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_a_snapshot(world: World) -> None:
    found = world.method.take(RUN, FORECAST, [])
    assert (found.proof, found.consistency, found.client_version, found.files, found.size) == ("restored", "crash", 0, {}, 16 * 1024**2)
    assert found.facts.rows == {"public.agents": 200}
    assert found.facts.watermark == {"lsn": "0/16B3748", "taken_at": "2026-11-22T21:39:58Z"}, "when the driver took it"
    assert found.location == {"namespace": "ampora-db", "claim": "data-pg-0", "volume_snapshot": NAME, "uid": f"uid-VolumeSnapshot-{NAME}"}
    assert world.method.place() == "a VolumeSnapshot of the claim ampora-db/data-pg-0"
    assert world.cluster.writes == [
        f"create VolumeSnapshot {NAME}",
        f"create PersistentVolumeClaim {PROOF}",
        f"create Secret {PROOF}",
        f"create Job {PROOF}",
        f"delete Job {PROOF}",
        f"delete Secret {PROOF}",
        f"delete PersistentVolumeClaim {PROOF}",
    ]
    pod = world.kubelet.jobs[0]["spec"]["template"]["spec"]
    assert (pod["containers"][0]["image"], pod["securityContext"]["runAsUser"]) == ("postgres:17", 26)
    assert PASSWORD not in json.dumps(world.cluster.bodies)


def test_a_checkpoint_comes_first(world: World) -> None:
    world.volume["checkpoint"] = True
    world.method.take(RUN, FORECAST, [])
    assert world.cluster.writes[0] == "checkpoint"


@pytest.mark.parametrize(
    ("status", "after", "words"),
    [
        ({"readyToUse": False}, 90, "not yet ready to use"),
        ({"error": {"message": "no such class"}}, 60, "no such class"),
    ],
)
def test_a_snapshot_that_is_not_ready(world: World, status: dict[str, Any], after: int, words: str) -> None:
    world.status = status
    with pytest.raises(UpgradeError) as error:
        world.method.take(RUN, FORECAST, [])
    assert error.value.message == f"The VolumeSnapshot ampora-db/{NAME} is not ready after {after} s: {words}."
    assert world.left() == []


def test_an_error_that_mends_itself_is_waited_for(world: World) -> None:
    world.status = {"error": {"message": "try again"}}
    world.point.at_pause = lambda number: world.cluster.objects["VolumeSnapshot", NAME].update(status=STATUS) if number == 40 else None
    assert world.method.take(RUN, FORECAST, []).proof == "restored"
    assert "try again, 30 s" in " ".join(world.lines)


def test_a_copy_that_cannot_be_made(world: World) -> None:
    world.phase = "Pending"
    event = {"type": "Warning", "reason": "ProvisioningFailed", "message": "no space"}
    world.cluster.add("Event", {"metadata": {"name": "e"}, "involvedObject.name": PROOF, **event})
    with pytest.raises(UpgradeError, match=f"The PersistentVolumeClaim ampora-db/{PROOF} is not ready after 60 s: no space"):
        world.method.take(RUN, FORECAST, [])
    assert world.left() == []


def test_a_server_that_does_not_start_leaves_nothing(world: World) -> None:
    words = "no server starts on the copy of the volume: PANIC:  could not locate a valid checkpoint record"
    world.kubelet.ends["recover"] = End("Failed", {"recover": words})
    with pytest.raises(UpgradeError, match="could not locate a valid checkpoint record"):
        world.method.take(RUN, FORECAST, [])
    assert world.left() == []


@pytest.mark.parametrize("kind", ["VolumeSnapshot", "PersistentVolumeClaim"])
def test_what_a_killed_run_has_left_is_waited_for(world: World, kind: str) -> None:
    name = NAME if kind == "VolumeSnapshot" else PROOF
    old = world.cluster.add(kind, {"metadata": {"name": name}})

    def comes_back(_unused: Any) -> None:
        world.cluster.objects[kind, name] = old

    world.cluster.after[f"delete {kind}"] = comes_back

    def finalizers_end(number: int) -> None:
        if number == 3:
            world.cluster.after.pop(f"delete {kind}")
            del world.cluster.objects[kind, name]

    world.point.at_pause = finalizers_end
    assert world.method.take(RUN, FORECAST, []).proof == "restored"


def test_a_stop_leaves_nothing(world: World) -> None:
    world.kubelet.ends["recover"] = End("")
    world.point.stop_at = 2
    with pytest.raises(StoppedError):
        world.method.take(RUN, FORECAST, [])
    assert world.left() == []


def test_a_claim_that_is_not_there(world: World) -> None:
    world.volume["claim"] = "other"
    with pytest.raises(
        UpgradeError, match=r"There is no PersistentVolumeClaim other in the namespace ampora-db \(ampora_snapshot_volume\)"
    ):
        world.method.take(RUN, FORECAST, [])
    world.volume["claim"] = ""
    with pytest.raises(UpgradeError, match="There is no PersistentVolumeClaim without a name"):
        world.method.take(RUN, FORECAST, [])


def test_a_restore_beside(world: World) -> None:
    taken = world.taken()
    world.volume["claim"] = world.volume["namespace"] = "the inputs of another day"
    made: list[str] = []
    world.method.restore_beside(taken, "r2", "ampora_restore_r2", lambda: made.append("made"))
    assert made == ["made"]
    env = {entry["name"]: entry.get("value") for entry in world.kubelet.jobs[-1]["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert (env["PGHOST"], env["PGUSER"], env["PGDATABASE"]) == ("pg.ampora-db", "ampora", "ampora_restore_r2")
    assert (env["AMPORA_DATABASE"], env["AMPORA_USER"]) == ("ampora", "ampora")
    secret = [body for what, body in world.cluster.bodies if what == "create Secret"][-1]
    assert base64.b64decode(secret["data"]["password"]).decode() == PASSWORD
    assert world.left() == [f"VolumeSnapshot {NAME}"]


def test_only_the_snapshot_of_the_manifest_is_restored(world: World) -> None:
    taken = world.taken()

    def create() -> None:
        raise AssertionError("nothing is made for it")

    world.cluster.objects["VolumeSnapshot", NAME]["metadata"]["uid"] = "another"
    with pytest.raises(UpgradeError, match="is not the one of the snapshot .*: it was made again since"):
        world.method.restore_beside(taken, "r2", "ampora_restore_r2", create)
    world.cluster.objects["VolumeSnapshot", NAME].update(metadata={"uid": taken.location["uid"]}, status={"readyToUse": False})
    with pytest.raises(UpgradeError, match="cannot be used: not yet ready to use"):
        world.method.restore_beside(taken, "r2", "ampora_restore_r2", create)
    world.method.remove(taken)
    world.method.remove(taken)
    with pytest.raises(UpgradeError, match=rf"The VolumeSnapshot ampora-db/{NAME} is gone\."):
        world.method.restore_beside(taken, "r2", "ampora_restore_r2", create)


def test_it_is_not_restored_in_place(world: World) -> None:
    with pytest.raises(UpgradeError, match="is restored beside the live database only"):
        world.method.restore_in_place(world.taken(), "r2")
