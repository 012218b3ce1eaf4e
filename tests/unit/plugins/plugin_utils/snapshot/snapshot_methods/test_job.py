# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import contextlib
import json
from dataclasses import replace

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import DatabaseFacts
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import Forecast
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot import jobs
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods import job as job_method
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.job import JobMethod
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Taken, Tools

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
    "seconds": 2.5,
}
HASHED = f"ampora-file: {'b' * 64} 12 dump/toc.dat\nampora-count: 1\n"
PROVEN = f"{HASHED}ampora-decoded: 3\n"
RESTORED = "ampora-restored: 1\n"
TAKEN = {"prepare": "ampora-room: 9\n", "take": f"ampora-facts: {json.dumps(FACTS)}\n", "prove": PROVEN}
FORECAST = Forecast(1_400_000, None, None, "a guess")


class World:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cluster = deployment()
        self.said: list[str] = []
        self.kubelet = Kubelet(self.cluster)
        self.kubelet.ends["take"] = End(logs=TAKEN)
        self.clock = Clock()
        self.point = Point(self.clock)
        for module in (jobs, job_method):
            monkeypatch.setattr(module, "time", self.clock)
        self.database = MemoryDatabase(self.cluster.writes)
        tools = Tools(self.cluster, self.database, OPTIONS, "SELECT id FROM h", self.point, self.said.append)
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
    assert world.method.take(RUN, FORECAST, []) == Taken(
        facts=DatabaseFacts(170004, manifest().watermark, 7_000_000, ("1_first",), {"public.agents": 200}, 2.5),
        location={"claim": "ampora-snapshots", "path": RUN},
        files=manifest().files,
        size=12,
        client_version=170005,
        seconds={"take": 2.5, "proof": 3.0},
    )
    assert world.cluster.writes == [f"create Secret {NAME}", f"create Job {NAME}", f"delete Job {NAME}", f"delete Secret {NAME}"]


def test_the_job_of_a_snapshot(world: World) -> None:
    world.method.take(RUN, FORECAST, [])
    spec = world.kubelet.jobs[0]["spec"]["template"]["spec"]
    assert {entry["image"] for entry in [*spec["initContainers"], *spec["containers"]]} == {"postgres:17"}
    env = {entry["name"]: entry.get("value") for entry in spec["containers"][0]["env"]}
    assert (env["PGHOST"], env["PGPORT"], env["PGUSER"], env["PGDATABASE"]) == ("pg.ampora-db", "5432", "ampora", "ampora")
    assert (env["PGSSLMODE"], env["AMPORA_DIRECTORY"], env["AMPORA_JOBS"]) == ("require", f"/snapshots/{RUN}", "2")
    assert set(world.files()) == {"prepare.sh", "take.sh", "take.sql", "dump.sh", "prove.sh", "password"}
    assert "SELECT id FROM h" in world.files()["take.sql"]


def test_the_password_is_in_the_secret_and_nowhere_else(world: World) -> None:
    world.method.take(RUN, FORECAST, [])
    assert world.files()["password"] == PASSWORD
    encoded = base64.b64encode(PASSWORD.encode()).decode()
    for what, body in world.cluster.bodies:
        assert PASSWORD not in json.dumps(body)
        assert (encoded in json.dumps(body)) is (what == "create Secret"), what


def test_a_failed_dump_leaves_nothing_behind(world: World) -> None:
    world.kubelet.ends["take"] = End("Failed", {"take": "pg_dump: error: could not write: No space left on device\n"})
    with pytest.raises(UpgradeError) as error:
        world.method.take(RUN, FORECAST, [])
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
        world.method.take(RUN, FORECAST, [])
    assert error.value.message == f"The Job {NAME} cannot start: ImagePullBackOff: no such image"


