# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account of a run for people and programs, made from its journal: the same journal gives the same report.

Every step's result is in the report as it stands (docs/schemas/report.json); what is known of it is shown well, and the
rest plainly. Where the whole plan is at hand it takes the place of what the journal keeps of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.run import words
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal, StepRecord
from ansible_collections.ampora.upgrades.plugins.module_utils.run.timestamp import text

FORMAT = 1
UNFINISHED = "unfinished"
VERIFY = "verify"  # the kind of a report about steps that were run alone
HELD = "held"
# set_stats is stored by AWX for every job: a few kB in all.
MAXIMUM_STAT = 300
ARRIVED = ("upgraded", "unchanged", "planned", "refused", "rolled back", "swapped back", "ended")
BACK_STEPS = ("undo", "restore", "swap", "release")
_ROLLOUT_WORDS = ("paused", "not_paused", "resumed", "left")


def build(journal: Journal, *, now: datetime, whole_plan: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """report.json."""
    plan = whole_plan or journal.plan
    current, target = _mapping(plan.get("current")), _mapping(plan.get("target"))
    pinned = _result(journal, "pin_by_digest")
    forward, back = _either_side(journal.steps)
    watched, rewatched = _watch(forward), _watch(back)
    report = {
        "format": FORMAT,
        "run": journal.run,
        "kind": journal.kind,
        "deployment": dict(journal.deployment),
        "outcome": _outcome(journal),
        "change": str(plan.get("change") or ""),
        "from": {"version": str(current.get("version") or ""), "digest": str(current.get("digest") or "")},
        "to": {"version": str(target.get("version") or ""), "digest": str(pinned.get("digest") or target.get("digest") or "")},
        "actor": dict(journal.actor),
        "started_at": text(journal.started_at),
        "ended_at": text(journal.ended_at) if journal.ended_at else None,
        "seconds": _seconds(journal.started_at, journal.ended_at or now),
        "decision": str(plan.get("decision") or ""),
        "findings": [*_mappings(plan.get("findings")), *_met(journal)],
        "answers": _answers(_mapping(plan.get("answers"))),
        "adrs": [adr for note in _mappings(plan.get("notes")) for adr in _mappings(note.get("adrs"))],
        "notes": [
            {"version": str(note.get("version") or ""), "source": str(note.get("source") or "")} for note in _mappings(plan.get("notes"))
        ],
        "agents": _agents(plan),
        "steps": [_step(record, journal.started_at, now) for record in journal.steps],
        "proof": _mapping(_result(journal, "accept").get("proof")),
        "snapshot": _result(journal, "snapshot"),
        "way_back": {name: result for name in BACK_STEPS if (result := _result(journal, name))},
        "configuration_rollouts": _rollouts(journal),
        **watched,
        "after_going_back": rewatched if rewatched["signals"] else {},
        "spot_check": _result(journal, "spot_check"),
        "next_command": _next_command(journal),
    }
    return {**report, "headline": words.headline(report), "reason": words.reason(report)}


def combined(journals: Sequence[Journal]) -> Journal:
    """Steps that were run alone, one after another by the same playbook, as one run: that of the look at the pages, if there was one.

    `journals` are the newest first and at least one.
    """
    spot = next((journal for journal in journals if journal.kind == "spot_check"), journals[0])
    steps = tuple(record for journal in reversed(journals) for record in journal.steps)
    verdict = str(next((record.result.get("verdict") for record in steps if record.name == "watch"), "") or "pass")
    version = str(next((record.result.get("version") for record in spot.steps), "") or "")
    well = verdict == "pass" and all(record.state == "ended" for record in steps)
    return replace(
        spot,
        kind=VERIFY,
        started_at=min(journal.started_at for journal in journals),
        ended_at=max((journal.ended_at for journal in journals if journal.ended_at), default=None),
        outcome="ended" if well else "failed",
        plan={"target": {"version": version}},
        steps=steps,
    )


def summary_lines(report: Mapping[str, Any]) -> list[str]:
    """What the terminal shows at the end."""
    place = f"{report['deployment'].get('namespace', '?')}/{report['deployment'].get('name', '?')}"
    head = f"{report['kind']} of {place}: {report['outcome']}"
    versions = [report[side]["version"] for side in ("from", "to")]
    lines = [f"{head} ({' -> '.join(versions)})" if all(versions) else head, f"  run {report['run']}, {words.duration(report['seconds'])}"]
    for step in report["steps"]:
        said = step["message"] or words.line(step["name"], step["result"])
        lines.append(f"  {step['name']:<14}{step['state']:<7}{words.duration(step['seconds']):>12}  {said}".rstrip())
    if proof := report["proof"]:
        lines.append(f"  {words.proof(proof)}")
    if snapshot := report["snapshot"].get("id"):
        lines.append(f"  snapshot {snapshot} ({report['snapshot'].get('proof', 'proof unknown')})")
    for signal in report["signals"]:
        lines.append(f"  signal {signal.get('name', '?')}: {signal.get('verdict', '?')}, {signal.get('text', '')}")
    if report["verdict"]:
        lines.append(f"  verdict {report['verdict']}")
    if report["next_command"]:
        lines.append(f"  next: {report['next_command']}")
    return [_printable(line) for line in lines]


def stats(report: Mapping[str, Any]) -> dict[str, Any]:
    """What set_stats hands on under one key: short words only."""
    found = {
        "run": report["run"],
        "outcome": report["outcome"],
        "from": report["from"]["version"],
        "to": report["to"]["version"],
        "digest": report["to"]["digest"],
        "verdict": report["verdict"],
        "snapshot": report["snapshot"].get("id", ""),
        "next_command": report["next_command"],
    }
    return {name: _printable(str(value))[:MAXIMUM_STAT] for name, value in found.items()}


def _step(record: StepRecord, start: datetime, now: datetime) -> dict[str, Any]:
    return {
        "name": record.name,
        "state": record.state,
        "began_at": text(record.began_at),
        "ended_at": text(record.ended_at) if record.ended_at else None,
        "offset": _seconds(start, record.began_at),
        "seconds": _seconds(record.began_at, record.ended_at or now),
        "message": record.message,
        "result": dict(record.result),
    }


def _outcome(journal: Journal) -> str:
    """How the run ended; an open one is held when something in it did not go well, and else unfinished."""
    if journal.outcome:
        return journal.outcome
    watch = next((record.result for record in reversed(journal.steps) if record.name == "watch"), {})
    verdict = str(watch.get("verdict") or "pass")
    return HELD if verdict != "pass" or any(record.state == "failed" for record in journal.steps) else UNFINISHED


def _next_command(journal: Journal) -> str:
    """What to type for a run that is not yet where it was meant to be: as the latest step says, or how to go back."""
    if journal.outcome in ARRIVED:
        return ""
    named = (*(record.result.get("next_command") for record in reversed(journal.steps)), journal.plan.get("next_command"))
    changed = journal.steps and journal.kind in ("upgrade", "downgrade")
    back = f"ansible-playbook ampora.upgrades.rollback -e ampora_run_id={journal.run}" if changed else ""
    return next((str(command) for command in named if command), back)


def _met(journal: Journal) -> list[dict[str, Any]]:
    """The findings of the steps; a step that was tried again says the same again, and counts once."""
    found = [finding for record in journal.steps for finding in _mappings(record.result.get("findings"))]
    return [finding for number, finding in enumerate(found) if finding not in found[:number]]


def _answers(given: Mapping[str, Any]) -> dict[str, Any]:
    """What people said of the findings, and who: the same fields as in the plan."""
    return {**{name: dict(_mapping(given.get(name))) for name in ("by", "acks")}, "overrides": _mappings(given.get("overrides"))}


def _agents(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Who the first hop's roll is about; empty when no agent was looked at."""
    hops = _mappings(plan.get("hops"))
    return dict(_mapping(hops[0].get("agents"))) if hops else {}


def _rollouts(journal: Journal) -> dict[str, list[str]]:
    """What was done with the configuration rollouts in progress: word -> their names."""
    found: dict[str, list[str]] = {}
    for record in journal.steps:
        if record.name == "configuration_rollouts":
            for word in _ROLLOUT_WORDS:
                named = record.result.get(word)
                found.setdefault(word, []).extend(f"{name} ({key})" for key, name in sorted(_mapping(named).items()))
    return {word: names for word, names in found.items() if names}


def _either_side(steps: tuple[StepRecord, ...]) -> tuple[tuple[StepRecord, ...], tuple[StepRecord, ...]]:
    """The steps before a run went back, and those since; a rollback has all of its own on the first side."""
    turn = next((number for number, record in enumerate(steps) if record.name in BACK_STEPS), 0)
    watched = any(record.name == "watch" for record in steps[:turn])
    return (steps[:turn], steps[turn:]) if watched else (steps, ())


def _watch(steps: tuple[StepRecord, ...]) -> dict[str, Any]:
    """The latest watch of these: what it says, and when the pods were rolled before it (seconds since 1970), for the charts."""
    result = next((record.result for record in reversed(steps) if record.name == "watch"), {})
    rolled = next((record for record in reversed(steps) if record.name in (*BACK_STEPS, "apply")), None)
    return {
        "verdict": str(result.get("verdict") or ""),
        "signals": _mappings(result.get("signals")),
        "rollout": [moment.timestamp() for moment in (rolled.began_at, rolled.ended_at) if moment] if rolled else [],
    }


def _result(journal: Journal, name: str) -> dict[str, Any]:
    record = journal.step(name)
    return dict(record.result) if record else {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[dict[str, Any]]:
    return [dict(item) for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _seconds(start: datetime, end: datetime) -> float:
    return round(max((end - start).total_seconds(), 0.0), 1)


def _printable(line: str) -> str:
    return "".join(character if character.isprintable() else " " for character in line)
