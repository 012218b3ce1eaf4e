# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Go back to the recorded image on the same schema."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import UNDO
from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import applied
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image_patch import patch_image, previous_image, scale
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout_wait import wait_for_rollout
from ansible_collections.ampora.upgrades.plugins.plugin_utils.safe_point import safe_points
from ansible_collections.ampora.upgrades.plugins.plugin_utils.way_back import UPGRADES


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.undo."""

    spec = UNDO
    positive = ("timeout",)

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        cluster = self.cluster(args)
        record = self.record(cluster)
        journal = record.find(args["run"], UPGRADES)
        schema = applied((journal.plan.get("database") or {}).get("migrations"), self.database(cluster, args).migrations_or_none())
        if schema.state != "unchanged":
            raise UpgradeError(
                f"The schema is {schema.state} since the run {journal.run} began"
                f" ({', '.join(schema.added) or 'it cannot be read'}): the previous image does not fit it.",
                next_step="Use rollback.yml, which restores the snapshot.",
            )
        image = previous_image(journal.plan["current"])
        if self.check_mode:
            return {"changed": cluster.container(cluster.deployment())["image"] != image, "image": image}
        with safe_points() as safe_point, record.step("undo") as step:
            changed = patch_image(cluster, image)
            # A restore that broke off right after its swap has left the schema fitting and nobody running.
            replicas = int(journal.plan["current"].get("replicas") or 0)
            if replicas and not cluster.deployment()["spec"].get("replicas", 1):
                scale(cluster, replicas)
                changed = True
            waited = wait_for_rollout(cluster, args["timeout"], safe_point, self.progress())
            step.result = {"run": journal.run, "image": image, "version": journal.plan["current"]["version"], **waited}
        self.say(f"{image} runs again after {waited['seconds']} s")
        return {"changed": changed, **step.result}
