# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of a restore, by one list of all effects on the cluster and on the databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.data_loss import Subjects
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout import rollout_wait
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import StoppedError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.catalog import Catalog, keep_catalog
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import Snapshots
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback import loss_guard, restoring, swapping, writes_since
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.loss_guard import LossGuard
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.restoring import Restoring

from tests.unit.doubles.clock import Clock, Point
from tests.unit.doubles.controller import Controller
from tests.unit.doubles.database import Content, MemoryDatabase, MemoryServer, memory_catalog, memory_export, memory_now
from tests.unit.doubles.scene import IMAGE, NEW_DIGEST, OLD_DIGEST, PREVIOUS, deployment, keep, manifest

RUN = "20261122t2200z-cd34ef"
BESIDE = "ampora_restore_20261122t2200z_cd34ef"
KEPT = "ampora_failed_20261122t2200z_cd34ef"
IMAGE_BEFORE = f"{IMAGE}@{NEW_DIGEST}"
IMAGE_AFTER = f"{IMAGE}@{OLD_DIGEST}"
EXPORT = "export audit_events since 900"
GIVEN_UP = [f"empty database {BESIDE}", f"drop database {BESIDE}"]
BESIDE_THE_LIVE = [EXPORT, f"drop database {BESIDE}", f"create database {BESIDE} like ampora", f"restore into {BESIDE}"]
# The audit rows are saved again when nobody can write any more.
BEFORE_THE_SWAP = [*BESIDE_THE_LIVE, "patch Deployment/scale ampora-web", EXPORT]


class Beside(Snapshots):
    """Restores at once; `content` is what the restored database then holds."""

    def __init__(self, database: MemoryDatabase) -> None:
        self.database = database
        self.content = Content()
        self.failure: UpgradeError | None = None
        self._checks = ()

    def restore_beside(self, manifest: Manifest, run: str, database: str, create: Callable[[str], None] | None = None) -> None:
        assert run == RUN
        assert manifest.rows == {"public.agents": 200}
        assert create is not None
        create(database)
        self.database.events.append(f"restore into {database}")
        if self.failure is not None:
            raise self.failure
        self.content.properties = self.database.databases[database].properties
        self.database.databases[database] = self.content

    def restore_in_place(self, manifest: Manifest, run: str) -> None:
        self.database.events.append(f"restore {manifest.id} in place for {run}")
        if self.failure is not None:
            raise self.failure
        self.database.databases["ampora"] = self.content


class World:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cluster = deployment(IMAGE_BEFORE)
        self.controller = Controller(self.cluster)
        self.database = MemoryDatabase(self.cluster.writes)
        self.database.databases["ampora"] = Content({"public.agents": 207}, ["1_first", "2_second", "3_third"])
        self.snapshots = Beside(self.database)
        self.clock = Clock()
        self.point = Point(self.clock)
        for module in (restoring, rollout_wait, swapping):
            monkeypatch.setattr(module, "time", self.clock)
        monkeypatch.setattr(restoring, "Server", MemoryServer)
        monkeypatch.setattr(restoring, "read_catalog", memory_catalog)
        monkeypatch.setattr(writes_since, "read_now", memory_now)
        monkeypatch.setattr(loss_guard, "export_audit", memory_export)
        self.said: list[str] = []
        self.restoring = Restoring(self.cluster, self.database, self.snapshots, self.point, self.said.append)
        self.agreed = True

    @property
    def guard(self) -> LossGuard:
        subjects = Subjects(audit="audit_events")
        return LossGuard(self.database, manifest(), subjects, Path("reports"), agreed=self.agreed, say=self.said.append)

    def run(self) -> dict[str, object]:
        return self.restoring.run(manifest(), PREVIOUS, RUN, 30, self.guard)

    def fails(self, kind: type[BaseException] = UpgradeError) -> BaseException:
        live = self.database.databases["ampora"]
        with pytest.raises(kind) as error:
            self.run()
        assert self.database.databases["ampora"] is live, "the live database was touched"
        assert not any(event.startswith("swap") for event in self.cluster.writes)
        return error.value

    @property
    def events(self) -> list[str]:
        return self.cluster.writes

    def replicas(self) -> list[int]:
        """What the Deployment was scaled to, one after the other."""
        return [body["spec"]["replicas"] for what, body in self.cluster.bodies if what == "patch Deployment/scale"]

    def image(self) -> str:
        return str(self.cluster.container(self.cluster.deployment())["image"])


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_the_order_of_a_restore(world: World) -> None:
    result = world.run()
    assert world.events == [
        *BEFORE_THE_SWAP,
        f"swap database ampora {BESIDE} {KEPT}",
        "patch Deployment ampora-web",
        "patch Deployment/scale ampora-web",
    ]
    assert world.replicas() == [0, 3]
    assert world.image() == IMAGE_AFTER
    assert world.database.databases[KEPT].rows == {"public.agents": 207}, "the replaced database is kept"
    assert world.database.databases["ampora"].migrations == ["1_first", "2_second"]
    assert result == {
        "changed": True,
        "in_place": False,
        "to_do": [],
        "restore_seconds": 0.0,
        "version": "1.4.2",
        "image": IMAGE_AFTER,
        "revision": "4",
        "by": "image",
        "kept_database": KEPT,
        "swap_seconds": 0.0,
        "down_seconds": 1.0,
        "seconds": 1.0,
        "replicas": {"desired": 3, "updated": 3, "ready": 3, "available": 3, "total": 3, "old": 0},
    }


