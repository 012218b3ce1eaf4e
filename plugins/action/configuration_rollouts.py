# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pause the configuration rollouts that are in progress, or resume those that we paused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import CONFIGURATION_ROLLOUTS
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.configuration_rollouts import (
    SHOWN,
    STEP,
    Rollout,
    in_progress,
    names,
    owed,
    to_resume,
)
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.agents_api import AmporaApi
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.rollout_moves import Moves, move
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import safe_points


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.configuration_rollouts."""

    spec = CONFIGURATION_ROLLOUTS
    positive = ("timeout",)

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        record = self.record(self.cluster(args))
        return self._pause(args, record) if args["state"] == "paused" else self._resume(args, record)

    def _pause(self, args: dict[str, Any], record: RunRecord) -> dict[str, Any]:
        if not _has_access(args):
            self.say("there is no access token (ampora_api_token), so configuration rollouts are not looked at")
            return _result([], [])
        api = AmporaApi(args["api"])
        wanted = in_progress(api.rollouts())
        if self.check_mode or not wanted:
            self.say(f"would pause {_list(wanted)}" if wanted else "no configuration rollout is in progress")
            return _result(wanted, [])
        with safe_points() as safe_point:
            # Named before any is paused: if this process is killed meanwhile, the next one still knows which are ours.
            with record.step(STEP) as step:
                step.result = {"to_pause": names(wanted)}
            with record.step(STEP) as step:
                moves = move(api, wanted, "pause", safe_point, args["timeout"])
                step.result = {"paused": names(moves.done), "not_paused": names([*moves.left, *moves.untouched]), "error": _text(moves)}
        self.say(f"paused {_list(moves.done)}")
        moves.check()
        return _result(moves.done, [item.id for item in moves.left])

    def _resume(self, args: dict[str, Any], record: RunRecord) -> dict[str, Any]:
        ours = owed(record.journals())
        if not ours:
            self.say("no configuration rollout was paused by us and waits to be resumed")
            return _result([], [])
        if not _has_access(args):
            raise UpgradeError(
                f"Configuration rollouts that we paused wait to be resumed ({_list([Rollout(*item) for item in ours.items()])}),"
                " and there is no access token.",
                next_step="Set ampora_api_url and ampora_api_token, or resume them by hand.",
            )
        api = AmporaApi(args["api"])
        wanted, left = to_resume(ours, api.rollouts())
        for item in left:
            self.say(f"left alone: {item.reason}")
        if self.check_mode:
            self.say(f"would resume {_list(wanted)}" if wanted else "nothing to resume")
            return _result(wanted, [item.id for item in left])
        with safe_points() as safe_point, record.step(STEP) as step:
            moves = move(api, wanted, "resume", safe_point, args["timeout"])
            settled = {**names(moves.left), **{item.id: item.reason[:200] for item in left}}
            step.result = {"resumed": names(moves.done), "left": settled, "error": _text(moves)}
        # The step is the last one of a run that was held open: its lease must not wait for this process to be forgotten.
        record.hold()
        self.say(f"resumed {_list(moves.done)}")
        moves.check()
        return _result(moves.done, list(settled))


def _has_access(args: dict[str, Any]) -> bool:
    return bool(args["api"]["url"] and args["api"]["token"].strip())


def _result(rollouts: Sequence[Rollout], left: list[str]) -> dict[str, Any]:
    return {"changed": bool(rollouts), "rollouts": [item.to_dict() for item in rollouts], "left": left}


def _list(rollouts: Sequence[Rollout]) -> str:
    named = ", ".join(map(str, rollouts[:SHOWN])) or "nothing"
    return named + (f" and {len(rollouts) - SHOWN} more" if len(rollouts) > SHOWN else "")


def _text(moves: Moves) -> str:
    return str(moves.error or "")
