# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import key_fingerprint
from ansible_collections.ampora.upgrades.plugins.plugin_utils import jobs, snapshots
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import Deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.jobs import Jobs
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshots import Snapshots, find_manifest, fingerprint

from tests.unit.doubles.clock import START, Clock, Point
from tests.unit.doubles.database import PASSWORD, MemoryDatabase
from tests.unit.doubles.kubelet import End, Kubelet
from tests.unit.doubles.scene import KEY_OPTIONS, MASTER_KEY, OLD_DIGEST, RUN, deployment, keep, manifest

NAME = f"upgrade-snapshot-{RUN}"
OPTIONS = {"image": "postgres:{major}", "claim": "ampora-snapshots", "jobs": 2, "timeout": 60, "user": 999}
FACTS = {
    "server_version": 170004,
    "client_version": 170005,
    "lsn": "0/16B3748",
    "taken_at": "2026-11-22T21:40:00Z",
    "size": 7,
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
        monkeypatch.setattr(jobs, "time", self.clock)
        monkeypatch.setattr(snapshots, "now", self.clock.now)
        self.database = MemoryDatabase(self.cluster.writes)
        self.snapshots = Snapshots(
            self.cluster, self.database, Jobs(self.cluster, self.point, lambda _unused: None), OPTIONS, "SELECT id FROM h"
        )
        self.deployed = Deployed("1.4.2", parse("reg.example/ampora-web:1.4.2"), OLD_DIGEST, "4", 3, {})

    def files(self) -> dict[str, str]:
        """What was in the Secret of the last Job."""
        body = [body for what, body in self.cluster.bodies if what == "create Secret"][-1]
        return {key: base64.b64decode(value).decode() for key, value in body["data"].items()}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_a_snapshot(world: World) -> None:
    found = world.snapshots.take(RUN, world.deployed, "0123456789abcdef")
    assert find_manifest(world.cluster, RUN) == found
    assert found == manifest(
        migrations=("1_first",), client_version=170005, key_fingerprint="0123456789abcdef", started_at=START, ended_at=START
    )
    assert world.cluster.writes == [
        f"create Secret {NAME}",
        f"create Job {NAME}",
        f"delete Job {NAME}",
        f"delete Secret {NAME}",
        f"create ConfigMap {NAME}",
    ]


def test_the_job_of_a_snapshot(world: World) -> None:
    world.snapshots.take(RUN, world.deployed, "")
    spec = world.kubelet.jobs[0]["spec"]["template"]["spec"]
    assert {entry["image"] for entry in [*spec["initContainers"], *spec["containers"]]} == {"postgres:17"}
    env = {entry["name"]: entry.get("value") for entry in spec["containers"][0]["env"]}
    assert (env["PGHOST"], env["PGPORT"], env["PGUSER"], env["PGDATABASE"]) == ("pg.ampora-db", "5432", "ampora", "ampora")
    assert (env["PGSSLMODE"], env["AMPORA_DIRECTORY"], env["AMPORA_JOBS"]) == ("require", f"/snapshots/{RUN}", "2")
    assert set(world.files()) == {"take.sql", "prove.sh", "password"}
    assert "SELECT id FROM h" in world.files()["take.sql"]


def test_the_password_is_in_the_secret_and_nowhere_else(world: World) -> None:
    world.snapshots.take(RUN, world.deployed, "")
    assert world.files()["password"] == PASSWORD
    encoded = base64.b64encode(PASSWORD.encode()).decode()
    for what, body in world.cluster.bodies:
        assert PASSWORD not in json.dumps(body)
        assert (encoded in json.dumps(body)) is (what == "create Secret"), what


def test_a_failed_dump_leaves_nothing_behind(world: World) -> None:
    world.kubelet.ends["take"] = End("Failed", {"take": "pg_dump: error: could not write: No space left on device\n"})
    with pytest.raises(UpgradeError) as error:
        world.snapshots.take(RUN, world.deployed, "")
    last = "pg_dump: error: could not write: No space left on device"
    assert error.value.message == f"The snapshot on the claim ampora-snapshots failed: The Job {NAME} failed: {last}"
    assert error.value.next_step.startswith("Nothing was changed. Mend the cause (space on the claim, image, network)")
    assert error.value.evidence == (last,)
    removal = world.kubelet.jobs[1]["spec"]["template"]["spec"]["containers"][0]
    assert removal["command"] == ["rm", "-rf", f"/snapshots/{RUN}"]
    assert world.cluster.changed("create", "delete Secret") == [
        f"create Secret {NAME}",
        f"create Job {NAME}",
        f"create Job {NAME}",
        f"delete Secret {NAME}",
    ]
    assert find_manifest(world.cluster, RUN) is None


def test_a_clean_up_that_fails_too_does_not_hide_the_cause(world: World) -> None:
    world.kubelet.ends["take"] = End("", waiting={"reason": "ImagePullBackOff", "message": "no such image"})
    world.kubelet.ends["remove"] = world.kubelet.ends["take"]
    with pytest.raises(UpgradeError) as error:
        world.snapshots.take(RUN, world.deployed, "")
    assert error.value.message == (
        f"The snapshot on the claim ampora-snapshots failed: The Job {NAME} cannot start: ImagePullBackOff: no such image"
    )


def test_a_stop_during_the_dump(world: World) -> None:
    world.kubelet.ends["take"] = End("")
    world.kubelet.ends["remove"] = End("")
    world.point.stop_at = 1
    with pytest.raises(UpgradeError, match=r"^The snapshot on the claim ampora-snapshots failed: Stopped by SIGTERM\."):
        world.snapshots.take(RUN, world.deployed, "")
    assert [kind for kind, unused in world.cluster.objects if kind == "Job"] == []
    assert world.cluster.get("Secret", NAME) is None


@pytest.mark.parametrize("missing", ["take", "prove"])
def test_a_dump_that_does_not_say_what_it_did(world: World, missing: str) -> None:
    world.kubelet.ends["take"] = End(logs={**TAKEN, missing: ""})
    with pytest.raises(UpgradeError, match=r"^The (dump ended without its facts line|proof of the dump ended without its files)\.$"):
        world.snapshots.take(RUN, world.deployed, "")
    assert find_manifest(world.cluster, RUN) is None, "what is not proven has no manifest"


def test_restoring_beside(world: World) -> None:
    found = manifest(location={"claim": "another-claim", "path": "elsewhere"})
    world.snapshots.restore_beside(found, "r2", "ampora_restore_r2")
    job = world.kubelet.jobs[0]
    spec = job["spec"]["template"]["spec"]
    env = {entry["name"]: entry.get("value") for entry in spec["containers"][0]["env"]}
    assert (job["metadata"]["name"], spec["volumes"][0]["persistentVolumeClaim"]["claimName"]) == ("upgrade-restore-r2", "another-claim")
    assert (env["PGDATABASE"], env["AMPORA_MAINTENANCE"], env["AMPORA_DIRECTORY"]) == (
        "ampora_restore_r2",
        "postgres",
        "/snapshots/elsewhere",
    )
    assert world.files()["SHA256SUMS"] == f"{'b' * 64}  dump/toc.dat\n"
    assert world.cluster.get("Secret", "upgrade-restore-r2") is None


def test_a_failed_restore_says_so_and_removes_nothing_from_the_volume(world: World) -> None:
    world.kubelet.ends["restore"] = End("Failed", {"restore": "sha256sum: WARNING: 1 computed checksum did NOT match\n"})
    with pytest.raises(UpgradeError) as error:
        world.snapshots.restore_beside(manifest(), "r2", "x")
    assert error.value.message == "The Job upgrade-restore-r2 failed: sha256sum: WARNING: 1 computed checksum did NOT match"
    assert len(world.kubelet.jobs) == 1
    assert world.cluster.get("Secret", "upgrade-restore-r2") is None


def test_finding_a_manifest(world: World) -> None:
    assert find_manifest(world.cluster, RUN) is None
    keep(world.cluster, manifest())
    assert find_manifest(world.cluster, RUN) == manifest()


# --- the master key


def test_the_fingerprint_by_the_containers_variable(world: World) -> None:
    expected = key_fingerprint(base64.b64decode(MASTER_KEY), "ampora/ampora-web")
    assert fingerprint(world.cluster, world.cluster.deployment(), KEY_OPTIONS) == expected
    by_value = {"env": "", "value": MASTER_KEY}
    assert fingerprint(world.cluster, world.cluster.deployment(), by_value) == expected
    assert fingerprint(world.cluster, world.cluster.deployment(), {"env": "Missing", "value": MASTER_KEY}) == expected


def test_a_deployment_without_a_key_has_no_fingerprint(world: World) -> None:
    assert fingerprint(world.cluster, world.cluster.deployment(), {"env": "", "value": ""}) == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"env": "Missing", "value": ""}, "The container ampora-web has no variable Missing (ampora_master_key_env)."),
        ({"env": "", "value": "c2hvcnQ="}, "The master key from ampora_master_key cannot be used: it has 5 bytes and must have 32."),
        (
            {"env": "PublicUrl", "value": ""},
            "The master key from ConfigMap ampora-config, key PublicUrl cannot be used: it is not base64.",
        ),
    ],
)
def test_a_key_that_cannot_be_used(world: World, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UpgradeError) as error:
        fingerprint(world.cluster, world.cluster.deployment(), options)
    assert error.value.message == message
    assert "c2hvcnQ=" not in str(error.value)