def test_the_swap_waits_until_every_pod_is_gone(world: World) -> None:
    world.controller.idle = True

    def stop(number: int) -> None:
        if number == 4:
            assert world.events == BEFORE_THE_SWAP[:-1]
            world.controller.idle = False
            world.controller.settle(world.cluster.objects["Deployment", "ampora-web"])

    world.point.at_pause = stop
    assert world.run()["down_seconds"] == 5.0
    assert world.said.count("3 pods are stopping") == 4


def test_pods_that_do_not_go(world: World) -> None:
    world.controller.idle = True
    error = world.fails()
    assert str(error) == "Pods of ampora-web are still there after 30 s. Next: Look at the pods, then run this again."
    assert world.replicas() == [0, 3]


def test_a_swap_that_fails_puts_the_replicas_back(world: World) -> None:
    world.database.failures["swap"] = UpgradeError("The database refuses: it is in use.")
    assert str(world.fails()) == "The database refuses: it is in use."
    assert world.events == [*BEFORE_THE_SWAP, "patch Deployment/scale ampora-web"]
    assert (world.replicas(), world.image()) == ([0, 3], IMAGE_BEFORE)


def test_a_stop_before_the_swap_puts_the_replicas_back(world: World) -> None:
    world.controller.idle = True
    world.point.stop_at = 2
    world.fails(StoppedError)
    assert world.replicas() == [0, 3]


def test_what_nobody_foresaw_puts_the_replicas_back_as_well(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_unused: object) -> None:
        raise KeyError("metadata")

    monkeypatch.setattr(swapping, "wait_until_gone", broken)
    world.fails(KeyError)
    assert world.replicas() == [0, 3]


def test_an_unclear_answer_to_the_stop_puts_the_replicas_back(world: World) -> None:
    """The API server may have done what it did not answer."""
    ports = iter([UpgradeError("The Kubernetes API does not answer.")])

    def once(_deployment: object) -> None:
        for error in ports:
            raise error

    world.cluster.after["patch Deployment/scale"] = once
    world.fails()
    assert world.replicas() == [0, 3]


def test_a_restore_that_fails_stops_nothing(world: World) -> None:
    world.snapshots.failure = UpgradeError("The Job upgrade-restore failed: checksum did NOT match")
    world.fails()
    assert world.events == [*BESIDE_THE_LIVE, *GIVEN_UP]


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (Content({"public.agents": 199}), ("public.agents: 199 rows, not 200",)),
        (Content({}), ("public.agents: 0 rows, not 200",)),
        (Content(migrations=["1_first"]), ("migrations: 1 (the last: 1_first), not 2 (the last: 2_second)",)),
        (
            Content({"public.agents": 1}, []),
            ("public.agents: 1 rows, not 200", "migrations: 0 (the last: none), not 2 (the last: 2_second)"),
        ),
    ],
)
def test_what_differs_from_its_manifest_is_dropped(world: World, content: Content, wrong: tuple[str, ...]) -> None:
    world.snapshots.content = content
    error = world.fails()
    assert isinstance(error, UpgradeError)
    assert str(error) == f"The restored database differs from its manifest: {'; '.join(wrong)}. Next: The live database was not touched."
    assert error.evidence == wrong
    assert world.events == [*BESIDE_THE_LIVE, *GIVEN_UP]


def test_a_failed_rollout_after_the_swap_leaves_the_swap_as_it_is(world: World) -> None:
    """The restored database fits the previous image: what is left to do is the rollout."""

    def stop_working(_deployment: object) -> None:
        world.controller.idle = True

    world.cluster.after["patch Deployment"] = stop_working
    with pytest.raises(UpgradeError) as error:
        world.run()
    assert error.value.message.startswith(
        f"The databases are swapped (the replaced one is kept as {KEPT}), and then: The rollout of ampora-web is not complete after 30 s"
    )
    assert error.value.next_step == (
        f"Run the same command again to go on, or swap back: ansible-playbook ampora.upgrades.rollback -e ampora_swap_back={RUN}"
    )
    assert set(world.database.databases) == {"ampora", KEPT}
    assert (world.replicas(), world.image()) == ([0, 3], IMAGE_AFTER)


def test_one_replica_when_nobody_wrote_down_how_many(world: World) -> None:
    world.restoring.run(manifest(), {**PREVIOUS, "replicas": None}, RUN, 30, world.guard)
    assert world.replicas() == [0, 1]


# --- what belongs to the database, and what is in it besides rows


def test_settings_that_no_dump_has_are_given_again(world: World) -> None:
    world.database.databases["ampora"].properties.update({"setting row_security": "off", "setting log_statement": "ddl"})
    result = world.run()
    live = world.database.databases["ampora"]
    assert live.properties == {**Content().properties, "setting row_security": "off"}
    assert result["to_do"] == ["SET setting log_statement"]
    assert "for an administrator, after the restore: SET setting log_statement" in world.said


