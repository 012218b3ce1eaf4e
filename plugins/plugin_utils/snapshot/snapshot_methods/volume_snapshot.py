# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The method `volume_snapshot`: a CSI snapshot of the database's volume, proven and restored by a server on a copy of it.

All its objects are in the namespace of the database's claim, since a VolumeSnapshot cannot leave it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

from ansible_collections.ampora.upgrades.plugins.module_utils.database.connection_string import check_in_a_pod, to_environment
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.quantity import quantity
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot import volume
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import read_facts
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import Forecast
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.job import parse_facts
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster, Object
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import labels
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.jobs import Jobs
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Taken, Tools

POLL_SECONDS = 1.0
# The controller tries again by itself; an error that stands for this long is not going to mend itself.
PATIENCE_SECONDS = 60


class VolumeSnapshotMethod:
    """See SnapshotMethod; a location has namespace, claim, volume_snapshot and uid."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._options = tools.options
        self._volume = tools.options["volume"]

    def place(self) -> str:
        return f"a VolumeSnapshot of the claim {self._namespace}/{self._volume['claim']}"

    @property
    def _namespace(self) -> str:
        return str(self._volume["namespace"] or self._tools.cluster.namespace)

    def take(self, run: str, forecast: Forecast, left: Sequence[str]) -> Taken:
        del forecast  # the driver's affair: a snapshot is made where its volume is
        name, cluster = f"upgrade-snapshot-{run}", self._tools.cluster.of(self._namespace)
        source = self._source(cluster, self._volume["claim"])
        for killed in left:
            cluster.delete("VolumeSnapshot", f"upgrade-snapshot-{killed}")
        if self._volume["checkpoint"]:
            self._tools.database.checkpoint()
        started = time.monotonic()
        self._forget(cluster, "VolumeSnapshot", name)
        body = volume.volume_snapshot(name, labels(cluster, "snapshot", run), self._volume["claim"], self._volume["class"])
        created = cluster.create("VolumeSnapshot", body)
        try:
            ready = self._await_ready(cluster, name)
            taken = time.monotonic() - started
            self._tools.say(f"the VolumeSnapshot {name} is ready; a server recovers on a copy of it")
            files = {"facts.sql": volume.facts_sql(self._tools.history_query, self._tools.audit_query), "prove.sh": volume.PROVE_SH}
            found = parse_facts(self._recover(cluster, f"upgrade-proof-{run}", run, ready, source, files, {}))
        except BaseException:
            cluster.delete("VolumeSnapshot", name)
            raise
        status = ready["status"]
        facts = read_facts({**found, "taken_at": status.get("creationTime") or found["taken_at"]})
        return Taken(
            facts=facts,
            location={
                "namespace": self._namespace,
                "claim": self._volume["claim"],
                "volume_snapshot": name,
                "uid": created["metadata"]["uid"],
            },
            files={},
            size=int(quantity(status.get("restoreSize") or "0") or 0),
            client_version=0,
            seconds={"take": round(taken, 1), "proof": round(time.monotonic() - started - taken, 1)},
            proof="restored",
            consistency="crash",
        )

    def restore_beside(self, manifest: Manifest, run: str, database: str, create: Callable[[], None]) -> None:
        ready, place = self._ready(manifest), manifest.location
        create()
        cluster = self._tools.cluster.of(place["namespace"])
        files = {"restore.sh": volume.RESTORE_SH, "password": self._tools.database.parameters.password}
        source = self._source(cluster, place["claim"])
        self._recover(cluster, f"upgrade-restore-{run}", run, ready, source, files, self._live(database))

    def restore_in_place(self, manifest: Manifest, run: str) -> None:
        del run
        raise UpgradeError(
            f"The volume snapshot {manifest.id} is restored beside the live database only, and the role may not create one.",
            next_step="ALTER ROLE ... CREATEDB for the role of the application, then run the same command again.",
        )

    def remove(self, manifest: Manifest) -> None:
        self._tools.cluster.of(manifest.location["namespace"]).delete("VolumeSnapshot", manifest.location["volume_snapshot"])

    def _source(self, cluster: Cluster, claim: str) -> Object:
        """The database's claim, which says of what kind a copy has to be."""
        found = cluster.get("PersistentVolumeClaim", claim) if claim else None
        if found is None:
            raise UpgradeError(
                f"There is no PersistentVolumeClaim {claim or 'without a name'} in the namespace {cluster.namespace}"
                " (ampora_snapshot_volume).",
                next_step="Set claim and namespace in ampora_snapshot_volume to those of the database's volume.",
            )
        return found

    def _await_ready(self, cluster: Cluster, name: str) -> Object:
        """The VolumeSnapshot once it can be used."""

        def look() -> tuple[volume.State, str]:
            found = cluster.get("VolumeSnapshot", name)
            return ("failing", "it was deleted") if found is None else volume.snapshot_state(found)

        self._settle(f"VolumeSnapshot {cluster.namespace}/{name}", look, "the snapshot controller and the driver of the database's claim")
        return dict(cluster.get("VolumeSnapshot", name) or {})

    def _settle(self, what: str, look: Callable[[], tuple[volume.State, str]], who: str) -> None:
        """Wait until something is ready; an error that stands is told in the cluster's own words."""
        began = time.monotonic()
        failing: float | None = None
        while True:
            state, words = look()
            if state == "ready":
                return
            now = time.monotonic()
            if state != "failing":
                failing = None
            elif failing is None:
                failing = now
            if now - began >= self._options["timeout"] or (failing is not None and now - failing >= PATIENCE_SECONDS):
                raise UpgradeError(
                    f"The {what} is not ready after {int(now - began)} s: {words}.", next_step=f"Look at its events and at {who}."
                )
            self._tools.say(f"{what}: {words}, {int(now - began) // 10 * 10} s")
            self._tools.safe_point.pause(POLL_SECONDS)

    def _ready(self, manifest: Manifest) -> Object:
        """The manifest's own VolumeSnapshot, not merely one of its name."""
        place = manifest.location
        found = self._tools.cluster.of(place["namespace"]).get("VolumeSnapshot", place["volume_snapshot"])
        where = f"The VolumeSnapshot {place['namespace']}/{place['volume_snapshot']}"
        if found is None:
            raise UpgradeError(f"{where} is gone.", next_step="Restore another snapshot.")
        if found["metadata"]["uid"] != place["uid"]:
            raise UpgradeError(f"{where} is not the one of the snapshot {manifest.id}: it was made again since.")
        state, words = volume.snapshot_state(found)
        if state != "ready":
            raise UpgradeError(f"{where} cannot be used: {words}.")
        return found

    def _recover(
        self, cluster: Cluster, name: str, run: str, snapshot: Object, source: Object, files: dict[str, str], live: dict[str, str]
    ) -> str:
        """The log of a throw-away server on a copy of the snapshot; copy, Job and Secret are gone afterwards in every outcome."""
        inputs = self._inputs(name, run, live)
        script = next(file for file in files if file.endswith(".sh"))
        jobs = Jobs(cluster, self._tools.safe_point, self._tools.say)
        with self._copy(cluster, volume.copy_claim(name, inputs.labels, snapshot, source)), jobs.secret(name, inputs.labels, files):
            return jobs.run(volume.recovery_job(inputs, script), self._options["timeout"])["recover"]

    @contextlib.contextmanager
    def _copy(self, cluster: Cluster, claim: Object) -> Iterator[None]:
        """A claim that lives as long as the block."""
        name = claim["metadata"]["name"]
        self._forget(cluster, "PersistentVolumeClaim", name)
        cluster.create("PersistentVolumeClaim", claim)

        def look() -> tuple[volume.State, str]:
            found = cluster.get("PersistentVolumeClaim", name) or {}
            return volume.claim_state(found, cluster.find_all("Event", fields=f"involvedObject.name={name}"))

        try:
            self._settle(f"PersistentVolumeClaim {cluster.namespace}/{name}", look, "the driver of its storage class")
            yield
        finally:
            cluster.delete("PersistentVolumeClaim", name)

    def _forget(self, cluster: Cluster, kind: str, name: str) -> None:
        """Delete what an earlier attempt has left, and wait until it is gone: finalizers keep it for as long as it is used."""

        def look() -> tuple[volume.State, str]:
            gone = cluster.get(kind, name) is None
            return ("ready", "gone") if gone else ("waiting", "an earlier one of this name is being deleted")

        cluster.delete(kind, name)
        self._settle(f"{kind} {cluster.namespace}/{name}", look, "who uses it")

    def _inputs(self, name: str, run: str, live: dict[str, str]) -> volume.RecoveryInputs:
        database = self._tools.database
        major = database.facts()["server_version"] // 10000
        return volume.RecoveryInputs(
            name=name,
            labels=labels(self._tools.cluster, "job", run),
            image=self._options["image"].replace("{major}", str(major)),
            major=major,
            timeout=self._options["timeout"],
            user=self._options["user"],
            database=database.parameters.database,
            role=database.parameters.username,
            live=live,
        )

    def _live(self, database: str) -> dict[str, str]:
        check_in_a_pod(self._tools.database.parameters)
        return {**to_environment(self._tools.database.parameters), "PGDATABASE": database, "PGCONNECT_TIMEOUT": "10"}
