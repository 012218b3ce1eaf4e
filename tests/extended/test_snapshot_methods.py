# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots by a CSI driver and by a real backup tool: taken, proven, restored beside; and each way to fail."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import DATABASE, SNAPSHOT_INPUTS
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import open_database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import Deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint, StoppedError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods import volume_snapshot
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Tools
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import Snapshots, find_manifest

from tests.extended.server import CLAIM, DATA, PASSWORD, Server, server
from tests.sandbox import paths
from tests.sandbox.commands import wait_for
from tests.sandbox.kubectl import get
from tests.support.scratch import defaults

Part = Callable[[str], None]
HISTORY = 'SELECT "MigrationId" FROM "__EFMigrationsHistory" ORDER BY 1'
RUN = "20261122t2140z-ab12cd"
BESIDE = "ampora_restore_r1"
AGENTS = 20_000
DEPLOYED = Deployed("1.4.2", parse("reg.example/ampora-web:1.4.2"), "sha256:" + "a" * 64, "4", 3, {})
KINDS = ("jobs", "pods", "secrets", "persistentvolumeclaims", "volumesnapshots")


class StopsAt(SafePoint):
    """Told to stop once a word has been said."""

    def __init__(self, lines: list[str], word: str) -> None:
        super().__init__()
        self.lines, self.word = lines, word

    def __call__(self) -> None:
        super().__call__()
        if self.word and any(self.word in line for line in self.lines):
            raise StoppedError("Stopped by SIGTERM.")


class World:
    """A server of the test's own with some rows, and the ports on it."""

    def __init__(self, own: Server, method: str, stop_at: str = "", **options: Any) -> None:
        self.server = own
        self.lines: list[str] = []
        self.cluster = Cluster(
            namespace=own.there.namespace, deployment="ampora-web", container="ampora-web", kubeconfig=str(paths.KUBECONFIG)
        )
        connection = {**defaults(DATABASE), "connection_string": own.npgsql(), "hostaddr": own.address}
        connection |= {"history_query": HISTORY, "timeout": 5, "env": ""}
        self.database = open_database(self.cluster, connection, {})
        image = f"{os.environ['AMPORA_SANDBOX_REGISTRY']}/postgres:{{major}}"
        volume = {"claim": CLAIM, "namespace": "", "class": os.environ.get("AMPORA_SANDBOX_SNAPSHOT_CLASS", ""), "checkpoint": False}
        inputs = {
            **defaults(SNAPSHOT_INPUTS),
            "method": method,
            "image": image,
            "user": 999,
            "timeout": 120,
            "jobs": 2,
            "proof": "decode",
            "keep": 0,
            "volume": volume,
            **options,
        }
        self.volume = volume
        self.snapshots = Snapshots(Tools(self.cluster, self.database, inputs, HISTORY, StopsAt(self.lines, stop_at), self.lines.append))

    def take(self) -> Manifest:
        self.cluster.delete("ConfigMap", f"upgrade-snapshot-{RUN}")
        return self.snapshots.take(RUN, DEPLOYED, "0123456789abcdef")

    def left(self) -> set[str]:
        """What of a run is still there; objects on their way out do not count."""
        found = [item for kind in KINDS for item in get("--namespace", self.cluster.namespace, kind)["items"]]
        named = {f"{item['kind']} {item['metadata']['name']}" for item in found if not item["metadata"].get("deletionTimestamp")}
        return {name for name in named if " upgrade-" in name}

    def check_restored(self, manifest: Manifest) -> None:
        """Restored beside, it has what the manifest says, whatever has been written since."""
        self.server.query("delete from agents where id > 5")
        self.snapshots.restore_beside(manifest, "r1", BESIDE)
        restored = self.database.of(BESIDE)
        assert (restored.rows(), tuple(restored.migrations())) == (manifest.rows, manifest.migrations)
        owners = self.server.query("select distinct tableowner from pg_tables where schemaname = 'public'", database=BESIDE)
        assert owners == [("ampora",)]
        self.database.drop(BESIDE)


def fill(own: Server) -> None:
    own.query('create table "__EFMigrationsHistory" ("MigrationId" text primary key, "ProductVersion" text)')
    own.query("""insert into "__EFMigrationsHistory" values ('1_first', '10')""")
    own.query(f"create table agents as select n as id, md5(n::text) as name from generate_series(1, {AGENTS}) n")


@pytest.fixture
def backed_up(part: Part) -> Iterator[Server]:
    part("pgbackrest")
    with server("backed-up") as own:
        fill(own)
        yield own


@pytest.fixture
def on_csi(part: Part) -> Iterator[Server]:
    part("pgbackrest")
    part("snapshots")
    with server("on-csi", os.environ["AMPORA_SANDBOX_STORAGE_CLASS"]) as own:
        fill(own)
        yield own


