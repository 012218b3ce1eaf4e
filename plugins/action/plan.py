# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read everything that the decision needs, decide, change nothing."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import PLAN
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import plan_text
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.evaluate import evaluate
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Answers, Override
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.plan_reader import read_facts


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.plan."""

    spec = PLAN

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        facts = read_facts(self.cluster(args), self.overlay(args), self.actor(), args)
        overrides = [Override(item["rule"], item["reason"], item["until"]) for item in args["overrides"]]
        plan = evaluate(facts, Answers(args["acks"], overrides, args["rules"], self.actor()))
        for line in plan_text.lines(plan):
            self.say(line)
        result: dict[str, Any] = {"changed": False, "plan": plan}
        if message := plan_text.refusal(plan):
            result.update(failed=True, msg=message)
        return result
