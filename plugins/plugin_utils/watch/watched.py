# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is watched, one class for each source: signals, alerts, restarts. Each takes samples, and can be judged at any time.

A sample that could not be read is a gap and never a repeated value: else old samples would decide how the window ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.watch import alerts, early, restarts, shape
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.samples import Sample, stored
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import (
    NO_HISTORY,
    NOTHING,
    Earlier,
    SignalResult,
    band,
    open_end,
    outside,
    usual_of,
)
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster, Object
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.metrics import History, Values


class Watched:
    """`errors` is the longest row of failed readings."""

    name = ""
    kind = ""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.errors = 0
        self._row = 0
        self._why = ""

    def sample(self, at: float) -> str:
        """Take one sample; a few words for the person who waits."""
        try:
            value, words = self._take(at)
        except UpgradeError as error:
            self._row += 1
            self.errors = max(self.errors, self._row)
            self._why = error.message
            value, words = None, f"{self.name} cannot be read"
        else:
            self._row = 0
        self.samples.append((round(at, 3), value))
        return words

    def judge(self) -> SignalResult:
        """By the samples that there are."""
        return self._explained(self._judge(0))

    def at_best(self, left: int) -> SignalResult:
        """If the samples that are left are as good as can be."""
        return self._explained(self._judge(left))

    def open_end(self) -> bool:
        """Whether one more sample would tell."""
        return False

    def to_dict(self, result: SignalResult, every: int) -> dict[str, Any]:
        """What is stored with the run, shown as a chart, and can be judged again; every n-th sample of a very long watch."""
        seen = shape.first_seen(self.samples, (result.low, result.high))
        return {
            **result.to_dict(),
            "kind": self.kind,
            "provider_errors": self.errors,
            "first_seen_at": seen,
            "samples": stored(self.samples, every),
        }

    def lengths(self) -> list[int]:
        return [len(self.samples)]

    def _take(self, at: float) -> tuple[float | None, str]:
        raise NotImplementedError

    def _judge(self, left: int) -> SignalResult:
        raise NotImplementedError

    def _explained(self, result: SignalResult) -> SignalResult:
        return replace(result, text=f"{result.text} ({self._why.rstrip('.')})") if result.verdict == "error" and self._why else result


class WatchedSignal(Watched):
    """One of `ampora_signals`, with what it is compared with."""

    def __init__(self, signal: Signal, values: Values | None) -> None:
        super().__init__()
        self.name, self.kind = signal.name, signal.kind
        self.signal = signal
        self.reference: list[Sample] = []
        self.earlier = NO_HISTORY
        self.rollout: list[Sample] = []
        self.began = 0.0
        self._values = values

    def open_end(self) -> bool:
        return open_end(self.signal, self.samples)

    def compare_with(self, reference: Sequence[Sample], earlier: Earlier = NO_HISTORY) -> None:
        self.reference, self.earlier = list(reference), earlier

    def to_dict(self, result: SignalResult, every: int) -> dict[str, Any]:
        watched = [*self.rollout, *self.samples]
        limits = (result.low, result.high)
        return {
            **super().to_dict(result, every),
            "promql": self.signal.promql,
            "metric": self.signal.metric,
            "lowest": shape.lowest(watched),
            "recovery_seconds": shape.recovery_seconds(watched, limits, self.began) if self.rollout else None,
            "reference_samples": stored(self.reference, every),
            "rollout_samples": stored(self.rollout, every),
            "earlier_reference_samples": stored(self.earlier.before, every),
            "earlier_samples": stored(self.earlier.watched, every),
        }

    def lengths(self) -> list[int]:
        return [len(part) for part in (self.samples, self.reference, self.rollout, self.earlier.before, self.earlier.watched)]

    def _take(self, at: float) -> tuple[float | None, str]:
        if self._values is None:
            raise UpgradeError("Stored samples are not taken again.")
        value = self._values.value(self.signal, at)
        words = f"{self.name} {'absent' if value is None else format(value, 'g')}"
        return value, f"{words} (out of bounds)" if outside(value, self._limits()) else words

    def _limits(self) -> tuple[float | None, float | None]:
        if self.signal.kind == "level":
            return band(self.signal, NOTHING)
        usual = usual_of(self.signal, self.reference)
        return (None, None) if usual is None else band(self.signal, usual)

    def _judge(self, left: int) -> SignalResult:
        return early.at_best(self.signal, self.reference, self.samples, left, provider_errors=self.errors, earlier=self.earlier)


class WatchedAlerts(Watched):
    """The alerts of the namespace; a sample is how many of them are new."""

    name, kind = alerts.NAME, "alerts"

    def __init__(self, history: History, selector: str, rollout_began: float, *, stopped: bool = False) -> None:
        super().__init__()
        self._history, self._selector, self._stopped = history, selector, stopped
        self._firing: list[alerts.AlertSample] = []
        self.before: list[alerts.Alert] | None = None
        try:
            self.before = self._read(rollout_began)
        except UpgradeError as error:
            self._why = error.message

    def sample(self, at: float) -> str:
        words = super().sample(at)
        if len(self._firing) < len(self.samples):
            self._firing.append((at, None))
        return words

    def to_dict(self, result: SignalResult, every: int) -> dict[str, Any]:
        fresh = {one for _at, firing in self._firing for one in alerts.appeared(self.before or (), firing or ())}
        firing = {"firing_before": sorted(map(alerts.words, self.before or ())), "new": sorted(map(alerts.words, fresh))}
        return {**super().to_dict(result, every), "promql": self._selector, **{name: found[:50] for name, found in firing.items()}}

    def _read(self, at: float) -> list[alerts.Alert]:
        return [alerts.alert(labels) for labels in self._history.alerts(self._selector, at)]

    def _take(self, at: float) -> tuple[float | None, str]:
        firing = self._read(at)
        self._firing.append((at, firing))
        fresh = alerts.appeared(self.before or (), firing)
        return float(len(fresh)), f"new alerts {len(fresh)}" if fresh else "no new alert"

    def _judge(self, left: int) -> SignalResult:
        return alerts.at_best(self.before, self._firing, left, provider_errors=self.errors, stopped=self._stopped)


class WatchedRestarts(Watched):
    """The restarts of the pods' containers since the watch began."""

    name, kind = restarts.NAME, "restarts"

    def __init__(self, cluster: Cluster, allowed: int, signals: Sequence[WatchedSignal] = ()) -> None:
        super().__init__()
        self._cluster, self._allowed, self._signals = cluster, allowed, signals
        deployment = cluster.deployment()
        self._replicas = _replicas(deployment)
        self._restarts = restarts.Restarts(restarts.counts(cluster.pods(deployment)))
        self._words = ""

    def _take(self, at: float) -> tuple[float | None, str]:
        del at  # the cluster only knows now
        deployment = self._cluster.deployment()
        self._follow(_replicas(deployment))
        pods = self._cluster.pods(deployment)
        count = self._restarts.add(restarts.counts(pods))
        if count:
            self._words = restarts.last_words(pods)
        return float(count), f"restarts {count}" if count else "no restart"

    def _follow(self, replicas: int) -> None:
        """Pods that an autoscaler has taken away are not missing; those that it adds come late."""
        if replicas < self._replicas:
            self._replicas = replicas
            for one in self._signals:
                one.signal = one.signal.with_replicas(replicas)

    def _judge(self, left: int) -> SignalResult:
        return restarts.judge_restarts(self.samples, self._allowed, self._words, left=left, provider_errors=self.errors)


def _replicas(deployment: Object) -> int:
    return int(deployment["spec"].get("replicas", 1))
