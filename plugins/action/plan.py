# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read everything that the decision needs, decide, change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import PLAN
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import plan_text
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.evaluate import evaluate
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Answers, Override
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.overrides import check
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.rule_ids import BUILT_IN
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.rules import Rule, compile_rules
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.windows import Window, parse
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.plan_reader import read_facts


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.plan."""

    spec = PLAN

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        answers, windows = _inputs(args, self.actor())
        facts = read_facts(self.cluster(args), self.overlay(args), self.actor(), args)
        facts.dry, facts.windows = self.check_mode, windows
        plan = evaluate(facts, answers)
        for line in plan_text.lines(plan):
            self.say(line)
        # A refusal is not a failure of this task, whose whole result would stand in the terminal: the role `preflight` refuses.
        return {"changed": False, "plan": plan, "refusal": plan_text.refusal(plan)}


def _inputs(args: Mapping[str, Any], actor: Mapping[str, str]) -> tuple[Answers, tuple[Window, ...]]:
    """What people have said, checked before anything is read; all that is wrong with any of it at once."""
    overrides = [Override(item["rule"], item["reason"], item["until"]) for item in args["overrides"]]
    rules: tuple[Rule, ...] = ()
    windows: tuple[Window, ...] = ()
    wrong = []
    try:
        check(overrides)
    except UpgradeError as error:
        wrong.append(str(error))
    try:
        rules = compile_rules(args["rules"], BUILT_IN)
    except UpgradeError as error:
        wrong.append(str(error))
    try:
        windows = parse(args["windows"])
    except UpgradeError as error:
        wrong.append(str(error))
    if wrong:
        raise UpgradeError(" ".join(wrong))
    return Answers(args["acks"], overrides, rules, actor), windows
