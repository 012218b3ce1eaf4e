# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take a proven snapshot of the database."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import SNAPSHOT
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import amount
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import read_deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.key_before import require_fitting
from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.key_trial import key_check
from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.master_key import fingerprint, read_key
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import StoppedError, safe_points
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Tools
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import Snapshots, find_manifest


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.snapshot."""

    spec = SNAPSHOT

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        cluster = self.cluster(args)
        deployed = read_deployed(cluster, args["registry"], args["current_version"])
        database = self.database(cluster, args)
        key, canary = read_key(cluster, deployed.deployment, args["master_key"]), args["master_key"]["canary"]
        require_fitting(database, key, canary)
        with safe_points() as safe_point:
            tools = Tools(cluster, database, args["snapshot"], args["database"]["history_query"], safe_point, self.progress())
            snapshots = Snapshots(tools, [key_check(key, canary)])
            record = self.record(cluster)
            if self.check_mode:
                return self._would(snapshots, record)
            with record.step("snapshot") as step:
                found = find_manifest(cluster, step.run)
                manifest = found or snapshots.take(step.run, deployed, fingerprint(cluster, key), record.journals())
                step.result = {**_summary(manifest), **self._remove(snapshots, record)}
        self.say(
            f"{manifest.id}: {len(manifest.files)} files, {amount(manifest.size)}, {manifest.proof}, consistency: {manifest.consistency}"
        )
        return {"changed": found is None or bool(step.result["removed"]), "snapshot": step.result}

    def _would(self, snapshots: Snapshots, record: RunRecord) -> dict[str, Any]:
        forecast = snapshots.forecast()
        self.say(f"would save the database on {snapshots.place()} and prove it: {forecast}")
        removed = [manifest.id for manifest in snapshots.superfluous(record.journals(), 1)]
        for snapshot in removed:
            self.say(f"would remove the snapshot {snapshot} (ampora_snapshot_keep)")
        return {"changed": True, "snapshot": {"removed": removed}, "forecast": forecast.to_dict()}

    def _remove(self, snapshots: Snapshots, record: RunRecord) -> dict[str, list[str]]:
        """Retention, after the new snapshot is there; what cannot be removed fails no upgrade, and is tried again the next time."""
        removed = []
        for manifest in snapshots.superfluous(record.journals()):
            try:
                snapshots.remove(manifest)
                removed.append(manifest.id)
                self.say(f"removed the snapshot {manifest.id} (ampora_snapshot_keep)")
            except StoppedError:
                raise
            except UpgradeError as error:
                self.say(f"the snapshot {manifest.id} could not be removed: {error.message}")
        return {"removed": removed}


def _summary(manifest: Manifest) -> dict[str, Any]:
    """What the journal, the result and the report say of a snapshot; the file list stays in the manifest."""
    return {
        "id": manifest.id,
        "manifest_sha256": manifest.sha256,
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
