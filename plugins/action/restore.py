# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore the snapshot beside the live database, swap the two, and start the recorded image on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import RESTORE
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.data_loss import Subjects
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.key_before import hindrance
from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.key_trial import key_check
from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.master_key import attach, fingerprint, read_key
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.gitops_owner import refuse_beside
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import safe_points
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Tools
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import Snapshots
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.loss_guard import LossGuard
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.restoring import Restoring
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.way_back import read_way_back, require_consent


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.restore."""

    spec = RESTORE
    positive = ("timeout",)

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        refuse_beside(args["apply"])
        cluster = self.cluster(args)
        record = self.record(cluster)
        database = self.database(cluster, args)
        key = read_key(cluster, cluster.deployment(), args["master_key"])
        subjects = Subjects.from_options(args["data"])
        found = read_way_back(cluster, record, database, args["run"], fingerprint(cluster, key), subjects)
        # Check mode shows what would be done, so that a person can agree to it.
        consents = (found.manifest.id,) * 2 if self.check_mode and found.manifest else (args["accept_data_loss"], args["accept_in_place"])
        manifest = require_consent(found, *consents)
        if error := hindrance(database, key, args["master_key"], "restore"):
            raise error
        if self.check_mode:
            self.say(f"would restore {manifest.id} and start {found.previous['image']}")
            return {"changed": True, "snapshot": manifest.id}
        with safe_points() as safe_point, record.step("restore") as step:
            tools = Tools(cluster, database, args["snapshot"], args["database"]["history_query"], safe_point, self.progress())
            snapshots = Snapshots(tools, [key_check(key, args["master_key"]["canary"])])
            restoring = Restoring(cluster, database, snapshots, safe_point, self.progress())
            bring_back = restoring.run_in_place if found.decision.in_place else restoring.run
            directory = Path(args["export_directory"]) / step.run
            agreed = args["accept_data_loss"] == manifest.id
            guard = LossGuard(database, manifest, subjects, directory, agreed=agreed, say=self.say)
            if attached := attach(cluster, key, args["master_key"]["env"]):
                self.say(f"the master key is attached again: {attached}")
            step.result = bring_back(manifest, found.previous, step.run, args["timeout"], guard)
            step.result.update(snapshot=manifest.id, master_key_attached=attached, **guard.to_dict())
        kept = f"the replaced database is kept as {step.result['kept_database']}" if step.result["kept_database"] else "restored in place"
        self.say(f"{found.previous['version']} runs on the snapshot {manifest.id}; {kept}")
        return {"changed": True, **step.result}
