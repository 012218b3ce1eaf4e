# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watch the signals and give a verdict."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import WATCH
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import overall
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.prometheus import Prometheus
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run_record import RunRecord, now
from ansible_collections.ampora.upgrades.plugins.plugin_utils.safe_point import safe_points
from ansible_collections.ampora.upgrades.plugins.plugin_utils.sampling import Sampler


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.watch."""

    spec = WATCH
    positive = ("duration", "interval", "reference")

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        cluster = self.cluster(args)
        replicas = int(cluster.deployment()["spec"].get("replicas", 1))
        signals = [Signal.from_dict(entry, replicas=replicas) for entry in args["signals"]]
        if self.check_mode:
            self.say(f"would watch {', '.join(signal.name for signal in signals)} for {args['duration']} s after {args['settle']} s")
            return {"changed": False, "verdict": "", "signals": []}
        record = self.record(cluster)
        sampler = Sampler(Prometheus(**args["prometheus"]), signals)
        with safe_points() as safe_point, record.step("watch") as step:
            sampler.read_reference(_before_rollout(record), args["reference"])
            self.say(f"settling for {args['settle']} s")
            safe_point.pause(args["settle"])
            sampler.watch(args["duration"], args["interval"], safe_point, self.progress())
            results = sampler.judge()
            verdict = overall(results)
            step.result = {"verdict": verdict, "signals": sampler.to_dicts(results)}
        for result in results:
            self.say(f"{result.name}: {result.verdict}: {result.text}")
        answer: dict[str, Any] = {"changed": False, "verdict": verdict, "signals": [result.to_dict() for result in results]}
        if verdict != "pass":
            worst = "; ".join(f"{result.name}: {result.text}" for result in results if result.verdict != "pass")
            answer.update(failed=True, msg=f"The watch ends with the verdict {verdict}: {worst}.")
        return answer


def _before_rollout(record: RunRecord) -> float:
    """When the newest recorded rollout began (unix seconds); now, when none is recorded."""
    for journal in record.journals():
        applied = journal.step("apply")
        if applied is not None:
            return applied.began_at.timestamp()
    return now().timestamp()
