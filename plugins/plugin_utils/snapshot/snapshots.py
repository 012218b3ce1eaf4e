# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots of one deployment: taken and proven by a method, known by their manifest in the cluster, restored beside.

The manifest is a ConfigMap, so that every step and every later run finds it wherever the snapshot itself is kept.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.damage import differences
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import Forecast, forecast
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.retention import half_made, superfluous
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.store import check_method
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import Deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import DEPLOYMENT_LABEL, KIND_LABEL, labels, now
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import StoppedError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.catalog import Catalog, compare, keep_catalog, read_catalog
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.scratch import Scratch
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.choice import choose
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import SnapshotMethod, Taken, Tools

# What it finds wrong with a restored database, in words.
Check = Callable[[Database], list[str]]


def find_manifest(cluster: Cluster, snapshot: str) -> Manifest | None:
    """The manifest of a snapshot, or None when there is none of that id."""
    found = cluster.get("ConfigMap", f"upgrade-snapshot-{snapshot}")
    return Manifest.from_json(found["data"]["manifest.json"]) if found else None


def find_manifests(cluster: Cluster) -> list[Manifest]:
    """All snapshots of the deployment, the newest first; one whose manifest cannot be read is nobody's measure and is left alone."""
    selector = {DEPLOYMENT_LABEL: cluster.deployment_name, KIND_LABEL: "snapshot"}
    found = []
    for item in cluster.find_all("ConfigMap", labels=selector):
        with contextlib.suppress(UpgradeError, KeyError):
            found.append(Manifest.from_json(item["data"]["manifest.json"]))
    return sorted(found, key=lambda manifest: manifest.started_at, reverse=True)


class Snapshots:
    """Takes, proves, restores and removes; how the bytes are kept is the method's affair.

    `checks` look at a restored database, and say in words what is wrong with it.
    """

    def __init__(self, tools: Tools, checks: Sequence[Check] = ()) -> None:
        self._tools = tools
        self._checks = checks

    def problems(self, restored: Database) -> list[str]:
        """What the checks find wrong with a restored database, in words."""
        return [problem for check in self._checks for problem in check(restored)]

    def place(self) -> str:
        """Where the next snapshot would go, for people."""
        return choose(self._tools.options["method"], self._tools).place()

    def forecast(self) -> Forecast:
        """What the next snapshot will take, by the earlier ones."""
        return forecast(self._tools.database.facts()["size"], self._tools.options["method"], find_manifests(self._tools.cluster))

    def take(self, run: str, deployed: Deployed, key: str, journals: Sequence[Journal] = ()) -> Manifest:
        """Take and prove a snapshot, and write its manifest; a failed one leaves nothing behind.

        `journals` are the deployment's: what runs that were stopped or killed have left half made is removed first.
        """
        method = choose(self._tools.options["method"], self._tools)
        self._tools.database.require_sessions()
        check_method(self._tools.options["method"], self._tools.options["s3"])
        scratch = Scratch(self._tools.database, self._tools.say)
        scratch.remove_left()
        if self._tools.options["proof"] == "restore":
            scratch.require_right()
        catalog = read_catalog(self._tools.database)
        started = now()
        try:
            left = half_made(journals, find_manifests(self._tools.cluster))
            manifest = self._manifest(method.take(run, self.forecast(), left), run, deployed, key, started)
            if self._tools.options["proof"] == "restore":
                manifest = self._prove(manifest, method, scratch, catalog)
        except StoppedError:
            raise  # nothing is to be mended
        except UpgradeError as error:
            raise UpgradeError(
                f"The snapshot on {method.place()} failed: {error.message}",
                next_step="Nothing was changed. Mend the cause (space, image, network), then run the same command again.",
                evidence=error.evidence,
            ) from error
        manifest = replace(manifest, ended_at=now())
        self._write(manifest)
        keep_catalog(self._tools.cluster, manifest.id, catalog)
        return manifest

    def _prove(self, manifest: Manifest, method: SnapshotMethod, scratch: Scratch, catalog: Catalog) -> Manifest:
        """Restore it into a scratch database and look at what is there; one that is not good is removed."""
        began = time.monotonic()
        try:
            with scratch.named(manifest.run) as name:
                self.restore_beside(manifest, manifest.run, name, scratch.create)
                restored = self._tools.database.of(name)
                rows = restored.rows()
                wrong = [*differences(manifest, rows, restored.migrations()), *compare(catalog, read_catalog(restored))]
                wrong += self.problems(restored)
            if wrong:
                raise UpgradeError(f"What was restored from it differs: {'; '.join(wrong[:5])}.", evidence=wrong)
        except BaseException:
            with contextlib.suppress(UpgradeError):
                method.remove(manifest)
            raise
        seconds = {**manifest.seconds, "restore": round(time.monotonic() - began, 1)}
        # From now on the counts are the snapshot's own, also where a tool's moment is not known.
        return replace(manifest, proof="restored", seconds=seconds, rows=rows)

    def _manifest(self, taken: Taken, run: str, deployed: Deployed, key: str, started: datetime) -> Manifest:
        return Manifest(
            id=run,
            run=run,
            deployment={"namespace": self._tools.cluster.namespace, "name": self._tools.cluster.deployment_name},
            app={"version": deployed.version, "digest": deployed.digest},
            migrations=taken.facts.migrations,
            rows=taken.facts.rows,
            watermark=taken.facts.watermark,
            server_version=taken.facts.server_version,
            client_version=taken.client_version,
            files=taken.files,
            size=taken.size,
            database_size=taken.facts.size,
            key_fingerprint=key,
            started_at=started,
            ended_at=now(),
            method=self._tools.options["method"],
            proof=taken.proof,
            location=taken.location,
            consistency=taken.consistency,
            seconds=taken.seconds,
            marks=taken.facts.marks,
        )

    def restore_beside(self, manifest: Manifest, run: str, database: str, create: Callable[[str], None] | None = None) -> None:
        """Restore the snapshot into a new database on the same server, by the method that took it, which verifies first.

        `create` makes the new database where it must be like another one.
        """
        make = create or self._tools.database.create
        choose(manifest.method, self._tools).restore_beside(manifest, run, database, lambda: make(database))
        self._tools.database.of(database).analyze()

    def restore_in_place(self, manifest: Manifest, run: str) -> None:
        """Restore the snapshot into the live database, in one transaction: all of it or nothing; verified first."""
        choose(manifest.method, self._tools).restore_in_place(manifest, run)
        self._tools.database.analyze()

    def superfluous(self, journals: Sequence[Journal], coming: int = 0) -> list[Manifest]:
        """The snapshots that retention removes once `coming` new ones are there, the oldest first."""
        return superfluous(find_manifests(self._tools.cluster), self._tools.options["keep"], journals, coming)

    def remove(self, manifest: Manifest) -> None:
        """Remove a snapshot and then its manifest, so that one that could not be removed is not forgotten."""
        choose(manifest.method, self._tools).remove(manifest)
        self._tools.cluster.delete("ConfigMap", f"upgrade-snapshot-{manifest.id}")

    def _write(self, manifest: Manifest) -> None:
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": f"upgrade-snapshot-{manifest.id}", "labels": labels(self._tools.cluster, "snapshot", manifest.run)},
            "data": {"manifest.json": manifest.to_json()},
        }
        self._tools.cluster.create("ConfigMap", body)
