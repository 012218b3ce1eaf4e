# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration rollouts around an upgrade: which stand in its way, which of them we paused, and which to resume.

An upgrade closes every agent's connection, which a rollout's health gate takes for lost agents. What we paused is told by
the journals alone. Before the first pause a step names the rollouts that will be paused, so that a run that was killed in
the middle of it still knows its own; the next step says which were paused in truth.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal

STEP = "configuration_rollouts"
IN_PROGRESS, PAUSED = "inprogress", "paused"
STATES = frozenset({"pending", IN_PROGRESS, PAUSED, "completed", "failed", "rolledback"})
SHOWN = 10


@dataclass(frozen=True)
class Rollout:
    """One configuration rollout, which is not a rollout of the Deployment."""

    id: str
    name: str = ""
    state: str = ""

    @property
    def plain_state(self) -> str:
        """The state as a word that can be compared: InProgress, in_progress and "In progress" are one."""
        return re.sub(r"[^a-z]", "", self.state.lower())

    def to_dict(self) -> dict[str, str]:
        return {"id": self.id, "name": self.name, "state": self.state}

    def __str__(self) -> str:
        return f"{quote(self.name)} ({quote(self.id)})"


@dataclass(frozen=True)
class Left:
    """A rollout of ours that is not resumed, and why not."""

    id: str
    reason: str


def in_progress(rollouts: Iterable[Rollout]) -> list[Rollout]:
    return [item for item in rollouts if item.plain_state == IN_PROGRESS]


def judge(rollouts: Iterable[Rollout], *, may_pause: bool) -> list[Finding]:
    """Findings at planning; `may_pause` is whether the upgrade has a token for it and the leave to do so."""
    found = list(rollouts)
    findings = []
    if running := in_progress(found):
        text = f"{_count(running)} in progress, and an upgrade closes every agent's connection: {_named(running)}. "
        text += (
            "They are paused during the upgrade and resumed after it (ampora_pause_rollouts)."
            if may_pause
            else "Let them end or pause them, or set ampora_api_token and ampora_pause_rollouts so that the upgrade does it."
        )
        findings.append(
            Finding("configuration-rollout-in-progress", "info" if may_pause else "block", text, evidence=tuple(map(str, running[:SHOWN])))
        )
    if strange := [item for item in found if item.plain_state not in STATES]:
        states = ", ".join(sorted({quote(item.state, 32) for item in strange})[:SHOWN])
        text = (
            f"{_count(strange)} in a state that is not known ({states}): {_named(strange)}. See that none of them goes on,"
            " correct fields.state in ampora_api_options if it has another name, or acknowledge this."
        )
        findings.append(Finding("configuration-rollout-state-unknown", "ack", text, evidence=tuple(map(str, strange[:SHOWN]))))
    return findings


def owed(journals: Sequence[Journal]) -> dict[str, str]:
    """The rollouts that we paused and have not seen to since (id -> name), by all recorded runs; the newest run comes first."""
    found: dict[str, str] = {}
    oldest_first = (step for journal in reversed(journals) for step in journal.steps if step.name == STEP)
    steps = sorted(oldest_first, key=lambda step: step.began_at)
    for step in steps:
        found.update(_texts(step.result.get("to_pause")))
        found.update(_texts(step.result.get("paused")))
        for name in ("not_paused", "resumed", "left"):
            for rollout in _texts(step.result.get(name)):
                found.pop(rollout, None)
    return found


def to_resume(ours: Mapping[str, str], rollouts: Iterable[Rollout]) -> tuple[list[Rollout], list[Left]]:
    """Of those that are ours: which to resume, and which a person has seen to meanwhile."""
    known = {item.id: item for item in rollouts}
    resume, left = [], []
    for rollout, name in ours.items():
        found = known.get(rollout)
        if found is None:
            left.append(Left(rollout, f"{Rollout(rollout, name)} is not there any more"))
        elif found.plain_state == PAUSED:
            resume.append(found)
        elif found.plain_state == IN_PROGRESS:
            left.append(Left(rollout, f"{found} is in progress already"))
        else:
            left.append(Left(rollout, f"{found} is {quote(found.state, 32)} meanwhile"))
    return resume, left


def names(rollouts: Iterable[Rollout]) -> dict[str, str]:
    """As a step's result keeps them; cut, for a journal is small."""
    return {item.id: item.name[:60] for item in rollouts}


def _texts(value: object) -> dict[str, str]:
    return {str(key): str(text) for key, text in value.items()} if isinstance(value, Mapping) else {}


def _count(rollouts: Sequence[Any]) -> str:
    return "1 configuration rollout is" if len(rollouts) == 1 else f"{len(rollouts)} configuration rollouts are"


def _named(rollouts: Sequence[Rollout]) -> str:
    return ", ".join(map(str, rollouts[:SHOWN])) + (f" and {len(rollouts) - SHOWN} more" if len(rollouts) > SHOWN else "")
