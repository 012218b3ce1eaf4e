# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots of one deployment: taken and proven by a method, known by their manifest in the cluster, restored beside.

The manifest is a ConfigMap, so that every step and every later run finds it wherever the snapshot itself is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest, check_master_key, key_fingerprint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.catalog import keep_catalog, read_catalog
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import Deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run_record import labels, now
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot_methods.choice import choose
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot_methods.method import Tools


def find_manifest(cluster: Cluster, snapshot: str) -> Manifest | None:
    """The manifest of a snapshot, or None when there is none of that id."""
    found = cluster.get("ConfigMap", f"upgrade-snapshot-{snapshot}")
    return Manifest.from_json(found["data"]["manifest.json"]) if found else None


def fingerprint(cluster: Cluster, deployment: Mapping[str, Any], options: Mapping[str, str]) -> str:
    """The master key's fingerprint; empty when the deployment has no key (both inputs empty)."""
    if not (options["env"] or options["value"]):
        return ""
    found = cluster.environment(deployment, options["env"]) if options["env"] else None
    if found is None and not options["value"]:
        raise UpgradeError(f"The container {cluster.container_name} has no variable {options['env']} (ampora_master_key_env).")
    key = check_master_key(found.value if found else options["value"], found.source if found else "ampora_master_key")
    return key_fingerprint(key, f"{cluster.namespace}/{cluster.deployment_name}")


class Snapshots:
    """Takes, restores and removes; how the bytes are kept is the method's affair."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def place(self) -> str:
        """Where the next snapshot would go, for people."""
        return choose(self._tools.options["method"], self._tools).place()

    def take(self, run: str, deployed: Deployed, key: str) -> Manifest:
        """Take and prove a snapshot, and write its manifest; a failed one leaves nothing behind."""
        name = self._tools.options["method"]
        method = choose(name, self._tools)
        catalog = read_catalog(self._tools.database)
        started = now()
        try:
            taken = method.take(run)
        except UpgradeError as error:
            raise UpgradeError(
                f"The snapshot on {method.place()} failed: {error.message}",
                next_step="Nothing was changed. Mend the cause (space, image, network), then run the same command again.",
                evidence=error.evidence,
            ) from error
        manifest = Manifest(
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
            method=name,
            proof=taken.proof,
            location=taken.location,
            consistency=taken.consistency,
            seconds=taken.seconds,
        )
        self._write(manifest)
        keep_catalog(self._tools.cluster, manifest.id, catalog)
        return manifest

    def restore_beside(self, manifest: Manifest, run: str, database: str, create: Callable[[str], None] | None = None) -> None:
        """Restore the snapshot into a new database on the same server, by the method that took it; verified first.

        `create` makes the new database where it must be like another one.
        """
        method = choose(manifest.method, self._tools)
        method.verify(manifest)
        (create or self._tools.database.create)(database)
        method.restore_beside(manifest, run, database)
        self._tools.database.of(database).analyze()

    def restore_in_place(self, manifest: Manifest, run: str) -> None:
        """Restore the snapshot into the live database, in one transaction: all of it or nothing; verified first."""
        method = choose(manifest.method, self._tools)
        method.verify(manifest)
        method.restore_in_place(manifest, run)
        self._tools.database.analyze()

    def _write(self, manifest: Manifest) -> None:
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": f"upgrade-snapshot-{manifest.id}", "labels": labels(self._tools.cluster, "snapshot", manifest.run)},
            "data": {"manifest.json": manifest.to_json()},
        }
        self._tools.cluster.create("ConfigMap", body)
