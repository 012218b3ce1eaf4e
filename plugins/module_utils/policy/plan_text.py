# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for a person at a terminal: the hops, a table of all findings, the decision, and the sentence of a refusal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

WIDTH = 120  # columns; what an AWX page and a laptop's terminal both show
MOST_EVIDENCE = 5
DECISIONS = {"go": "go", "acknowledge": "acknowledgements needed", "blocked": "blocked"}
MARKS = {"block": "BLOCKS", "ack": "needs an answer", "info": "note"}
ORDER = {"BLOCKS": 0, "needs an answer": 1, "overridden": 2, "acknowledged": 3, "note": 4}


def mark(finding: Mapping[str, Any]) -> str:
    """What a finding means for this run, in a word or two."""
    if finding["acknowledged"]:
        return "acknowledged"
    return "overridden" if finding["overridden"] else MARKS[finding["severity"]]


def in_order(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What stands in the way first; within that, by the hops of the path."""
    return sorted(findings, key=lambda finding: (ORDER[mark(finding)], finding["hop"]))


def answers_needed(plan: Mapping[str, Any]) -> list[str]:
    """The keys of ampora_acks that would answer everything that can be answered."""
    return list(dict.fromkeys(str(item["ack_key"]) for item in plan["findings"] if mark(item) == MARKS["ack"]))


def headline(plan: Mapping[str, Any]) -> str:
    """The whole way in one line."""
    current, target = plan["current"].get("version", "?"), plan["target"].get("version", "?")
    if plan["change"] == "none" and not plan["hops"]:
        return f"{current} is what runs, with the digest asked for: nothing to do"
    way = " -> ".join(plan["path"]) if plan["hops"] else f"{current} -> {target}"
    resumed = f", going on with run {plan['resumes']}" if plan["resumes"] else ""
    forecast = f", at least {duration(plan['forecast_seconds'])}" if plan["forecast_seconds"] else ""
    return f"{way} ({plan['change'] or 'unknown change'}){resumed}{forecast}"


def lines(plan: Mapping[str, Any], width: int = WIDTH) -> list[str]:
    """The plan as lines of at most `width` columns (a longer word stands on its own line)."""
    hops = [f"  {hop['number']}. {hop['from']['version']} -> {hop['to']['version']}: {DECISIONS[hop['decision']]}" for hop in plan["hops"]]
    table = list(_table(in_order(plan["findings"]), width))
    keys = ", ".join(f'{key}: "true"' for key in answers_needed(plan))
    answer = [f"to answer all: ampora_acks: {{{keys}}}"] if keys else []
    return [headline(plan), *(hops if len(hops) > 1 else []), *table, *answer, f"decision: {DECISIONS[plan['decision']]}"]


def _table(findings: Sequence[Mapping[str, Any]], width: int) -> Iterator[str]:
    marks = max((len(mark(finding)) for finding in findings), default=0)
    rules = max((len(f"{finding['id']} {finding['version']}") for finding in findings), default=0)
    indent = " " * (marks + rules + 6)
    for finding in findings:
        head = f"  {mark(finding):<{marks}}  {finding['id']:<{rules - len(finding['version'])}}{finding['version']}  "
        yield from textwrap.wrap(head + finding["text"], max(width, len(indent) + 40), subsequent_indent=indent, break_on_hyphens=False)
        if override := finding["overridden"]:
            yield f"{indent}overridden: {override['reason']}" + (f" (until {override['until']})" if override["until"] else "")
        for place in finding["evidence"][:MOST_EVIDENCE]:
            yield f"{indent}{place}"
        if (rest := len(finding["evidence"]) - MOST_EVIDENCE) > 0:
            yield f"{indent}and {rest} more in the report"


def refusal(plan: Mapping[str, Any]) -> str:
    """One message with all reasons; empty when the plan may go ahead."""
    if plan["decision"] == "go":
        return ""
    standing = [item for item in in_order(plan["findings"]) if mark(item) in MARKS.values() and item["severity"] != "info"]
    return "The upgrade is refused and nothing was changed. " + " ".join(f"[{item['id']}] {item['text']}" for item in standing)


def duration(seconds: float) -> str:
    """Seconds for a person: 50 s, 12 min, 2 h 5 min."""
    if seconds < 60:
        return f"{round(seconds)} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
