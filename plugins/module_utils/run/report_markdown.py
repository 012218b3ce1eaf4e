# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""summary.md: the account of a run for a merge request, a chat or a change ticket.

Text of unknown origin is escaped as in the plan's Markdown: it can make no link, mention, image, HTML or table cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan_markdown import escape
from ansible_collections.ampora.upgrades.plugins.module_utils.run import words

MOST_FINDINGS = 20
_LONGEST = 300


def markdown(report: Mapping[str, Any]) -> str:
    """One document: what became of it, what to type next, the steps, the signals, and what stands open."""
    parts = [
        f"# {escape(report['headline'])}\n\n**{escape(report['outcome'])}**: {escape(_facts(report))}",
        escape(_short(report["reason"])),
        *_next(report),
        *_table("Steps", ("", "step", "took", ""), [_step(step) for step in report["steps"]]),
        *_table("Signals", ("", "signal", ""), [_signal(signal) for signal in report["signals"]]),
        *_standing(report),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _facts(report: Mapping[str, Any]) -> str:
    versions = " to ".join(report[side]["version"] or "an unknown version" for side in ("from", "to"))
    by = f", by {report['actor']['user']}" if report["actor"].get("user") else ""
    return f"{report['kind']} from {versions}, {words.duration(report['seconds'])}{by}, run {report['run']}"


def _next(report: Mapping[str, Any]) -> Iterator[str]:
    """As code, which shows everything as it is; only a fence could end it."""
    if report["next_command"]:
        command = " ".join(str(report["next_command"]).replace("`", "'").split())
        yield f"## Next\n\n```sh\n{command}\n```"


def _table(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    if rows:
        lines = [head, tuple("---" for _cell in head), *(tuple(escape(_short(cell)) for cell in row) for row in rows)]
        yield f"## {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _step(step: Mapping[str, Any]) -> tuple[str, ...]:
    said = step["message"] or words.line(step["name"], step["result"])
    return step["state"], words.title(step["name"]), words.duration(step["seconds"]), said


def _signal(signal: Mapping[str, Any]) -> tuple[str, ...]:
    return str(signal.get("verdict", "?")), str(signal.get("name", "?")), str(signal.get("text", ""))


def _standing(report: Mapping[str, Any]) -> Iterator[str]:
    """Findings that stand in the way, or that a person has answered or overridden."""
    rows: list[tuple[str, ...]] = []
    for finding in report["findings"]:
        if finding.get("severity") != "info":
            state = (
                "overridden" if finding.get("overridden") else "answered" if finding.get("acknowledged") else str(finding.get("severity"))
            )
            rows.append((state, f"{finding.get('id', '?')} {finding.get('version', '')}".strip(), str(finding.get("text", ""))))
    yield from _table("Findings", ("", "rule", "finding"), rows[:MOST_FINDINGS])
    if len(rows) > MOST_FINDINGS:
        yield f"and {len(rows) - MOST_FINDINGS} more in report.html"


def _short(text: object) -> str:
    line = str(text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
