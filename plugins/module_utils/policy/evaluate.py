# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""May we go: the one entry of the policy. Facts in; every finding of every hop, and a decision, out.

What is true of the deployment as it stands is said once, at the first hop; but what a person must answer is asked for each
hop, because an acknowledgement is valid for one version only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.policy import of_deployment, of_hop, plan, rules
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Answers, Finding, acknowledge
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.overrides import override


def evaluate(facts: Facts, answers: Answers) -> dict[str, Any]:
    """The plan with its findings and its decision. The site's own rules see the plan as it is before their own findings."""
    found = judge(facts)
    built = plan.build(facts, _answered(found, facts, answers), answers)
    own = [replace(item, hop=len(facts.hops)) for item in rules.judge_compiled(answers.rules, built)]
    return plan.build(facts, _answered([*found, *own], facts, answers), answers) if own else built


def _answered(found: Sequence[Finding], facts: Facts, answers: Answers) -> list[Finding]:
    target = str(facts.target.get("version", ""))
    marked = acknowledge(override(_named(found, target), answers.overrides, facts.now), answers.acks)
    return _named(marked, target)


def _named(found: Iterable[Finding], target: str) -> list[Finding]:
    """What names no version is about the target."""
    return [item if item.version else replace(item, version=target) for item in found]


def judge(facts: Facts) -> list[Finding]:
    """Every finding of every hop, before any answer."""
    return list(_findings(facts))


def _findings(facts: Facts) -> Iterator[Finding]:
    for number, hop in enumerate(facts.hops or [None], 1):
        name = str(hop.target.get("version", "")) if hop else ""
        for judge in of_deployment.JUDGES:
            for finding in judge(facts):
                if number == 1 or finding.severity == "ack":
                    yield replace(finding, version=finding.version or name, hop=number if hop else 0)
        if hop:
            for judge_hop in of_hop.JUDGES:
                for finding in judge_hop(facts, hop):
                    yield replace(finding, version=finding.version or name, hop=number)
