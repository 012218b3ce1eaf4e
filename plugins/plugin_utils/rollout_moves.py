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
from ansible_collections.ampora.upgrades.plugins.plugin_utils.agents_api import AmporaApi
from ansible_collections.ampora.upgrades.plugins.plugin_utils.safe_point import SafePoint

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
    moves, asked = Moves(), list[Rollout]()
    for number, rollout in enumerate(wanted):
        try:
            safe_point()
        except UpgradeError as error:
            return Moves(asked, moves.left, list(wanted[number:]), error)
        try:
            (asked if api.move(rollout.id, command) else moves.left).append(rollout)
        except UpgradeError as error:
            return Moves(asked, moves.left, list(wanted[number + 1 :]), error)
    if not asked:
        return moves
    try:
        _confirm(api, asked, command, safe_point, timeout, moves)
    except UpgradeError as error:
        return Moves(asked, moves.left, [], error)
    return moves


def _confirm(api: AmporaApi, asked: Sequence[Rollout], command: str, safe_point: SafePoint, timeout: float, moves: Moves) -> None:
    """An answer that it was accepted is no proof: ask until no rollout has the state that it had before."""
    before, after = (IN_PROGRESS, PAUSED) if command == "pause" else (PAUSED, IN_PROGRESS)
    until = time.monotonic() + timeout
    while True:
        found = {item.id: item for item in api.rollouts()}
        states = {item.id: found[item.id].plain_state if item.id in found else "" for item in asked}
        waiting = [item for item in asked if states[item.id] == before]
        if not waiting or time.monotonic() >= until:
            break
        safe_point.pause(INTERVAL)
    moves.done += [item for item in asked if states[item.id] == after]
    moves.left += [item for item in asked if states[item.id] not in (before, after)]
    if waiting:
        moves.error = UpgradeError(
            f"Ampora took the {command} of {', '.join(map(str, waiting[:10]))}, and {timeout:g} s later it is {waiting[0].state} still.",
            next_step=f"{command.capitalize()} it by hand and see why, then run the same command again.",
            evidence=tuple(f"{key}: {name}" for key, name in names(waiting).items()),
        )
