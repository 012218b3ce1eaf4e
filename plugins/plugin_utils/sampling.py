# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sampling signals over a time, with the provider's errors counted and never read as values."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import Sample, SignalResult, judge_signal
from ansible_collections.ampora.upgrades.plugins.plugin_utils.prometheus import Prometheus
from ansible_collections.ampora.upgrades.plugins.plugin_utils.safe_point import SafePoint

REFERENCE_POINTS = 20  # as many as a default watch has: 300 s at 15 s


class Sampler:
    """The samples of some signals; `errors` is the longest row of failed queries of each."""

    def __init__(self, prometheus: Prometheus, signals: Sequence[Signal]) -> None:
        self._prometheus = prometheus
        self._signals = signals
        self.samples: dict[str, list[Sample]] = {signal.name: [] for signal in signals}
        self.reference: dict[str, list[Sample]] = {}
        self.errors = dict.fromkeys(self.samples, 0)
        self._row = dict.fromkeys(self.samples, 0)

    def read_reference(self, end: float, seconds: int) -> None:
        """The window before the rollout; a signal that cannot be read has an empty one, and is then inconclusive."""
        step = max(1.0, seconds / REFERENCE_POINTS)
        for signal in self._signals:
            try:
                self.reference[signal.name] = self._prometheus.range(signal.promql, end - seconds, end, step)
            except UpgradeError:
                self.reference[signal.name] = []

    def sample(self, at: float) -> str:
        """Take one sample of every signal; a line for the person who waits."""
        words = []
        for signal in self._signals:
            try:
                value = self._prometheus.value(signal.promql, at)
            except UpgradeError:
                self._row[signal.name] += 1
                self.errors[signal.name] = max(self.errors[signal.name], self._row[signal.name])
                # A gap and not a repeated value: else old samples would decide how the window ends.
                self.samples[signal.name].append((round(at, 3), None))
                words.append(f"{signal.name} cannot be read")
                continue
            self._row[signal.name] = 0
            self.samples[signal.name].append((round(at, 3), value))
            words.append(f"{signal.name} {'absent' if value is None else format(value, 'g')}")
        return ", ".join(words)

    def watch(self, duration: int, interval: int, safe_point: SafePoint, say: Callable[[str], None]) -> None:
        """Sample for `duration` seconds, at the interval whatever a query takes."""
        begun = time.monotonic()
        for number in range(max(1, duration // interval)):
            safe_point.pause(max(0.0, begun + number * interval - time.monotonic()))
            line = self.sample(time.time())
            left = duration - number * interval
            say(f"{line}; {-(-left // 10) * 10} s left")

    def judge(self) -> list[SignalResult]:
        return [
            judge_signal(signal, self.reference.get(signal.name, []), self.samples[signal.name], provider_errors=self.errors[signal.name])
            for signal in self._signals
        ]

    def to_dicts(self, results: Sequence[SignalResult]) -> list[dict[str, Any]]:
        """Each signal's result with its samples: what is stored with the run, shown as a chart, and can be judged again."""
        return [
            {
                **result.to_dict(),
                "kind": signal.kind,
                "promql": signal.promql,
                "samples": [list(sample) for sample in self.samples[signal.name]],
                "reference_samples": [list(sample) for sample in self.reference.get(signal.name, [])],
            }
            for signal, result in zip(self._signals, results, strict=True)
        ]
