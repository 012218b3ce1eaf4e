# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is the same for every method, by a method that keeps its snapshots in memory."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import DatabaseFacts
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest, key_fingerprint
from ansible_collections.ampora.upgrades.plugins.plugin_utils import snapshots
from ansible_collections.ampora.upgrades.plugins.plugin_utils.catalog import find_catalog
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import Deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot_methods import choice
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot_methods.method import Taken, Tools
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshots import Snapshots, find_manifest, fingerprint

from tests.unit.doubles.clock import START, Clock, Point
from tests.unit.doubles.database import Content, MemoryDatabase, memory_catalog
from tests.unit.doubles.scene import KEY_OPTIONS, MASTER_KEY, OLD_DIGEST, RUN, deployment, keep, manifest

FACTS = DatabaseFacts(170004, manifest().watermark, 7_000_000, ("1_first", "2_second"), {"public.agents": 200})
TAKEN = Taken(FACTS, {"claim": "ampora-snapshots", "path": RUN}, manifest().files, 12, 170004, {"take": 2.0})


class Memory:
    """A method; its calls go into the list of the database's effects."""

    def __init__(self, tools: Tools) -> None:
        self.database = tools.database
        assert isinstance(self.database, MemoryDatabase)
        self.events = self.database.events

    failure: UpgradeError | None = None

    def place(self) -> str:
        return "the shelf"

    def take(self, run: str) -> Taken:
        assert run == RUN
        self._call("take")
        return TAKEN

    def verify(self, manifest: Manifest) -> None:
        self._call(f"verify {manifest.id}")

    def restore_beside(self, manifest: Manifest, run: str, database: str) -> None:
        self._call(f"restore {manifest.id} by {run} into {database}")

    def restore_in_place(self, manifest: Manifest, run: str) -> None:
        self._call(f"restore {manifest.id} by {run} in place")

    def remove(self, manifest: Manifest) -> None:
        self._call(f"remove {manifest.id}")

    def _call(self, what: str) -> None:
        self.events.append(what)
        if self.failure is not None:
            raise self.failure


class World:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cluster = deployment()
        self.clock = Clock()
        monkeypatch.setattr(snapshots, "now", self.clock.now)
        monkeypatch.setattr(snapshots, "read_catalog", memory_catalog)
        monkeypatch.setitem(choice.METHODS, "job", Memory)
        monkeypatch.setattr(Memory, "failure", None)
        self.database = MemoryDatabase(self.cluster.writes)
        options = {"method": "job"}
        tools = Tools(self.cluster, self.database, options, "SELECT id FROM h", Point(self.clock), lambda _unused: None)
        self.snapshots = Snapshots(tools)
        self.deployed = Deployed("1.4.2", parse("reg.example/ampora-web:1.4.2"), OLD_DIGEST, "4", 3, {})


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_a_snapshot(world: World) -> None:
    found = world.snapshots.take(RUN, world.deployed, "0123456789abcdef")
    assert find_manifest(world.cluster, RUN) == found
    assert found == manifest(key_fingerprint="0123456789abcdef", started_at=START, ended_at=START)
    name = f"ConfigMap upgrade-snapshot-{RUN}"
    assert world.cluster.writes == ["take", f"create {name}", f"patch {name}"]
    assert find_catalog(world.cluster, RUN) == Content().catalog


def test_a_failed_snapshot_has_no_manifest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Memory, "failure", UpgradeError("No space left on device", evidence=("df",)))
    with pytest.raises(UpgradeError) as error:
        world.snapshots.take(RUN, world.deployed, "")
    assert error.value.message == "The snapshot on the shelf failed: No space left on device"
    assert error.value.next_step.startswith("Nothing was changed. Mend the cause (space, image, network)")
    assert error.value.evidence == ("df",)
    assert find_manifest(world.cluster, RUN) is None


def test_a_restore_uses_the_manifests_method_and_verifies_before_it_makes_anything(world: World) -> None:
    world.snapshots.restore_beside(manifest(), "r2", "ampora_restore_r2")
    assert world.database.events == [
        f"verify {RUN}",
        "create database ampora_restore_r2",
        f"restore {RUN} by r2 into ampora_restore_r2",
        "analyze ampora_restore_r2",
    ]


def test_a_restore_into_a_database_like_another(world: World) -> None:
    made: list[str] = []
    world.snapshots.restore_beside(manifest(), "r2", "ampora_restore_r2", made.append)
    assert made == ["ampora_restore_r2"]
    assert "create database ampora_restore_r2" not in world.database.events


def test_a_restore_in_place_verifies_first(world: World) -> None:
    world.snapshots.restore_in_place(manifest(), "r2")
    assert world.database.events == [f"verify {RUN}", f"restore {RUN} by r2 in place", "analyze ampora"]


def test_a_damaged_snapshot_makes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Memory, "failure", UpgradeError("dump/toc.dat: FAILED"))
    with pytest.raises(UpgradeError, match="FAILED"):
        world.snapshots.restore_beside(manifest(), "r2", "ampora_restore_r2")
    assert world.database.events == [f"verify {RUN}"]


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
