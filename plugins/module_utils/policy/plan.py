# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: everything that a run would do and find, as one plain JSON document (format 1, docs/schemas/plan.json)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.announcements import adrs
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts, Hop
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Answers, Finding, decide
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.hop_facts import agents_of, forecast_seconds, notes_of
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import items, sections
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.runtime import runtime_seconds

FORMAT = 1
# The journal is one ConfigMap of at most 1 MiB, and the steps need their part of it.
LARGEST_COMPACT = 400_000
_LONGEST_TEXT = 2000
_MOST_AGENTS = 20
_MOST_ADRS, _BRIEF = 50, 200


def build(facts: Facts, findings: Sequence[Finding], answers: Answers) -> dict[str, Any]:
    """The plan of these facts and of the findings about them; no hops when there is nothing to do."""
    done = facts.change == "none" and facts.current.get("digest") == facts.target.get("digest") and not facts.resumes
    hops = [] if done else [_hop(facts, hop, findings) for hop in facts.hops]
    return {
        "format": FORMAT,
        "deployment": facts.deployment,
        "current": facts.current,
        "target": facts.target,
        "change": facts.change,
        "resumes": facts.resumes,
        "path": [str(facts.current.get("version", "")), *(str(hop["to"]["version"]) for hop in hops)],
        "hops": hops,
        "forecast_seconds": sum(hop["forecast_seconds"] for hop in hops),
        "database": facts.database.to_dict() if facts.database else {},
        "notes": [_note(note, hop) for hop in facts.hops for note in notes_of(facts, hop)[0]],
        "available": [str(known) for known in facts.available],
        "findings": [finding.to_dict() for finding in findings],
        "answers": answers.to_dict(),
        "decision": decide(findings),
    }


def _hop(facts: Facts, hop: Hop, findings: Sequence[Finding]) -> dict[str, Any]:
    return {
        "number": hop.number,
        "from": dict(hop.current),
        "to": dict(hop.target),
        "change": hop.change,
        "decision": decide(finding for finding in findings if finding.hop in (0, hop.number)),
        "agents": agents_of(facts, hop)[1].to_dict(),
        "forecast_seconds": forecast_seconds(facts, hop),
    }


def _note(note: ReleaseNote, hop: Hop) -> dict[str, Any]:
    return {
        "version": note.version,
        "source": note.source,
        "hop": hop.number,
        "sections": sections(note) if note.readable else {},
        "adrs": [reference.to_dict() for reference in adrs(items(note), note.version)] if note.readable else [],
        "runtime_seconds": runtime_seconds(note) if note.readable else 0,
    }


def expected_seconds(plan: Mapping[str, Any]) -> int:
    """How long the migrations of a plan take by its release notes; 0 when they do not say."""
    return sum(int(note.get("runtime_seconds") or 0) for note in plan.get("notes") or [])


def compact(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The plan as the journal keeps it: every finding and answer, less evidence the more there is, no text of the notes."""
    notes = [{**note, "sections": {}, "adrs": [_brief(adr) for adr in note["adrs"][:_MOST_ADRS]]} for note in plan.get("notes", [])]
    hops = [{**hop, "agents": _few(hop["agents"])} for hop in plan.get("hops", [])]
    kept = {**plan, "available": [], "notes": notes, "hops": hops}
    for places in (20, 3, 0):
        kept["findings"] = [_short(finding, places) for finding in plan.get("findings", [])]
        if len(json.dumps(kept)) <= LARGEST_COMPACT:
            break
    return kept


def _short(finding: Mapping[str, Any], places: int) -> dict[str, Any]:
    evidence = [str(place)[:_LONGEST_TEXT] for place in finding["evidence"][:places]]
    return {**finding, "text": str(finding["text"])[:_LONGEST_TEXT], "evidence": evidence}


def _brief(adr: Mapping[str, str]) -> dict[str, str]:
    return {**adr, "text": adr["text"][:_BRIEF]}


def _few(agents: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value[:_MOST_AGENTS] if isinstance(value, list) else value for name, value in agents.items()}
