# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put the database that a run has replaced back into its place, and start what ran on it."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import SWAP_BACK
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.gitops_owner import refuse_beside
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.starting import start
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import safe_points
from ansible_collections.ampora.upgrades.plugins.plugin_utils.server import Server
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.kept import read_swap_back
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.swapping import Swapping


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.swap_back."""

    spec = SWAP_BACK
    positive = ("timeout",)

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        refuse_beside(args["apply"])
        cluster = self.cluster(args)
        record = self.record(cluster)
        database = self.database(cluster, args)
        live = database.parameters.database
        server = Server(database, self.progress())
        found = read_swap_back(record, server, live, args["run"])
        if self.check_mode:
            self.say(f"would put {found.database} into the place of {live} and start {found.recorded['image']}")
            return {"changed": True, "run": found.journal.run, "image": found.recorded["image"]}
        with safe_points() as safe_point, record.step("swap") as step:
            if found.done:
                step.result = start(cluster, found.recorded, args["timeout"], safe_point, self.progress())
            else:
                swapping = Swapping(cluster, server, live, safe_point, self.progress())
                step.result = swapping.run(found.database, step.run, found.recorded, args["timeout"])
            step.result["run"] = found.journal.run
        self.say(
            f"{found.recorded['version'] or step.result['image']} runs again on the database that the run {found.journal.run} had replaced"
        )
        return {**step.result, "changed": True}
