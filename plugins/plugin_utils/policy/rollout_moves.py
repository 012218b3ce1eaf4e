# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pause or resume several configuration rollouts, and look whether they did; what is certain is told even after a failure."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.configuration_rollouts import IN_PROGRESS, PAUSED, Rollout, names
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.agents_api import AmporaApi
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint

INTERVAL = 1.0


@dataclass
class Moves:
    """A rollout that was asked and of which nothing is certain (no answer, or still as before) is in none of the lists."""

    done: list[Rollout] = field(default_factory=list)
    left: list[Rollout] = field(default_factory=list)  # another hand was faster
    untouched: list[Rollout] = field(default_factory=list)  # not asked, because one before it failed
    error: UpgradeError | None = None

    def check(self) -> None:
        if self.error is not None:
            raise self.error


def move(api: AmporaApi, wanted: Sequence[Rollout], command: str, safe_point: SafePoint, timeout: float) -> Moves:
    """`command` is pause or resume."""
    taken, refused = list[Rollout](), list[Rollout]()
    for number, rollout in enumerate(wanted):
        try:
            safe_point()
        except UpgradeError as error:
            return Moves(taken, refused, list(wanted[number:]), error)
        try:
            (taken if api.move(rollout.id, command) else refused).append(rollout)
        except UpgradeError as error:
            return Moves(taken, refused, list(wanted[number + 1 :]), error)
    try:
        return _confirm(api, (taken, refused), command, safe_point, timeout) if wanted else Moves()
    except UpgradeError as error:
        return Moves(taken, refused, [], error)


def _confirm(api: AmporaApi, asked: tuple[list[Rollout], list[Rollout]], command: str, safe_point: SafePoint, timeout: float) -> Moves:
    """An answer is no proof, neither a yes nor a no: look until no rollout has the state that it had before."""
    before, after = (IN_PROGRESS, PAUSED) if command == "pause" else (PAUSED, IN_PROGRESS)
    taken, refused = asked
    until = time.monotonic() + timeout
    while True:
        found = {item.id: item.plain_state for item in api.rollouts()}
        states = {item.id: found.get(item.id, "") for item in (*taken, *refused)}
        waiting = [item for item in (*taken, *refused) if states[item.id] == before]
        if not waiting or time.monotonic() >= until:
            break
        safe_point.pause(INTERVAL)
    done = [item for item in taken if states[item.id] == after]
    left = [item for item in taken if states[item.id] not in (before, after)] + [item for item in refused if states[item.id] != before]
    return Moves(done, left, [], _unmoved(waiting, command, timeout) if waiting else None)


def _unmoved(waiting: Sequence[Rollout], command: str, timeout: float) -> UpgradeError:
    named = ", ".join(map(str, waiting[:10])) + (f" and {len(waiting) - 10} more" if len(waiting) > 10 else "")
    return UpgradeError(
        f"Ampora was told to {command} {named}, and {timeout:g} s later the state is {waiting[0].state} still.",
        next_step=f"{command.capitalize()} by hand and see why, then run the same command again.",
        evidence=[f"{key}: {name}" for key, name in names(waiting).items()],
    )
