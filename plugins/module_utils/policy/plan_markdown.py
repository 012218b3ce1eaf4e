# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan as Markdown, for a merge request or a change ticket.

Everything in a plan may come from notes or a cluster, so text is escaped: it can make no link, mention, image, HTML or
table cell of its own (https://github.github.com/gfm/#backslash-escapes; a mention is broken by a zero-width joiner).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan_text import (
    DECISIONS,
    answers_needed,
    duration,
    headline,
    in_order,
    mark,
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&:])")
_MENTION = re.compile(r"@(?=\w)")
_LIST = re.compile(r"^(\d{0,9})([-.])(?=[-\s]|$)")  # "- a", "1. a" and "--", of which a place in a list would make another list or a line
MOST_EVIDENCE = 20


def markdown(plan: Mapping[str, Any]) -> str:
    """One document: the way, what needs an answer, all findings, the hops, and what the notes bring."""
    place = f"{plan['deployment'].get('namespace', '?')}/{plan['deployment'].get('name', '?')}"
    parts = [
        f"# Upgrade of {escape(place)}\n\n{escape(headline(plan))}\n\n**Decision: {DECISIONS[plan['decision']]}**",
        *_answers(plan),
        *_hops(plan["hops"]),
        *_findings(in_order(plan["findings"])),
        *_notes(plan["notes"]),
    ]
    return "\n\n".join(parts) + "\n"


def escape(text: object) -> str:
    """Text of unknown origin as one line that Markdown shows as it is."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return _MENTION.sub("@\u200d", _LIST.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", line)))


def _answers(plan: Mapping[str, Any]) -> Iterator[str]:
    keys = answers_needed(plan)
    if keys:
        answers = "\n".join(f'  {key}: "true"' for key in keys)
        yield f"## Answers needed\n\nRead what is named below, then set:\n\n```yaml\nampora_acks:\n{answers}\n```"


def _hops(hops: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if hops:
        rows = [
            (hop["number"], hop["from"]["version"], hop["to"]["version"], hop["change"], _time(hop), DECISIONS[hop["decision"]])
            for hop in hops
        ]
        yield "## Hops\n\n" + _table(("", "from", "to", "change", "at least", "decision"), rows)


def _time(hop: Mapping[str, Any]) -> str:
    return duration(hop["forecast_seconds"]) if hop["forecast_seconds"] else ""


def _findings(findings: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not findings:
        yield "## Findings\n\nNone."
        return
    rows = [(mark(finding), finding["id"], finding["version"], finding["text"]) for finding in findings]
    yield "## Findings\n\n" + _table(("", "rule", "version", "finding"), rows)
    for finding in findings:
        if finding["evidence"]:
            places = "\n".join(f"- {escape(place)}" for place in finding["evidence"][:MOST_EVIDENCE])
            yield f"### {escape(finding['id'])} {escape(finding['version'])}\n\n{places}"


def _notes(notes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for note in notes:
        sections = [
            f"**{name}**\n\n" + "\n".join(f"- {escape(item)}" for item in items) for name, items in note["sections"].items() if items
        ]
        if sections:
            yield f"## Release notes {escape(note['version'])}\n\n" + "\n\n".join(sections)


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *([escape(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
