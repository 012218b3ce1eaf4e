# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: everything that a run would do and find, as one plain JSON document (format 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding, acknowledge, decide
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.rules import judge_rules

FORMAT = 1


@dataclass
class Facts:
    """What was read; a part that could not be read is empty, and a finding says why."""

    deployment: dict[str, Any] = field(default_factory=dict)  # namespace, name, container
    current: dict[str, Any] = field(default_factory=dict)  # version, image, digest, revision, replicas
    target: dict[str, Any] = field(default_factory=dict)  # version, image, digest
    change: str = ""
    database: dict[str, Any] = field(default_factory=dict)  # server_version, size, migrations
    notes: list[dict[str, Any]] = field(default_factory=list)  # version, source, sections, runtime_seconds
    available: list[str] = field(default_factory=list)
    resumes: str = ""  # the id of the unfinished run that this plan goes on with


def build(facts: Facts, findings: Sequence[Finding], acks: Mapping[str, str], rules: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """The plan with its findings, the acknowledgements taken into account, and its hops (none when there is nothing to do).

    The site's rules see the plan as it is before their own findings.
    """
    plan = _plan(facts, findings, acks)
    own = judge_rules(rules, plan)
    return _plan(facts, [*findings, *own], acks) if own else plan


def _plan(facts: Facts, findings: Sequence[Finding], acks: Mapping[str, str]) -> dict[str, Any]:
    # An answer is for one version: a finding that names none is about this target.
    target = str(facts.target.get("version", ""))
    answered = acknowledge([replace(item, version=item.version or target) for item in findings], acks)
    done = facts.change == "none" and facts.current.get("digest") == facts.target.get("digest") and not facts.resumes
    return {
        "format": FORMAT,
        "deployment": facts.deployment,
        "current": facts.current,
        "target": facts.target,
        "change": facts.change,
        "resumes": facts.resumes,
        "hops": [] if done else [{"number": 1, "from": facts.current, "to": facts.target, "change": facts.change}],
        "database": facts.database,
        "notes": facts.notes,
        "available": facts.available,
        "findings": [finding.to_dict() for finding in answered],
        "decision": decide(answered),
    }


def lines(plan: Mapping[str, Any]) -> list[str]:
    """The plan for a person: one line for the hop, one for each finding, one for the decision."""
    current, target = plan["current"].get("version", "?"), plan["target"].get("version", "?")
    if not plan["hops"]:
        head = f"{current} is what runs, with the digest asked for: nothing to do"
    else:
        head = f"{current} -> {target} ({plan['change'] or 'unknown change'})" + (
            f", going on with run {plan['resumes']}" if plan["resumes"] else ""
        )
    body = []
    for finding in plan["findings"]:
        mark = (
            "acknowledged"
            if finding["acknowledged"]
            else {"block": "BLOCKS", "ack": "needs an answer", "info": "note"}[finding["severity"]]
        )
        body.append(f"  [{mark}] {finding['id']}: {finding['text']}")
        if finding["severity"] == "ack" and not finding["acknowledged"]:
            body.append(f'      answer with ampora_acks: {{{finding["ack_key"]}: "true"}}')
        body += [f"      {line}" for line in finding["evidence"][:5]]
    words = {"go": "decision: go", "acknowledge": "decision: acknowledgements needed", "blocked": "decision: blocked"}
    return [head, *body, words[plan["decision"]]]


def refusal(plan: Mapping[str, Any]) -> str:
    """One message with all reasons; empty when the plan may go ahead."""
    if plan["decision"] == "go":
        return ""
    open_findings = [finding for finding in plan["findings"] if finding["severity"] != "info" and not finding["acknowledged"]]
    return "The upgrade is refused and nothing was changed. " + " ".join(
        f"[{finding['id']}] {finding['text']}" for finding in open_findings
    )
