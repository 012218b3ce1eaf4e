# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One watch from its begin to its result: live after a rollout, over a window that is past, or of samples that are stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.watch import windows
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.alerts import NAMESPACE
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.restarts import judge_restarts
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.samples import Sample, every, usable
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import (
    MINIMUM_SAMPLES,
    PRECEDENCE,
    Earlier,
    SignalResult,
    overall,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.windows import Marks, Window
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch import sampling
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.metrics import open_metrics
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.watched import Watched, WatchedAlerts, WatchedRestarts, WatchedSignal

REFERENCE_POINTS = 20  # as many as a default watch has: 300 s at 15 s
ROLLOUT_POINTS = 60
WINDOW_POINTS = 240
MEASURED_SAMPLES = MINIMUM_SAMPLES + 1
MEASURED_INTERVAL = 5
REFERENCE_STEP = "reference"

Say = Callable[[str], None]
Result = dict[str, Any]


class Watching:
    """`args` are those of the action `watch`."""

    def __init__(self, cluster: Cluster, signals: Sequence[Signal], args: Mapping[str, Any]) -> None:
        self._cluster, self._args = cluster, args
        self._values, self._history = open_metrics(cluster, signals, args)
        self._signals = [WatchedSignal(signal, self._values) for signal in signals]

    def live(self, journals: Sequence[Journal], safe_point: SafePoint, say: Say) -> Result:
        """Settle, sample, judge; the result as it is stored with the run."""
        args, now = self._args, time.time()
        marks = windows.find_marks(journals, self._cluster.pods(self._cluster.deployment()), now)
        outage = windows.outage(journals)
        settle = windows.settle_after(outage, args["settle"])
        begins = now + settle
        self._read_references(marks, (begins, begins + args["duration"]), journals)
        watched = self._watched(marks, live=True, stopped=outage > 0)
        sampling.settle(settle, safe_point, say)
        begun = time.time()
        self._read_rollout(marks, begun)
        results = sampling.sample(watched, args["duration"], args["interval"], safe_point, say)
        return self._result(watched, results, marks, (begun, time.time()))

    def measure(self, safe_point: SafePoint, say: Say) -> Result:
        """The reference, where nobody keeps a history: a few samples just before the rollout."""
        interval = min(MEASURED_INTERVAL, self._args["interval"])
        for _taken in sampling.rounds(self._signals, MEASURED_SAMPLES, interval, safe_point, say):
            pass
        if failed := [one for one in self._signals if one.errors]:
            raise UpgradeError(
                f"The pods' metrics cannot be read before the rollout: {failed[0].judge().text}.",
                next_step="Mend that first; nothing was changed.",
            )
        return {"signals": [{"name": one.name, "samples": one.to_dict(one.judge(), 1)["samples"]} for one in self._signals]}

    def window(self, window: Window) -> Result:
        """A window of the past that begins with the rollout: what came after the settle time, against the time before it."""
        if self._history is None:
            raise UpgradeError(
                "Without a Prometheus (ampora_prometheus_url) nobody knows the past.", next_step="Judge a stored run by its ampora_run_id."
            )
        marks, watch = Marks(window[0]), (window[0] + self._args["settle"], window[1])
        self._read_references(marks, watch, ())
        self._read_rollout(marks, watch[0])
        watched = self._watched(marks, live=False)
        results = sampling.look_back(watched, *watch, self._args["interval"], WINDOW_POINTS)
        return self._result(watched, results, marks, watch)

    def _watched(self, marks: Marks, *, live: bool, stopped: bool = False) -> list[Watched]:
        watched: list[Watched] = list(self._signals)
        selector = self._args["alerts"].replace(NAMESPACE, self._cluster.namespace)
        if selector and self._history is not None:
            watched.append(WatchedAlerts(self._history, selector, marks.rollout_began, stopped=stopped))
        if live:
            watched.append(WatchedRestarts(self._cluster, self._args["restarts"], self._signals))
        return watched

    def _read_references(self, marks: Marks, watch: Window, journals: Iterable[Journal]) -> None:
        before = windows.before(marks.rollout_began, self._args["reference"])
        earlier = [windows.earlier(window, self._args["compare"]) for window in (before, watch)]
        kept = {} if self._history else measured(journals, marks.rollout_began)
        for one in self._signals:
            then = Earlier(*(self._range(one.signal, window, REFERENCE_POINTS) for window in earlier if window))
            one.compare_with(kept.get(one.name) or self._range(one.signal, before, REFERENCE_POINTS), then)

    def _read_rollout(self, marks: Marks, until: float) -> None:
        """What the signals did from the rollout's begin on; the first new pod is the first that could disturb them."""
        for one in self._signals:
            one.began = marks.rollout_began
            if until - marks.rollout_began >= 1:
                one.rollout = self._range(one.signal, (marks.rollout_began, until), ROLLOUT_POINTS)

    def _range(self, signal: Signal, window: Window, points: int) -> list[Sample]:
        """Empty where it cannot be read: the verdict says what it lacks."""
        if self._history is None:
            return []
        try:
            return self._history.range(signal, *window, max(1.0, (window[1] - window[0]) / points))
        except UpgradeError:
            return []

    def _result(self, watched: Sequence[Watched], results: Sequence[SignalResult], marks: Marks, window: Window) -> Result:
        return {
            **assembled(watched, results),
            "source": "prometheus" if self._history else "pods",
            "compare": self._args["compare"],
            "compare_seconds": windows.COMPARE[self._args["compare"]],
            "marks": {**marks.to_dict(), "watch_began": round(window[0], 3), "watch_ended": round(window[1], 3)},
        }


def judge_again(stored: Mapping[str, Any], signals: Sequence[Signal], restarts: int) -> Result:
    """The samples of a run against other bounds; what was not measured then is inconclusive, and alerts stay what they were."""
    kept = {str(entry.get("name")): entry for entry in stored.get("signals") or [] if isinstance(entry, Mapping)}
    watched = [_of_store(signal, kept.get(signal.name, {}), stored) for signal in signals]
    again = assembled(watched, [one.judge() for one in watched])
    others = [_other(entry, restarts) for entry in kept.values() if entry.get("kind") in ("alerts", "restarts")]
    entries = [*again["signals"], *others]
    verdict = overall(SignalResult(str(entry["name"]), entry["verdict"], "") for entry in entries)
    return {**stored, "verdict": verdict, "signals": entries}


def _of_store(signal: Signal, entry: Mapping[str, Any], stored: Mapping[str, Any]) -> WatchedSignal:
    one = WatchedSignal(signal, None)
    one.samples, one.rollout = usable(entry.get("samples")), usable(entry.get("rollout_samples"))
    one.errors = int(entry.get("provider_errors") or 0)
    one.began = float((stored.get("marks") or {}).get("rollout_began") or 0.0)
    earlier = Earlier(usable(entry.get("earlier_reference_samples")), usable(entry.get("earlier_samples")))
    one.compare_with(usable(entry.get("reference_samples")), earlier)
    return one


def _other(entry: Mapping[str, Any], restarts: int) -> Result:
    if entry["kind"] == "restarts":
        return {**entry, **judge_restarts(usable(entry.get("samples")), restarts).to_dict()}
    verdict = entry["verdict"] if entry.get("verdict") in PRECEDENCE else "inconclusive"
    return {**entry, "verdict": verdict, "text": str(entry.get("text") or "no words were stored")}


def assembled(watched: Sequence[Watched], results: Sequence[SignalResult]) -> Result:
    each = every([length for one in watched for length in one.lengths()])
    entries = [one.to_dict(result, each) for one, result in zip(watched, results, strict=True)]
    return {"verdict": overall(results), "signals": entries, "stored_every": each}


def measured(journals: Iterable[Journal], began: float) -> dict[str, list[Sample]]:
    """The newest reference that a run has measured, not long before the rollout."""
    for journal in journals:
        step = journal.step(REFERENCE_STEP)
        if step is not None and step.state == "ended" and began - windows.RECENT < step.began_at.timestamp() <= began:
            return {str(entry["name"]): usable(entry.get("samples")) for entry in step.result.get("signals", [])}
    return {}
