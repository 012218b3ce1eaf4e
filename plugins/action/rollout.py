# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apply the overlay and wait for the rollout."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import ROLLOUT
from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import applied
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import belongs
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.overlay import image_of
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout_wait import wait_for_rollout
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run_record import Step
from ansible_collections.ampora.upgrades.plugins.plugin_utils.safe_point import safe_points


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.rollout."""

    spec = ROLLOUT
    positive = ("timeout",)

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        cluster, overlay = self.cluster(args), self.overlay(args)
        manifest = overlay.render()
        image = image_of(manifest, cluster.deployment_name, cluster.container_name)
        if self.check_mode:
            lines = overlay.apply(manifest, dry_run=True)
            return {"changed": _changed(lines), "objects": lines, "image": image}
        database = self.database(cluster, args)
        with safe_points() as safe_point, self.record(cluster).step("apply") as step:
            _refuse_other(step, image)
            # A run that goes on after a crash may find the schema migrated already: what counts is how the run found it.
            before = (step.journal.plan.get("database") or {}).get("migrations") or database.migrations_or_none()
            lines = overlay.apply(manifest)
            waited = wait_for_rollout(cluster, args["timeout"], safe_point, self.progress())
            after = database.migrations_or_none()
            schema = applied(before, after)
            step.result = {
                "image": image,
                **waited,
                "objects": lines,
                "schema": {"state": schema.state, "added": list(schema.added)},
                "pods": _proof(cluster, step, image),
            }
        self.say(f"complete after {waited['seconds']} s; the schema is {schema.state}")
        return {"changed": _changed(lines), **step.result}


def _changed(lines: list[str]) -> bool:
    return any(not line.endswith(" unchanged") for line in lines)


def _refuse_other(step: Step, image: str) -> None:
    """In a run, the overlay must render the digest that the run has decided on."""
    planned = str((step.journal.plan.get("target") or {}).get("digest", ""))
    if planned and parse_reference(image).digest != planned:
        raise UpgradeError(
            f"The overlay renders {image}, but this run is for {planned}.",
            next_step="Run the step pin_by_digest (or the same upgrade command) first.",
        )


def _proof(cluster: Cluster, step: Step, image: str) -> dict[str, str]:
    """Pod -> imageID; an error when a pod runs anything else than the pinned digest or one of its children."""
    digest = parse_reference(image).digest
    children = (step.journal.plan.get("target") or {}).get("children", [])
    found = {}
    for pod in cluster.pods(cluster.deployment()):
        for status in pod.get("status", {}).get("containerStatuses", []):
            if status["name"] == cluster.container_name:
                found[pod["metadata"]["name"]] = str(status["imageID"])
    wrong = [f"{pod} runs {image_id}" for pod, image_id in found.items() if digest and not belongs(image_id, digest, children)]
    if wrong:
        raise UpgradeError(f"Pods run another image than {digest}.", next_step="Look at who else changes the Deployment.", evidence=wrong)
    return found
