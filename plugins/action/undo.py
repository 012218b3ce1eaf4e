# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Go back to the recorded image on the same schema."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import UNDO
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.gitops_owner import GitOpsOwner
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.image_patch import previous_image
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.starting import start
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import safe_points
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.way_back import UPGRADES, schema_since


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.undo."""

    spec = UNDO
    positive = ("timeout",)

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        cluster = self.cluster(args)
        record = self.record(cluster)
        journal = record.find(args["run"], UPGRADES)
        schema = schema_since(journal, self.database(cluster, args))
        if schema.state != "unchanged":
            raise UpgradeError(
                f"The schema is {schema.state} since the run {journal.run} began"
                f" ({', '.join((*schema.added, *schema.removed)) or schema.words}): the previous image does not fit it.",
                next_step="Use rollback.yml, which restores the snapshot.",
            )
        image = previous_image(journal.plan["current"])
        if self.check_mode:
            return {"changed": cluster.container(cluster.deployment())["image"] != image, "image": image}
        with safe_points() as safe_point, record.step("undo") as step:
            if args["apply"] == "gitops":
                GitOpsOwner(cluster, args["gitops"]).wait_for(image, args["gitops_timeout"], safe_point, self.progress())
            started = start(cluster, journal.plan["current"], args["timeout"], safe_point, self.progress())
            step.result = {"run": journal.run, **started}
        self.say(f"{image} runs again after {started['seconds']} s")
        return dict(step.result)
