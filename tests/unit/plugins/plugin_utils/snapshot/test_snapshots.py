# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is the same for every method, by a method that keeps its snapshots in memory."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import ClassVar

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import DatabaseFacts
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import Forecast
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import Deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import StoppedError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot import scratch, snapshots
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.catalog import Catalog, find_catalog
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods import choice
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Taken, Tools
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import Snapshots, find_manifest

from tests.unit.doubles.clock import START, Clock, Point
from tests.unit.doubles.database import Content, MemoryDatabase, MemoryServer, memory_catalog
from tests.unit.doubles.failure import throw
from tests.unit.doubles.scene import NOW, OLD_DIGEST, PLACE, RUN, deployment, keep, manifest, of_day

FACTS = DatabaseFacts(170004, manifest().watermark, 7_000_000, ("1_first", "2_second"), {"public.agents": 200}, 2.0)
TAKEN = Taken(FACTS, {"claim": "ampora-snapshots", "path": RUN}, manifest().files, 12, 170004, {"take": 2.0})


class Memory:
    """A method; its calls go into the list of the database's effects."""

    def __init__(self, tools: Tools) -> None:
        assert isinstance(tools.database, MemoryDatabase)
        self.database: MemoryDatabase = tools.database
        self.events = self.database.events

    failure: UpgradeError | None = None
    fails_at = ""
    left: ClassVar[list[str]] = []
    restored = Content()

    def place(self) -> str:
        return "the shelf"

    def take(self, run: str, forecast: Forecast, left: Sequence[str]) -> Taken:
        assert (run, forecast.size) == (RUN, 1_400_000)
        self.left.extend(left)
        self._call("take")
        return TAKEN

    def restore_beside(self, manifest: Manifest, run: str, database: str, create: Callable[[], None]) -> None:
        self._call(f"verify {manifest.id}")
        create()
        self._call(f"restore {manifest.id} by {run} into {database}")
        self.database.databases[database] = copy.copy(self.restored)

    def restore_in_place(self, manifest: Manifest, run: str) -> None:
        self._call(f"restore {manifest.id} by {run} in place")

    def remove(self, manifest: Manifest) -> None:
        self._call(f"remove {manifest.id}")

    def _call(self, what: str) -> None:
        self.events.append(what)
        if self.failure is not None and what.startswith(self.fails_at):
            throw(self.failure)


class World:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cluster = deployment()
        self.clock = Clock()
        monkeypatch.setattr(snapshots, "now", self.clock.now)
        monkeypatch.setattr(snapshots, "read_catalog", memory_catalog)
        monkeypatch.setattr(scratch, "Server", MemoryServer)
        monkeypatch.setattr(snapshots, "time", self.clock)
        monkeypatch.setitem(choice.METHODS, "job", Memory)
        monkeypatch.setattr(Memory, "failure", None)
        monkeypatch.setattr(Memory, "left", [])
        self.database = MemoryDatabase(self.cluster.writes)
        self.options = {"method": "job", "proof": "decode", "keep": 2, "s3": {"bucket": ""}}
        tools = Tools(self.cluster, self.database, self.options, "SELECT id FROM h", Point(self.clock), lambda _unused: None)
        self.wrong: list[str] = []
        self.snapshots = Snapshots(tools, [lambda _unused: self.wrong])
        self.deployed = Deployed("1.4.2", parse("reg.example/ampora-web:1.4.2"), OLD_DIGEST, "4", 3, {})


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_a_snapshot(world: World) -> None:
    found = world.snapshots.take(RUN, world.deployed, "0123456789abcdef")
    assert find_manifest(world.cluster, RUN) == found
    assert found == manifest(key_fingerprint="0123456789abcdef", started_at=START, ended_at=START, marks=None)
    name = f"ConfigMap upgrade-snapshot-{RUN}"
    assert world.cluster.writes == ["take", f"create {name}", f"patch {name}"]
    assert find_catalog(world.cluster, RUN) == Content().catalog


def test_what_killed_runs_have_left_half_made_is_told_to_the_method(world: World) -> None:
    killed = Journal.new(run="20261121t2140z-00dead", deployment=PLACE, kind="upgrade", started_at=NOW, actor={}, plan={})
    killed = killed.begin("snapshot", NOW).close(NOW, "held")
    world.snapshots.take(RUN, world.deployed, "", [killed])
    assert Memory.left == ["20261121t2140z-00dead"]


def test_a_failed_snapshot_has_no_manifest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Memory, "failure", UpgradeError("No space left on device", evidence=("df",)))
    with pytest.raises(UpgradeError) as error:
        world.snapshots.take(RUN, world.deployed, "")
    assert error.value.message == "The snapshot on the shelf failed: No space left on device"
    assert error.value.next_step.startswith("Nothing was changed. Mend the cause (space, image, network)")
    assert error.value.evidence == ("df",)
    assert find_manifest(world.cluster, RUN) is None


def test_a_restore_uses_the_manifests_method(world: World) -> None:
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


def test_a_restore_in_place(world: World) -> None:
    world.snapshots.restore_in_place(manifest(), "r2")
    assert world.database.events == [f"restore {RUN} by r2 in place", "analyze ampora"]


