# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the schema forward ahead of the rollout, or record who does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import MIGRATE
from ansible_collections.ampora.upgrades.plugins.module_utils.database.progress import log_pattern
from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import History, applied
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.job_template import migration_job
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.contract import judge as judge_contract
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan import expected_seconds
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import image_of
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.migration_watch import MigrationWatch
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.rollout_wait import still_serving
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import Step, labels
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint, StoppedError, safe_points
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.jobs import Jobs


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.migrate."""

    spec = MIGRATE
    positive = ("timeout",)

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        cluster = self.cluster(args)
        database = self.database(cluster, args)
        before = database.migrations()
        if args["mode"] != "job":
            who = "the pods migrate when they start" if args["mode"] == "startup" else "the migration is done outside of this run"
            self.say(f"{who}; {len(before)} migrations are applied now")
            return {"changed": False, "mode": args["mode"], "before": before, "after": before}
        if self.check_mode:
            self.say(f"would run the migration Job of {args['job']}")
            return {"changed": True, "mode": "job", "before": before, "after": before}
        with safe_points() as safe_point, self.record(cluster).step("migrate") as step:
            after = self._run_job(cluster, database, args, step, safe_point, before)
            broken = judge_contract(step.journal.plan, applied(before, after))
            step.result = {"mode": "job", "before": before, "after": after, "findings": [finding.to_dict() for finding in broken]}
        self.say(f"{len(after) - len(before)} migrations applied by the Job")
        for finding in broken:
            self.say(f"[{finding.id}] {finding.text}")
        return {"changed": after != before, **step.result}

    def _run_job(
        self, cluster: Cluster, database: Database, args: dict[str, Any], step: Step, safe_point: SafePoint, before: list[str]
    ) -> list[str]:
        overlay = self.overlay(args)
        image = image_of(overlay.render(), cluster.deployment_name, cluster.container_name)
        job = migration_job(_template(args["job"]), overlay.image_name, image, labels(cluster, "job", step.run))
        expected = expected_seconds(step.journal.plan)
        watch = MigrationWatch(cluster, database, log_pattern(args["migration_log"]), before, expected)
        try:
            Jobs(cluster, safe_point, self.progress()).run(job, args["timeout"] + expected, watch.look_and_tell)
        except StoppedError:
            raise  # the Job is deleted, and the same command begins it anew
        except UpgradeError as error:
            stand = _stand(database.history())
            raise UpgradeError(
                f"The migration failed; {stand}. {still_serving(cluster)}. {error.message}",
                next_step="Mend the cause and run the same command again, or go back with rollback.yml.",
                evidence=error.evidence,
            ) from error
        return database.migrations()


def _stand(history: History) -> str:
    """Where the schema stands: the last migration that is there is the last good one."""
    if history.state != "read":
        return f"where the schema stands cannot be read ({history.words})"
    last = history.migrations[-1] if history.migrations else "none"
    return f"the last good migration, at which the schema stands, is {last}"


def _template(path: str) -> object:
    """What the user's file holds; whether that is a Job is judged elsewhere."""
    try:
        return yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not YAML"
        raise UpgradeError(f"ampora_migrate_job is {path}: {reason}.", next_step="Name the file with your migration Job.") from error