def test_a_stop_during_the_dump(world: World) -> None:
    world.kubelet.ends["take"] = End("")
    world.point.stop_at = 1
    with pytest.raises(UpgradeError, match=r"^Stopped by SIGTERM\."):
        world.method.take(RUN, FORECAST, [])
    assert len(world.kubelet.jobs) == 1, "no pod is started for whoever wants an end"
    assert world.kubelet.jobs[0]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 1
    assert world.nothing_is_left()


KILLED = "20261121t2140z-00dead"


def test_what_a_killed_run_has_left_is_removed_before_the_dump(world: World) -> None:
    world.cluster.add("Job", {"metadata": {"name": f"upgrade-snapshot-{KILLED}"}})
    world.cluster.add("Secret", {"metadata": {"name": f"upgrade-snapshot-{KILLED}"}})
    world.kubelet.ends["take"] = End(logs={**TAKEN, "prepare": f"ampora-left: {KILLED}\nampora-room: 9\n"})
    world.method.take(RUN, FORECAST, [KILLED])
    prepare = world.kubelet.jobs[0]["spec"]["template"]["spec"]["initContainers"][0]
    assert {"name": "AMPORA_LEFT", "value": KILLED} in prepare["env"]
    assert f"removed what the run {KILLED}, which was stopped, had left on the claim ampora-snapshots" in world.said
    assert world.nothing_is_left()


def test_a_killed_runs_pod_that_does_not_end_keeps_its_directory_and_stops_nobody(world: World) -> None:
    world.cluster.add("Pod", {"metadata": {"name": "p", "labels": {"batch.kubernetes.io/job-name": f"upgrade-snapshot-{KILLED}"}}})
    world.method.take(RUN, FORECAST, [KILLED])
    prepare = world.kubelet.jobs[0]["spec"]["template"]["spec"]["initContainers"][0]
    assert {"name": "AMPORA_LEFT", "value": ""} in prepare["env"]
    assert world.said[0] == f"left for now: The pods of an earlier Job upgrade-snapshot-{KILLED} do not end."


@pytest.mark.parametrize(
    ("logs", "message"),
    [
        ({"take": ""}, "The dump ended without its facts line."),
        (
            {"take": f"ampora-facts: {json.dumps({**FACTS, 'server_version': 160003})}"},
            "The PostgreSQL client in the image postgres:17 is of version 17 and the server of version 16:"
            " pg_restore 17 cannot restore into a server before 17.",
        ),
        ({"prove": ""}, "The proof of the dump ended without its files."),
        ({"prove": "ampora-count: 0\nampora-decoded: 0"}, "The dump has no files."),
        ({"prove": PROVEN.replace("ampora-decoded: 3", "pg_restore: error: bad")}, "The dump cannot be decoded: pg_restore: error: bad"),
    ],
)
def test_a_dump_that_does_not_say_what_it_did(world: World, logs: dict[str, str], message: str) -> None:
    world.kubelet.ends["take"] = End(logs={**TAKEN, **logs})
    with pytest.raises(UpgradeError) as error:
        world.method.take(RUN, FORECAST, [])
    assert error.value.message == message
    assert world.kubelet.jobs[1]["spec"]["template"]["spec"]["containers"][0]["name"] == "remove"


def test_too_little_room(world: World) -> None:
    world.kubelet.ends["take"] = End("Failed", {"prepare": "ampora-room: 1048576\n"})
    with pytest.raises(UpgradeError) as error:
        world.method.take(RUN, FORECAST, [])
    assert error.value.message == "The snapshot needs about 1.3 MiB (a guess), and there is 1.0 MiB of room on the claim ampora-snapshots."


