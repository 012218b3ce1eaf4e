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
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.rules import compile_rules, judge_compiled, judge_rules
from hypothesis import example, given
from hypothesis import strategies as st

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
        ("starts_with(current.replicas, '2')", "The rule site cannot be evaluated: In function starts_with()"),
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
    asks = compile_rules([rule("change == 'minor'", "ack")])
    assert evaluate(facts, Answers(rules=asks))["decision"] == "acknowledge"
    assert evaluate(facts, Answers({"ack-1.5.0-site": "true"}, rules=asks))["decision"] == "go"
    assert evaluate(facts, Answers({"ack-1.4.3-site": "true"}, rules=asks))["decision"] == "acknowledge"
    assert evaluate(facts, Answers(rules=compile_rules([rule("change == 'minor'")])))["decision"] == "blocked"
    assert evaluate(facts, Answers(rules=compile_rules([rule("change == 'major'")])))["decision"] == "go"


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("change = 'minor'", """is wrong at character 8 ("= 'minor'"): Unknown token '='"""),
        ("current.replicas <", "is wrong at its end: Incomplete expression"),
        ("a b", 'is wrong at character 3 ("b"): Unexpected token: b'),
        ("a == `3", 'is wrong at character 6 ("`3"): Unclosed ` delimiter'),
        ("", 'its expression "" is wrong: Invalid JMESPath expression: cannot be empty'),
        ("a && nope(b)", 'calls "nope" at character 6 ("nope(b)"), and JMESPath has no such function'),
        ("a && length(b, c) > `1`", 'gives length 2 arguments at character 6 ("length(b, c) > `1`"), and it takes 1'),
        ("not_null()", "gives not_null 0 arguments at character 1"),
        ("not_null() && max_by(a)", 'gives max_by 1 arguments at character 15 ("max_by(a)"), and it takes 2'),
        ("not_null()", "and it takes at least 1"),
        ("a[?nope(c)].length(d, e)", 'calls "nope" at character 4 ("nope(c)].length(d, e")'),
        ("a[?nope(c)].length(d, e)", 'gives length 2 arguments at character 13 ("length(d, e)")'),
        ("{a: b[0:2], c: nope(@)}", 'calls "nope" at character 16'),
        ("(" * 2000, "its expression is nested too deeply"),
        ("a" * 4001, "its expression is longer than 4000 characters"),
    ],
)
def test_a_wrong_expression_is_found_before_anything_is_read(when: str, words: str) -> None:
    with pytest.raises(UpgradeError) as caught:
        compile_rules([rule(when)])
    assert caught.value.message.startswith('ampora_policy_rules is wrong: the rule "site": ')
    assert words in caught.value.message


@pytest.mark.parametrize(
    "when", ["not_null(a, b, c)", "max_by(a, &length(b)) == `1`", "sort(keys(a))[?contains(@, 'x')] | length(@) > `0`"]
)
def test_calls_that_are_right(when: str) -> None:
    assert [found.id for found in compile_rules([rule(when)])] == ["site"]


def test_everything_wrong_at_once() -> None:
    rules = [rule("a <"), {**rule("a"), "id": "agent-skew"}, {**rule("b"), "id": "c d"}, {**rule("nope()"), "id": "agent-skew"}]
    with pytest.raises(UpgradeError) as caught:
        compile_rules(rules, {"agent-skew", "other"})
    assert caught.value.message == (
        'ampora_policy_rules is wrong: 2 rules have the id "agent-skew", and an answer or override could not tell them apart; the id'
        ' "agent-skew" is a rule of the collection itself; the id "c d" is not made of up to 80 letters, digits, dots, hyphens and'
        ' underscores; the rule "site": its expression "a <" is wrong at its end: Incomplete expression; the rule "agent-skew": its'
        ' expression "nope()" calls "nope" at character 1 ("nope()"), and JMESPath has no such function.'
    )


def test_rules_are_compiled_once_and_judged_often() -> None:
    compiled = compile_rules([rule("change == 'minor'", "ack"), {**rule("change == 'patch'"), "id": "other"}], {"agent-skew"})
    assert [(found.id, found.severity, found.version) for found in judge_compiled(compiled, PLAN)] == [("site", "ack", "1.5.0")]
    assert [found.id for found in judge_compiled(compiled, {"change": "patch"})] == ["other"]
    assert compile_rules([]) == ()


@given(st.text(alphabet="ab.[]()*&|!<>='`\"{}@?, 1:", max_size=30))
@example('`"')
def test_no_text_is_an_exception_of_python(when: str) -> None:
    try:
        judge_rules([rule(when)], PLAN)
    except UpgradeError as error:
        assert "ampora_policy_rules" in error.next_step


def test_an_expression_at_its_limit_is_compiled() -> None:
    assert [found.id for found in compile_rules([rule("a" * 4000)])] == ["site"]