def test_a_damaged_snapshot_is_not_analysed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Memory, "failure", UpgradeError("dump/toc.dat: FAILED"))
    with pytest.raises(UpgradeError, match="FAILED"):
        world.snapshots.restore_beside(manifest(), "r2", "ampora_restore_r2")
    assert world.database.events == [f"verify {RUN}"]


# --- the proof by a restore

KEPT = [f"create ConfigMap upgrade-snapshot-{RUN}", f"patch ConfigMap upgrade-snapshot-{RUN}"]
SCRATCH = "ampora_verify_20261122t2140z_ab12cd"
RESTORED = [
    "take",
    f"verify {RUN}",
    f"create database {SCRATCH} like ampora",
    f"restore {RUN} by {RUN} into {SCRATCH}",
    f"analyze {SCRATCH}",
]


def test_a_proof_by_a_restore(world: World) -> None:
    world.options["proof"] = "restore"
    found = world.snapshots.take(RUN, world.deployed, "")
    assert (found.proof, found.seconds) == ("restored", {"take": 2.0, "restore": 0.0})
    assert find_manifest(world.cluster, RUN) == found
    assert world.cluster.writes == [*RESTORED, f"drop database {SCRATCH}", *KEPT]


@pytest.mark.parametrize(
    ("restored", "wrong", "words"),
    [
        (Content({"public.agents": 199}), [], "public.agents: 199 rows, not 200"),
        (Content(migrations=["1_first"]), [], "migrations: 1 (the last: 1_first), not 2 (the last: 2_second)"),
        (Content(catalog=Catalog({}, {"public.ids": 200})), [], "table public.agents is missing"),
        (Content(), ["the canary does not decrypt"], "the canary does not decrypt"),
    ],
)
def test_what_does_not_restore_as_it_was_is_no_snapshot(
    world: World, monkeypatch: pytest.MonkeyPatch, restored: Content, wrong: list[str], words: str
) -> None:
    monkeypatch.setattr(Memory, "restored", restored)
    world.options["proof"], world.wrong[:] = "restore", wrong
    with pytest.raises(UpgradeError) as error:
        world.snapshots.take(RUN, world.deployed, "")
    assert error.value.message == f"The snapshot on the shelf failed: What was restored from it differs: {words}."
    assert world.cluster.writes == [*RESTORED, f"drop database {SCRATCH}", f"remove {RUN}"]
    assert find_manifest(world.cluster, RUN) is None


@pytest.mark.parametrize("fails_at", ["verify", "restore"])
def test_a_proof_that_cannot_be_made_leaves_no_database_and_no_snapshot(
    world: World, monkeypatch: pytest.MonkeyPatch, fails_at: str
) -> None:
    monkeypatch.setattr(Memory, "failure", StoppedError("Stopped by SIGTERM."))
    monkeypatch.setattr(Memory, "fails_at", fails_at)
    world.options["proof"] = "restore"
    with pytest.raises(UpgradeError, match="Stopped by SIGTERM"):
        world.snapshots.take(RUN, world.deployed, "")
    assert list(world.database.databases) == ["ampora"]
    assert world.cluster.writes[-1] == f"remove {RUN}"


def test_what_a_killed_run_has_left_is_dropped_by_the_next_one(world: World) -> None:
    others = ["ampora_verify_mine", "ampora2_verify_20261122t2140z_ab12cd", "ampora_failed_20261122t2140z_ab12cd"]
    for name in [SCRATCH, *others]:
        world.database.databases[name] = Content()
    world.snapshots.take(RUN, world.deployed, "")
    assert sorted(world.database.databases) == sorted(["ampora", *others])


def test_a_role_that_may_not_make_databases_is_told_before_the_dump(world: World) -> None:
    world.options["proof"] = "restore"
    world.database.may_create_databases = False
    with pytest.raises(UpgradeError) as error:
        world.snapshots.take(RUN, world.deployed, "")
    assert error.value.message == "The role ampora may not create databases, which the proof by a restore needs."
    assert "CREATEDB" in error.value.next_step
    assert world.cluster.writes == []


# --- keeping and forgetting


def test_finding_a_manifest(world: World) -> None:
    assert find_manifest(world.cluster, RUN) is None
    keep(world.cluster, manifest())
    assert find_manifest(world.cluster, RUN) == manifest()


def test_removing(world: World) -> None:
    keep(world.cluster, manifest())
    world.snapshots.remove(manifest())
    assert world.cluster.writes == [f"remove {RUN}", f"delete ConfigMap upgrade-snapshot-{RUN}"]


def test_what_cannot_be_removed_is_not_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(world.cluster, manifest())
    monkeypatch.setattr(Memory, "failure", UpgradeError("the claim is gone"))
    with pytest.raises(UpgradeError, match="the claim is gone"):
        world.snapshots.remove(manifest())
    assert find_manifest(world.cluster, RUN) is not None


def test_retention_leaves_what_it_cannot_read(world: World) -> None:
    for day in (1, 2, 3, 4):
        keep(world.cluster, of_day(day))
    broken = world.cluster.get("ConfigMap", f"upgrade-snapshot-{of_day(1).id}")
    assert broken is not None
    broken["data"]["manifest.json"] = "{}"
    world.cluster.add("ConfigMap", broken)
    assert world.snapshots.superfluous([]) == [of_day(2)]
    assert world.snapshots.superfluous([], 1) == [of_day(2), of_day(3)]
