# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let a new version run for a while before it is accepted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import SOAK
from ansible_collections.ampora.upgrades.plugins.module_utils.run.soak import begun_at
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import safe_points
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.soaking import soak


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.soak."""

    spec = SOAK
    positive = ("seconds",)

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        cluster = self.cluster(args)
        if self.check_mode:
            self.say(f"would let the new version run for {args['seconds']} s before it is accepted")
            return {"changed": False, "start": "", "end": ""}
        with safe_points() as safe_point, self.record(cluster).step("soak") as step:
            since = begun_at(step.journal)
            until = since.timestamp() + args["seconds"]
            step.result = {"start": since.isoformat(), "end": datetime.fromtimestamp(until, UTC).isoformat()}
            self.say(f"soaking until {step.result['end']}")
            soak(cluster, until, safe_point, self.progress())
        return {"changed": False, **step.result}
