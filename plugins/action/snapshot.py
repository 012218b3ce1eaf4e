# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take a proven snapshot of the database."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import SNAPSHOT
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import read_deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.safe_point import safe_points
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot_methods.method import Tools
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshots import Snapshots, find_manifest, fingerprint


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.snapshot."""

    spec = SNAPSHOT

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        cluster = self.cluster(args)
        deployed = read_deployed(cluster, args["registry"], args["current_version"])
        database = self.database(cluster, args)
        key = fingerprint(cluster, deployed.deployment, args["master_key"])
        with safe_points() as safe_point:
            tools = Tools(cluster, database, args["snapshot"], args["database"]["history_query"], safe_point, self.progress())
            snapshots = Snapshots(tools)
            if self.check_mode:
                self.say(f"would dump {database.facts()['size']} bytes to {snapshots.place()} and prove the dump")
                return {"changed": True, "snapshot": {}}
            with self.record(cluster).step("snapshot") as step:
                found = find_manifest(cluster, step.run)
                manifest = found or snapshots.take(step.run, deployed, key)
                step.result = _summary(manifest)
        self.say(f"{manifest.id}: {len(manifest.files)} files, {manifest.size} bytes, {manifest.proof}")
        return {"changed": found is None, "snapshot": step.result}


def _summary(manifest: Manifest) -> dict[str, Any]:
    """What the journal, the result and the report say of a snapshot; the file list stays in the manifest."""
    return {
        "id": manifest.id,
        "method": manifest.method,
        "location": manifest.location,
        "place": ", ".join(f"{name} {value}" for name, value in manifest.location.items()),
        "size": manifest.size,
        "database_size": manifest.database_size,
        "files": len(manifest.files),
        "rows": sum(manifest.rows.values()),
        "migrations": list(manifest.migrations),
        "app": manifest.app,
        "watermark": manifest.watermark,
        "proof": manifest.proof,
        "consistency": manifest.consistency,
        "seconds": round((manifest.ended_at - manifest.started_at).total_seconds(), 1),
        "throughput": manifest.throughput,
    }