def test_another_encoding_is_no_restore(world: World) -> None:
    world.database.databases["ampora"].properties["encoding"] = "LATIN1"
    error = world.fails()
    assert str(error) == "The new database is not like ampora: encoding is UTF8 and was LATIN1. Next: The live database was not touched."
    assert world.replicas() == []


@pytest.mark.parametrize(
    ("facts", "sequences", "wrong"),
    [
        ({"table public.agents": "owner eve"}, {"public.ids": 200}, "table public.agents is owner eve and was owner ampora"),
        ({}, {"public.ids": 200}, "table public.agents is missing"),
        ({"table public.agents": "owner ampora", "policy p": "x"}, {"public.ids": 200}, "policy p is new"),
        ({"table public.agents": "owner ampora"}, {"public.ids": 199}, "sequence public.ids stands at 199 and was at 200"),
        ({"table public.agents": "owner ampora"}, {}, "sequence public.ids stands at nothing and was at 200"),
    ],
)
def test_the_catalogue_is_compared_with_that_of_the_snapshot(
    world: World, facts: dict[str, str], sequences: dict[str, int], wrong: str
) -> None:
    keep(world.cluster, manifest())
    keep_catalog(world.cluster, manifest().id, Content().catalog)
    world.cluster.writes.clear()
    world.snapshots.content = Content(catalog=Catalog(facts, sequences))
    error = world.fails()
    assert isinstance(error, UpgradeError)
    assert error.evidence == (wrong,)
    assert world.replicas() == []


def test_a_sequence_may_have_gone_on_during_the_dump(world: World) -> None:
    keep(world.cluster, manifest())
    keep_catalog(world.cluster, manifest().id, Content().catalog)
    world.snapshots.content = Content(catalog=Catalog(Content().catalog.facts, {"public.ids": 205, "public.new": 1}))
    assert world.run()["version"] == "1.4.2"


def test_a_snapshot_without_a_reading_says_so(world: World) -> None:
    world.run()
    assert "the snapshot has no reading of its catalogue: owners, grants and policies are not compared" in world.said


# --- sessions


def test_sessions_that_end_by_themselves_are_waited_for(world: World) -> None:
    live = world.database.databases["ampora"]
    live.sessions = ["pid 7 (Npgsql)"]
    world.point.at_pause = lambda number: live.sessions.clear() if number == 3 else None
    assert world.run()["down_seconds"] == 4.0
    assert "1 sessions of ampora are ending" in world.said
    assert "end sessions of ampora" not in world.events


def test_sessions_that_stay_are_ended(world: World) -> None:
    world.database.databases["ampora"].sessions = ["pid 7 (pgbouncer)"]
    world.run()
    assert "1 sessions stay and are ended: pid 7 (pgbouncer)" in world.said
    assert world.events.index("end sessions of ampora") < world.events.index(f"swap database ampora {BESIDE} {KEPT}")


def test_sessions_that_nobody_here_may_end_stop_it_before_the_pods(world: World) -> None:
    world.database.databases["ampora"].foreign = ["pid 9 (exporter)"]
    error = world.fails()
    assert str(error).startswith("Sessions of ampora are of roles that this role may not end: pid 9 (exporter). Nothing was stopped.")
    assert world.replicas() == []


# --- in place


def test_in_place_is_between_the_stop_and_the_start(world: World) -> None:
    result = world.restoring.run_in_place(manifest(), PREVIOUS, RUN, 30, world.guard)
    assert world.events == [
        EXPORT,
        "patch Deployment/scale ampora-web",
        "end sessions of ampora",
        EXPORT,
        f"restore {manifest().id} in place for {RUN}",
        "patch Deployment ampora-web",
        "patch Deployment/scale ampora-web",
    ]
    assert (world.replicas(), world.image()) == ([0, 3], IMAGE_AFTER)
    assert (result["in_place"], result["kept_database"], result["version"]) == (True, "", "1.4.2")


def test_a_restore_in_place_that_fails_was_one_transaction(world: World) -> None:
    world.snapshots.failure = UpgradeError("The Job upgrade-restore failed: out of disk")
    live = world.database.databases["ampora"]
    with pytest.raises(UpgradeError, match="out of disk"):
        world.restoring.run_in_place(manifest(), PREVIOUS, RUN, 30, world.guard)
    assert world.database.databases["ampora"] is live
    assert (world.replicas(), world.image()) == ([0, 3], IMAGE_BEFORE)


def test_what_was_restored_in_place_and_differs_is_not_started(world: World) -> None:
    world.snapshots.content = Content({"public.agents": 199})
    with pytest.raises(UpgradeError) as error:
        world.restoring.run_in_place(manifest(), PREVIOUS, RUN, 30, world.guard)
    assert error.value.next_step == "No pod runs: look at the database before you start the previous image."
    assert (world.replicas(), world.image()) == ([0], IMAGE_BEFORE)
