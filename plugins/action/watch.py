# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watch the signals and give a verdict; or judge again what was measured before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import WATCH
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run.timestamp import parse
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import safe_points
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.watching import REFERENCE_STEP, Watching, judge_again


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.watch."""

    spec = WATCH
    positive = ("duration", "interval", "reference")

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        cluster = self.cluster(args)
        replicas = int(cluster.deployment()["spec"].get("replicas", 1))
        signals = [Signal.from_dict(entry, replicas=replicas) for entry in args["signals"]]
        if args["state"] == "judged":
            return self._answer(self._judged(cluster, signals, args))
        if self.check_mode:
            self.say(f"would watch {', '.join(signal.name for signal in signals)} for {args['duration']} s after {args['settle']} s")
            return {"changed": False, "verdict": "", "signals": []}
        record, watching = self.record(cluster), Watching(cluster, signals, args)
        return self._measured(record, watching) if args["state"] == "measured" else self._watched(record, watching, args)

    def _watched(self, record: RunRecord, watching: Watching, args: dict[str, Any]) -> dict[str, Any]:
        with safe_points() as safe_point, record.step("watch") as step:
            step.result = watching.live(record.journals(), safe_point, self.progress())
        self.tell(args, "verdict", step.journal)
        return self._answer(step.result)

    def _measured(self, record: RunRecord, watching: Watching) -> dict[str, Any]:
        """The reference of a run is measured once: a run that goes on may have changed the deployment already."""
        journal = record.open_journal()
        before = journal.step(REFERENCE_STEP) if journal else None
        if before is not None and before.state == "ended":
            self.say("the reference was measured already")
            return {"changed": False, "verdict": "", **before.result}
        with safe_points() as safe_point, record.step(REFERENCE_STEP) as step:
            step.result = watching.measure(safe_point, self.progress())
        return {"changed": False, "verdict": "", **step.result}

    def _judged(self, cluster: Cluster, signals: list[Signal], args: dict[str, Any]) -> dict[str, Any]:
        """A stored run or a past window; nothing is written, for it is not a new measurement."""
        if not args["run"]:
            window = (_time(args["window"]["start"], "ampora_verify_from"), _time(args["window"]["end"], "ampora_verify_to"))
            if window[0] >= window[1]:
                raise UpgradeError("ampora_verify_from must be before ampora_verify_to.", next_step="Correct them.")
            if (window[1] - window[0]).total_seconds() <= args["settle"]:
                raise UpgradeError(
                    f"The first {args['settle']} s of the window (ampora_watch_settle) are the rollout's, and nothing is left to judge.",
                    next_step="Name a later ampora_verify_to, or a shorter ampora_watch_settle.",
                )
            return Watching(cluster, signals, args).window((window[0].timestamp(), window[1].timestamp()))
        journal = self.record(cluster).find(args["run"], ())
        watched = journal.step("watch")
        if watched is None or not watched.result:
            raise UpgradeError(
                f"The run {journal.run} has stored no watch.", next_step="Name another ampora_run_id, or a window of the past."
            )
        return judge_again(watched.result, signals, args["restarts"])

    def _answer(self, result: dict[str, Any]) -> dict[str, Any]:
        for signal in result["signals"]:
            self.say(f"{signal['name']}: {signal['verdict']}: {signal['text']}")
        answer: dict[str, Any] = {"changed": False, **result}
        if result["verdict"] != "pass":
            # Those that decide; what is merely inconclusive beside a fail would only distract.
            decide = [signal for signal in result["signals"] if signal["verdict"] == result["verdict"]]
            worst = "; ".join(f"{signal['name']}: {signal['text']}" for signal in decide)
            answer.update(failed=True, msg=f"The watch ends with the verdict {result['verdict']}: {worst}.")
        return answer


def _time(value: str, name: str) -> datetime:
    found = parse(value)
    if found is None:
        raise UpgradeError(f"{name} is {value!r}; it must be a time with its zone.", next_step="Write it as 2026-11-24T22:00:00+01:00.")
    return found
