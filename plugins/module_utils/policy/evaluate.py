# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""May we go: the one entry of the policy. Facts in; every finding of every hop, and a decision, out.

What is true of the deployment as it stands is said once, at the first hop; but what a person must answer is asked for each
hop, because an acknowledgement is valid for one version only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.policy import notes as release_notes
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import plan, readiness, rules, version
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts, Hop
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Answers, Finding, acknowledge
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.overrides import check, override


def evaluate(facts: Facts, answers: Answers) -> dict[str, Any]:
    """The plan with its findings and its decision. The site's own rules see the plan as it is before their own findings."""
    check(answers.overrides)
    found = judge(facts)
    built = plan.build(facts, _answered(found, facts, answers), answers)
    own = [replace(item, hop=len(facts.hops)) for item in rules.judge_rules(answers.rules, built)]
    return plan.build(facts, _answered([*found, *own], facts, answers), answers) if own else built


def _answered(found: Sequence[Finding], facts: Facts, answers: Answers) -> list[Finding]:
    target = str(facts.target.get("version", ""))
    named = [replace(item, version=item.version or target) for item in found]
    marked = acknowledge(override(named, answers.overrides, facts.now), answers.acks)
    return [replace(item, version=item.version or target) for item in marked]


def judge(facts: Facts) -> list[Finding]:
    """Every finding of every hop, before any answer."""
    return list(_findings(facts))


def _findings(facts: Facts) -> Iterator[Finding]:
    for number, hop in enumerate(facts.hops or [None], 1):
        name = str(hop.target.get("version", "")) if hop else ""
        for judge in DEPLOYMENT:
            for finding in judge(facts):
                if number == 1 or finding.severity == "ack":
                    yield replace(finding, version=finding.version or name, hop=number if hop else 0)
        if hop:
            for judge_hop in HOP:
                for finding in judge_hop(facts, hop):
                    yield replace(finding, version=finding.version or name, hop=number)


# --- the deployment as it stands


def _unreadable(facts: Facts) -> list[Finding]:
    return [Finding(item.part, "block", item.message, evidence=item.evidence) for item in facts.unreadable]


def _runs(facts: Facts) -> list[Finding]:
    findings = []
    if facts.foreign_holder:
        text = f"Another run works on this deployment: {facts.foreign_holder}. Wait for it to end."
        findings.append(Finding("another-run", "block", text))
    if open_run := facts.unfinished:
        text = (
            f"The {open_run.kind} {open_run.run} ({open_run.target or 'no target'}) has not ended. Go on with its own target, or"
            " go back with rollback.yml."
        )
        findings.append(Finding("unfinished-run", "block", text))
    return findings


def _database(facts: Facts) -> list[Finding]:
    found = facts.database
    return readiness.judge_database(found.server_version, found.minimum, found.may_create_databases, found.locks) if found else []


def _placeholders(facts: Facts) -> list[Finding]:
    annotation = facts.placeholder_annotation
    return [item for name, found in facts.placeholders.items() for item in readiness.judge_placeholder(name, found, annotation)]


def _signals(facts: Facts) -> list[Finding]:
    found = facts.signals
    return readiness.judge_signals(found.values, found.absent_is_zero, found.replicas) if found else []


def _overlay(facts: Facts) -> list[Finding]:
    found = facts.overlay
    return readiness.judge_overlay(found.entry, found.image_name, found.repository, found.rendered, found.live) if found else []


def _workload(facts: Facts) -> list[Finding]:
    found = facts.workload
    return readiness.judge_deployment(found.deployment, found.container, found.state) if found else []


def _permissions(facts: Facts) -> list[Finding]:
    return readiness.judge_permissions(facts.denied)


def _missing(facts: Facts) -> list[Finding]:
    return [Finding(name, "block", text) for name, text in facts.missing.items()]


# --- one hop


def _jump(facts: Facts, hop: Hop) -> list[Finding]:
    """Whether this hop may be made at all. The hops of a path are legal by themselves, but the registry may have changed since."""
    if not facts.available and any(item.part == "registry" for item in facts.unreadable):
        return []  # which versions there are is not known
    current, target = (version.parse(end["version"], "a version of the path") for end in (hop.current, hop.target))
    findings = version.judge_jump(current, target, facts.available, allow_prerelease=bool(target.prerelease))
    if facts.kind != "downgrade":
        return findings
    same_minor = (current.major, current.minor) == (target.major, target.minor)
    findings = [finding for finding in findings if not (finding.id == "downgrade" and same_minor)]
    if hop.change not in {"downgrade", "none"}:
        findings.append(Finding("not-a-downgrade", "block", f"{target} is newer than {current}; use upgrade.yml."))
    return findings


def _label(_facts: Facts, hop: Hop) -> list[Finding]:
    if not hop.label or hop.label.removeprefix("v") == hop.target["version"]:
        return []
    text = f"The image with the tag of {hop.target['version']} says in its label that it is {hop.label}."
    return [Finding("label-differs", "block", text)]


def _notes(facts: Facts, hop: Hop) -> list[Finding]:
    if hop.change in {"none", "downgrade"} or any(item.part == "release-notes" for item in facts.unreadable):
        return []
    chosen, missing = plan.notes_of(facts, hop)
    return [*missing, *(finding for note in chosen for finding in release_notes.scan(note))]


DEPLOYMENT: tuple[Callable[[Facts], list[Finding]], ...] = (
    _runs,
    _unreadable,
    _missing,
    _permissions,
    _workload,
    _overlay,
    _database,
    _placeholders,
    _signals,
)
HOP: tuple[Callable[[Facts, Hop], list[Finding]], ...] = (_jump, _label, _notes)