def test_pgbackrest(backed_up: Server) -> None:
    world = World(backed_up, "command", command={**backed_up.tool(), "remove": []})
    manifest = world.take()
    assert manifest == find_manifest(world.cluster, RUN)
    assert (manifest.method, manifest.proof, manifest.consistency, manifest.client_version) == ("command", "verified", "unknown", 0)
    assert manifest.location["snapshot"] == RUN
    assert manifest.location["tool_id"] in backed_up.shell("pgbackrest info")
    assert manifest.size > 1_000_000
    assert manifest.rows == {"public.agents": AGENTS, 'public."__EFMigrationsHistory"': 1}
    world.check_restored(manifest)

    # One file of the backup is damaged: the tool's own verification sees it, and nothing is restored.
    file = backed_up.shell(f"find /repository/backup/ampora/{manifest.location['tool_id']} -name '*.gz' | sort | head -n 1").strip()
    backed_up.shell(f"truncate --size=-1 {file}")
    with pytest.raises(UpgradeError, match=r"ampora_snapshot_command\.verify ended with exit status 1"):
        world.snapshots.restore_beside(manifest, "r1", BESIDE)
    assert not world.database.exists(BESIDE)

    # The tool itself fails: its own words, and no manifest.
    backed_up.shell("mv /repository/backup /repository/archive /tmp")
    with pytest.raises(
        UpgradeError, match=r"The snapshot on the tool kubectl failed: ampora_snapshot_command\.take ended with exit status"
    ):
        world.take()
    assert find_manifest(world.cluster, RUN) is None


def test_volume_snapshot(on_csi: Server) -> None:
    world = World(on_csi, "volume_snapshot")
    manifest = world.take()
    assert manifest == find_manifest(world.cluster, RUN)
    assert (manifest.method, manifest.proof, manifest.consistency, manifest.files) == ("volume_snapshot", "restored", "crash", {})
    assert manifest.rows == {"public.agents": AGENTS, 'public."__EFMigrationsHistory"': 1}
    assert manifest.migrations == ("1_first",)
    assert set(manifest.seconds) == {"take", "proof"}
    assert world.left() == {f"VolumeSnapshot upgrade-snapshot-{RUN}"}
    world.check_restored(manifest)
    assert world.left() == {f"VolumeSnapshot upgrade-snapshot-{RUN}"}
    assert not [line for line in world.lines if PASSWORD in line]


def test_volume_snapshots_that_cannot_be_taken(on_csi: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is told in the words of who knows, and leaves nothing."""
    monkeypatch.setattr(volume_snapshot, "PATIENCE_SECONDS", 3)
    world = World(on_csi, "volume_snapshot")
    world.volume["class"] = "no-such-class"
    with pytest.raises(UpgradeError, match=r'is not ready after \d+ s: .*"no-such-class" not found'):
        world.take()
    assert world.left() == set()

    world = World(on_csi, "volume_snapshot")
    world.volume["checkpoint"] = True
    with pytest.raises(UpgradeError, match=r"The role ampora may not make a checkpoint"):
        world.take()
    on_csi.shell("psql --quiet --host=/tmp --username=postgres --command='grant pg_checkpoint to ampora'")

    stopped = World(on_csi, "volume_snapshot", stop_at="recover runs")
    with pytest.raises(UpgradeError, match=r"Stopped by SIGTERM"):
        stopped.take()
    assert stopped.left() == set()


def test_volume_snapshots_that_are_no_good(on_csi: Server) -> None:
    world = World(on_csi, "volume_snapshot")
    manifest = world.take()
    empty = World(on_csi, "volume_snapshot")
    on_csi.there.claim("empty", os.environ["AMPORA_SANDBOX_STORAGE_CLASS"])
    empty.volume["claim"] = "empty"
    with pytest.raises(UpgradeError, match=r"the volume has no data directory of PostgreSQL 17"):
        empty.take()
    assert world.left() == set(), "a further attempt takes the place of the snapshot of its run"
    with pytest.raises(UpgradeError, match=r"is gone\."):
        world.snapshots.restore_beside(manifest, "r1", BESIDE)

    old, manifest = manifest, world.take()
    with pytest.raises(UpgradeError, match=r"is not the one of the snapshot .* it was made again since"):
        world.snapshots.restore_beside(old, "r1", BESIDE)
    assert not world.database.exists(BESIDE)

    # A page that was torn: the server starts, and the proof reads every row all the same.
    on_csi.shell("psql --quiet --host=/tmp --username=postgres --command=checkpoint")
    file = on_csi.query("select pg_relation_filepath('agents')")[0][0]
    on_csi.shell(f"dd if=/dev/urandom of={DATA}/{file} bs=8192 seek=3 count=1 conv=notrunc 2>&1")
    with pytest.raises(UpgradeError, match=r"invalid page in block 3"):
        world.take()
    wait_for("the removal of copies", lambda: not [name for name in world.left() if "VolumeSnapshot" not in name])
