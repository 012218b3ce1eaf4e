# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site's own rules over the plan."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.evaluate import evaluate
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Answers
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.rules import judge_rules

PLAN: dict[str, Any] = {"current": {"version": "1.4.2", "replicas": 2}, "target": {"version": "1.5.0"}, "change": "minor", "findings": []}


def rule(when: str, severity: str = "block") -> dict[str, str]:
    return {"id": "site", "when": when, "severity": severity, "text": "Not here."}


@pytest.mark.parametrize(
    ("when", "fires"),
    [
        ("current.replicas < `3`", True),
        ("current.replicas < `2`", False),
        ("change == 'minor' && starts_with(target.version, '1.5')", True),
        ("length(findings) > `0`", False),
        ("nothing.of.this", False),
    ],
)
def test_a_rule_fires_when_its_expression_is_true(when: str, fires: bool) -> None:
    found = judge_rules([rule(when)], PLAN)
    assert [finding.text for finding in found] == (["Not here."] if fires else [])


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("current.replicas <", "The rule site cannot be evaluated: Invalid jmespath expression"),
        ("current.replicas", 'The rule site gives "2", and a rule is true or false.'),
        ("length(keys(target))", 'The rule site gives "1", and a rule is true or false.'),
        ("length(findings)", 'The rule site gives "0", and a rule is true or false.'),
        ("target.version", 'The rule site gives "1.5.0", and a rule is true or false.'),
    ],
)
def test_an_expression_that_gives_no_answer_is_an_error(when: str, words: str) -> None:
    with pytest.raises(UpgradeError) as caught:
        judge_rules([rule(when)], PLAN)
    assert caught.value.message.startswith(words)
    assert "ampora_policy_rules" in caught.value.next_step


def test_a_rule_joins_the_decision_and_can_be_acknowledged() -> None:
    facts = Facts(current={"version": "1.4.2", "digest": "a"}, target={"version": "1.5.0", "digest": "b"}, change="minor")
    asks = [rule("change == 'minor'", "ack")]
    assert evaluate(facts, Answers(rules=asks))["decision"] == "acknowledge"
    assert evaluate(facts, Answers({"ack-1.5.0-site": "true"}, rules=asks))["decision"] == "go"
    assert evaluate(facts, Answers({"ack-1.4.3-site": "true"}, rules=asks))["decision"] == "acknowledge"
    assert evaluate(facts, Answers(rules=[rule("change == 'minor'")]))["decision"] == "blocked"
    assert evaluate(facts, Answers(rules=[rule("change == 'major'")]))["decision"] == "go"
