# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import DatabaseFacts
from ansible_collections.ampora.upgrades.plugins.plugin_utils import jobs
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot_methods import job as job_method
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot_methods.job import JobMethod
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot_methods.method import Taken, Tools

from tests.unit.doubles.clock import Clock, Point
from tests.unit.doubles.database import PASSWORD, MemoryDatabase
from tests.unit.doubles.kubelet import End, Kubelet
from tests.unit.doubles.scene import RUN, deployment, manifest

NAME = f"upgrade-snapshot-{RUN}"
OPTIONS = {"image": "postgres:{major}", "claim": "ampora-snapshots", "jobs": 2, "timeout": 60, "user": 999}
FACTS = {
    "server_version": 170004,
    "client_version": 170005,
    "lsn": "0/16B3748",
    "taken_at": "2026-11-22T21:40:00Z",
    "size": 7_000_000,
    "migrations": ["1_first"],
    "rows": {"public.agents": 200},
}
TAKEN = {"take": f"ampora-facts: {json.dumps(FACTS)}\n", "prove": f"ampora-file: {'b' * 64} 12 dump/toc.dat\nampora-count: 1\n"}


class World:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cluster = deployment()
        self.kubelet = Kubelet(self.cluster)
        self.kubelet.ends["take"] = End(logs=TAKEN)
        self.clock = Clock()
        self.point = Point(self.clock)
        for module in (jobs, job_method):
            monkeypatch.setattr(module, "time", self.clock)
        self.database = MemoryDatabase(self.cluster.writes)
        tools = Tools(self.cluster, self.database, OPTIONS, "SELECT id FROM h", self.point, lambda _unused: None)
        self.method = JobMethod(tools)

    def files(self, number: int = -1) -> dict[str, str]:
        """What was in the Secret of a Job, by default of the last one."""
        body = [body for what, body in self.cluster.bodies if what == "create Secret"][number]
        return {key: base64.b64decode(value).decode() for key, value in body["data"].items()}

    def nothing_is_left(self) -> bool:
        return not [kind for kind, name in self.cluster.objects if kind == "Job" or name.startswith("upgrade-")]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_a_snapshot(world: World) -> None:
    assert world.method.take(RUN) == Taken(
        facts=DatabaseFacts(170004, manifest().watermark, 7_000_000, ("1_first",), {"public.agents": 200}),
        location={"claim": "ampora-snapshots", "path": RUN},
        files=manifest().files,
        size=12,
        client_version=170005,
        seconds={"take": 0.0},
    )
    assert world.cluster.writes == [f"create Secret {NAME}", f"create Job {NAME}", f"delete Job {NAME}", f"delete Secret {NAME}"]


def test_the_job_of_a_snapshot(world: World) -> None:
    world.method.take(RUN)
    spec = world.kubelet.jobs[0]["spec"]["template"]["spec"]
    assert {entry["image"] for entry in [*spec["initContainers"], *spec["containers"]]} == {"postgres:17"}
    env = {entry["name"]: entry.get("value") for entry in spec["containers"][0]["env"]}
    assert (env["PGHOST"], env["PGPORT"], env["PGUSER"], env["PGDATABASE"]) == ("pg.ampora-db", "5432", "ampora", "ampora")
    assert (env["PGSSLMODE"], env["AMPORA_DIRECTORY"], env["AMPORA_JOBS"]) == ("require", f"/snapshots/{RUN}", "2")
    assert set(world.files()) == {"take.sql", "prove.sh", "password"}
    assert "SELECT id FROM h" in world.files()["take.sql"]


def test_the_password_is_in_the_secret_and_nowhere_else(world: World) -> None:
    world.method.take(RUN)
    assert world.files()["password"] == PASSWORD
    encoded = base64.b64encode(PASSWORD.encode()).decode()
    for what, body in world.cluster.bodies:
        assert PASSWORD not in json.dumps(body)
        assert (encoded in json.dumps(body)) is (what == "create Secret"), what


