# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apply the overlay, or let its GitOps controller do so, and wait for the rollout."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import ROLLOUT
from ansible_collections.ampora.upgrades.plugins.module_utils.database.progress import log_pattern
from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import compare
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.contract import judge as judge_contract
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan import expected_seconds
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.digest_proof import prove_pods
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import image_of
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.applying import Applying
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.migration_watch import MigrationWatch
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.rollout_wait import Lookout, wait_for_rollout
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import Step
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import safe_points
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.way_back import history_for


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.rollout."""

    spec = ROLLOUT
    positive = ("timeout",)

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        cluster, overlay = self.cluster(args), self.overlay(args)
        manifest = overlay.render()
        image = image_of(manifest, cluster.deployment_name, cluster.container_name)
        applying = Applying(cluster, overlay, manifest, image, args)
        if self.check_mode:
            return applying.predict()
        pattern, database = log_pattern(args["migration_log"]), self.database(cluster, args)
        with safe_points() as safe_point, self.record(cluster).step("apply") as step:
            _refuse_other(step, image)
            # A run that goes on after a crash may find the schema migrated already: what counts is how the run found it.
            plan = step.journal.plan
            before = (plan.get("database") or {}).get("migrations") or history_for(plan, database).ids
            watch = MigrationWatch(cluster, database, pattern, before or (), expected_seconds(plan))
            objects, was = applying.bring(plan, safe_point, self.progress())
            lookout = Lookout(applied=was, migration=watch, ready_timeout=args["ready_timeout"])
            waited = wait_for_rollout(cluster, args["timeout"], safe_point, self.progress(), lookout)
            schema = compare(before, history_for(plan, database))
            broken = judge_contract(plan, schema)
            step.result = {
                "image": image,
                **waited,
                "objects": objects,
                "schema": {"state": schema.state, "added": list(schema.added), "words": schema.words},
                "findings": [finding.to_dict() for finding in broken],
                "pods": prove_pods(cluster, plan, image),
            }
        self.say(f"complete after {waited['seconds']} s; the schema is {schema.state}{f' ({schema.words})' if schema.words else ''}")
        for finding in broken:
            self.say(f"[{finding.id}] {finding.text}")
        return {"changed": any(not line.endswith(" unchanged") for line in objects), **step.result}


def _refuse_other(step: Step, image: str) -> None:
    """In a run, the overlay must render the digest that the run has decided on."""
    planned = str((step.journal.plan.get("target") or {}).get("digest", ""))
    if planned and parse_reference(image).digest != planned:
        raise UpgradeError(
            f"The overlay renders {image}, but this run is for {planned}.",
            next_step="Run the step pin_by_digest (or the same upgrade command) first.",
        )