def test_progress_while_it_dumps(world: World) -> None:
    world.kubelet.ends["take"] = End("", {"prepare": "ampora-room: 9", "take": "ampora-progress: 512\n"})
    world.kubelet.running = "take"

    def end(number: int) -> None:
        if number == 12:
            world.kubelet.finish(End(logs=TAKEN))

    world.point.at_pause = end
    world.method.take(RUN, FORECAST, [])
    assert f"{NAME}: take runs, 0 s; 512.0 KiB of about 1.3 MiB, 128.0 KiB/s, about 7 s left" in world.said


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (HASHED.replace("b" * 64, "c" * 64), f"The snapshot {RUN} is damaged: dump/toc.dat has another content (sha256)."),
        (HASHED.replace(" 12 ", " 6 "), f"The snapshot {RUN} is damaged: dump/toc.dat has 6 bytes and had 12."),
        ("ampora-count: 0\n", f"The snapshot {RUN} is damaged: dump/toc.dat is missing."),
        (HASHED, "The Job restored nothing: ampora-count: 1"),
    ],
)
def test_a_damaged_dump(world: World, log: str, message: str) -> None:
    world.kubelet.ends["restore"] = End(logs={"restore": log})
    with pytest.raises(UpgradeError) as error:
        world.method.restore_beside(manifest(), "r2", "ampora_restore_r2", lambda: None)
    assert error.value.message == message
    assert len(world.kubelet.jobs) == 1, "what is damaged is evidence and stays"
    assert world.nothing_is_left()


def test_restoring_beside(world: World) -> None:
    found = manifest(location={"claim": "another-claim", "path": "elsewhere"})
    world.kubelet.ends["restore"] = End(logs={"restore": HASHED + RESTORED})
    world.method.restore_beside(found, "r2", "ampora_restore_r2", lambda: world.database.create("ampora_restore_r2"))
    assert world.cluster.writes[0] == "create database ampora_restore_r2"
    assert len(world.kubelet.jobs) == 1, "one pod verifies and restores"
    job = world.kubelet.jobs[0]
    spec = job["spec"]["template"]["spec"]
    env = {entry["name"]: entry.get("value") for entry in spec["containers"][0]["env"]}
    assert (job["metadata"]["name"], spec["volumes"][0]["persistentVolumeClaim"]["claimName"]) == ("upgrade-restore-r2", "another-claim")
    assert (env["PGDATABASE"], env["AMPORA_DIRECTORY"]) == ("ampora_restore_r2", "/snapshots/elsewhere")
    assert world.nothing_is_left()


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (PROVEN + RESTORED, ""),
        (HASHED.replace("b" * 64, "c" * 64), f"The snapshot {RUN} is damaged: dump/toc.dat has another content (sha256)."),
        (f"{HASHED}pg_restore: error: bad\n", "The dump cannot be decoded: pg_restore: error: bad"),
        (PROVEN, "The Job restored nothing: ampora-decoded: 3"),
    ],
)
def test_restoring_in_place(world: World, log: str, message: str) -> None:
    world.kubelet.ends["restore"] = End(logs={"restore": log})
    with pytest.raises(UpgradeError) if message else contextlib.nullcontext() as error:
        world.method.restore_in_place(manifest(), "r2")
    assert (error.value.message if error else "") == message
    assert "leftovers.sql" in world.files()
    assert world.nothing_is_left()


def test_what_a_pod_does_not_have_is_refused_before_anything_is_made(world: World) -> None:
    world.database.parameters = replace(world.database.parameters, certificate="/c.pem")
    calls = (
        lambda: world.method.take(RUN, FORECAST, []),
        lambda: world.method.restore_beside(manifest(), "r2", "beside", lambda: world.database.create("beside")),
        lambda: world.method.restore_in_place(manifest(), "r2"),
    )
    for call in calls:
        with pytest.raises(
            UpgradeError, match=r"^The connection string has SSL Certificate=/c\.pem, which the pod of a Job does not have\."
        ):
            call()
    assert world.cluster.writes == []
    world.method.remove(manifest())


def test_removing(world: World) -> None:
    world.method.remove(manifest(location={"claim": "another-claim", "path": "elsewhere"}))
    spec = world.kubelet.jobs[0]["spec"]["template"]["spec"]
    assert spec["containers"][0]["command"] == ["rm", "-rf", "/snapshots/elsewhere"]
    assert spec["volumes"][0]["persistentVolumeClaim"]["claimName"] == "another-claim"