def test_a_failed_dump_leaves_nothing_behind(world: World) -> None:
    world.kubelet.ends["take"] = End("Failed", {"take": "pg_dump: error: could not write: No space left on device\n"})
    with pytest.raises(UpgradeError) as error:
        world.method.take(RUN)
    last = "pg_dump: error: could not write: No space left on device"
    assert error.value.message == f"The Job {NAME} failed: {last}"
    assert error.value.evidence == (last,)
    removal = world.kubelet.jobs[1]["spec"]["template"]["spec"]["containers"][0]
    assert removal["command"] == ["rm", "-rf", f"/snapshots/{RUN}"]
    assert world.nothing_is_left()


def test_a_clean_up_that_fails_too_does_not_hide_the_cause(world: World) -> None:
    world.kubelet.ends["take"] = End("", waiting={"reason": "ImagePullBackOff", "message": "no such image"})
    world.kubelet.ends["remove"] = world.kubelet.ends["take"]
    with pytest.raises(UpgradeError) as error:
        world.method.take(RUN)
    assert error.value.message == f"The Job {NAME} cannot start: ImagePullBackOff: no such image"


def test_a_stop_during_the_dump(world: World) -> None:
    world.kubelet.ends["take"] = End("")
    world.kubelet.ends["remove"] = End("")
    world.point.stop_at = 1
    with pytest.raises(UpgradeError, match=r"^Stopped by SIGTERM\."):
        world.method.take(RUN)
    assert world.nothing_is_left()


@pytest.mark.parametrize("missing", ["take", "prove"])
def test_a_dump_that_does_not_say_what_it_did(world: World, missing: str) -> None:
    world.kubelet.ends["take"] = End(logs={**TAKEN, missing: ""})
    with pytest.raises(UpgradeError, match=r"^The (dump ended without its facts line|proof of the dump ended without its files)\.$"):
        world.method.take(RUN)


def test_verifying(world: World) -> None:
    world.method.verify(manifest())
    assert world.kubelet.jobs[0]["metadata"]["name"] == f"upgrade-verify-{RUN}"
    assert world.files()["SHA256SUMS"] == f"{'b' * 64}  dump/toc.dat\n"
    assert world.nothing_is_left()


def test_a_damaged_dump(world: World) -> None:
    world.kubelet.ends["verify"] = End("Failed", {"verify": "sha256sum: WARNING: 1 computed checksum did NOT match\n"})
    with pytest.raises(UpgradeError) as error:
        world.method.verify(manifest())
    assert error.value.message == f"The Job upgrade-verify-{RUN} failed: sha256sum: WARNING: 1 computed checksum did NOT match"
    assert len(world.kubelet.jobs) == 1, "what is damaged is evidence and stays"
    assert world.nothing_is_left()


def test_restoring_beside(world: World) -> None:
    found = manifest(location={"claim": "another-claim", "path": "elsewhere"})
    world.method.restore_beside(found, "r2", "ampora_restore_r2")
    job = world.kubelet.jobs[0]
    spec = job["spec"]["template"]["spec"]
    env = {entry["name"]: entry.get("value") for entry in spec["containers"][0]["env"]}
    assert (job["metadata"]["name"], spec["volumes"][0]["persistentVolumeClaim"]["claimName"]) == ("upgrade-restore-r2", "another-claim")
    assert (env["PGDATABASE"], env["AMPORA_DIRECTORY"]) == ("ampora_restore_r2", "/snapshots/elsewhere")
    assert world.nothing_is_left()


def test_removing(world: World) -> None:
    world.method.remove(manifest(location={"claim": "another-claim", "path": "elsewhere"}))
    spec = world.kubelet.jobs[0]["spec"]["template"]["spec"]
    assert spec["containers"][0]["command"] == ["rm", "-rf", "/snapshots/elsewhere"]
    assert spec["volumes"][0]["persistentVolumeClaim"]["claimName"] == "another-claim"
