# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told to people who do not look on: that a run begins, its verdict, and how it ends.

Made of names, versions, states and verdicts only. Messages and evidence may quote pods and servers, and stay in the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Event = Literal["start", "verdict", "hold", "rollback", "end"]
Kind = Literal["info", "success", "warning", "failure"]
EVENTS: tuple[Event, ...] = ("start", "verdict", "hold", "rollback", "end")
_LONGEST = 200


@dataclass(frozen=True)
class Notice:
    """One message; `kind` is how it is marked where the place it goes to knows colours."""

    event: Event
    kind: Kind
    title: str
    body: str


def notice(event: Event, report: Mapping[str, Any]) -> Notice:
    """The message for an event of a run, from its report as it is now."""
    kind, words = _KINDS[event]
    if event == "verdict":
        verdict = str(report["verdict"])
        kind, words = _OF_VERDICT.get(verdict, "warning"), f"verdict {verdict}"
    place = f"{report['deployment'].get('namespace', '?')}/{report['deployment'].get('name', '?')}"
    title = f"{report['kind']} of {place} {_versions(report)}: {words}"
    return Notice(event, kind, _plain(title), "\n".join(_plain(line) for line in _body(event, report)))


def _versions(report: Mapping[str, Any]) -> str:
    found = [str(report[side]["version"]) for side in ("from", "to")]
    return " -> ".join(version for version in found if version)


def _body(event: Event, report: Mapping[str, Any]) -> Iterator[str]:
    yield f"run {report['run']}"
    actor = report["actor"]
    yield f"by {actor.get('user') or 'unknown'}" + (f", AWX job {actor['awx_job']}" if actor.get("awx_job") else "")
    if event != "start":
        for signal in report["signals"]:
            yield f"signal {signal.get('name', '?')}: {signal.get('verdict', '?')}"
    if event == "hold":
        failed = [step["name"] for step in report["steps"] if step["state"] == "failed"]
        yield f"held at the step {failed[-1]}" if failed else "held"
        if report["next_command"]:
            yield f"next: {report['next_command']}"


def _plain(text: str) -> str:
    """One short line without anything that a chat or a terminal would obey; "@all" and "<!channel>" need their first sign."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.replace("@", "(at)").replace("<", "(").split())[:_LONGEST]


_OF_VERDICT: dict[str, Kind] = {"pass": "success", "fail": "failure"}
_KINDS: dict[Event, tuple[Kind, str]] = {
    "start": ("info", "begins"),
    "verdict": ("warning", ""),
    "hold": ("warning", "held, a person must look"),
    "rollback": ("warning", "rolled back"),
    "end": ("success", "accepted"),
}
