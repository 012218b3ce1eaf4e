# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: everything that a run would do and find, as one plain JSON document (format 1, docs/schemas/plan.json)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.policy import notes as release_notes
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts, Hop
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding, decide
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import parse

FORMAT = 1


def build(facts: Facts, findings: Sequence[Finding]) -> dict[str, Any]:
    """The plan of these facts and of the findings about them; no hops when there is nothing to do."""
    done = facts.change == "none" and facts.current.get("digest") == facts.target.get("digest") and not facts.resumes
    hops = [] if done else [_hop(hop, [finding for finding in findings if finding.hop in (0, hop.number)]) for hop in facts.hops]
    return {
        "format": FORMAT,
        "deployment": facts.deployment,
        "current": facts.current,
        "target": facts.target,
        "change": facts.change,
        "resumes": facts.resumes,
        "path": [str(facts.current.get("version", "")), *(str(hop["to"]["version"]) for hop in hops)],
        "hops": hops,
        "database": facts.database.to_dict() if facts.database else {},
        "notes": [_note(note, hop) for hop in facts.hops for note in notes_of(facts, hop)[0]],
        "available": [str(known) for known in facts.available],
        "findings": [finding.to_dict() for finding in findings],
        "decision": decide(findings),
    }


def notes_of(facts: Facts, hop: Hop) -> tuple[list[release_notes.ReleaseNote], list[Finding]]:
    """The release notes that this hop brings, in order, and a finding for each that is missing."""
    current, target = (parse(end["version"], "a version of the path") for end in (hop.current, hop.target))
    return release_notes.between(facts.notes, current, target, facts.available)


def _hop(hop: Hop, findings: Sequence[Finding]) -> dict[str, Any]:
    ends = {"from": dict(hop.current), "to": dict(hop.target)}
    return {"number": hop.number, **ends, "change": hop.change, "decision": decide(findings)}


def _note(note: release_notes.ReleaseNote, hop: Hop) -> dict[str, Any]:
    readable = len(note.text) <= release_notes.LARGEST_NOTE
    return {
        "version": note.version,
        "source": note.source,
        "hop": hop.number,
        "sections": release_notes.sections(note) if readable else {},
        "runtime_seconds": release_notes.runtime_seconds(note) if readable else 0,
    }


def lines(plan: Mapping[str, Any]) -> list[str]:
    """The plan for a person: one line for the hop, one for each finding, one for the decision."""
    current, target = plan["current"].get("version", "?"), plan["target"].get("version", "?")
    if plan["change"] == "none" and not plan["hops"]:
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
    standing = [item for item in plan["findings"] if item["severity"] != "info" and not item["acknowledged"] and not item["overridden"]]
    return "The upgrade is refused and nothing was changed. " + " ".join(f"[{item['id']}] {item['text']}" for item in standing)
