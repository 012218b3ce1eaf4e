# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the values of signals come from: Prometheus, or the pods themselves where there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.samples import Sample
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.pod_metrics import PodMetrics
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.prometheus import Prometheus


class Values(Protocol):
    """What both can do."""

    def value(self, signal: Signal, at: float) -> float | None:
        """The value at a time that is about now; None when there is none."""


class History(Values, Protocol):
    """What only Prometheus can."""

    def range(self, signal: Signal, start: float, end: float, step: float) -> list[Sample]:
        """The values every `step` seconds."""

    def alerts(self, selector: str, at: float) -> list[dict[str, str]]:
        """The labels of the alerts that fired at a time."""

    def look(self, signal: Signal, at: float) -> tuple[int, float | None]:
        """How many series the query gives, and the first one's value."""

    def age(self, signal: Signal, at: float) -> float | None:
        """Seconds since the newest sample that the query sees; None when that cannot be told."""


class PrometheusMetrics:
    """Signals by their PromQL."""

    def __init__(self, signals: Sequence[Signal], options: Mapping[str, Any]) -> None:
        if without := [signal.name for signal in signals if not signal.promql]:
            raise UpgradeError(
                f"{', '.join(without)} of ampora_signals has no promql, and Prometheus is what is asked (ampora_prometheus_url).",
                next_step="Write its query, or leave ampora_prometheus_url empty to ask the pods themselves.",
            )
        self._prometheus = Prometheus(options)
        self.alerts = self._prometheus.alerts

    def value(self, signal: Signal, at: float) -> float | None:
        return self._prometheus.value(signal.promql, at)

    def look(self, signal: Signal, at: float) -> tuple[int, float | None]:
        return self._prometheus.look(signal.promql, at)

    def age(self, signal: Signal, at: float) -> float | None:
        return self._prometheus.age(signal.promql, at)

    def range(self, signal: Signal, start: float, end: float, step: float) -> list[Sample]:
        return self._prometheus.range(signal.promql, start, end, step)


def open_metrics(cluster: Cluster, signals: Sequence[Signal], options: Mapping[str, Any]) -> tuple[Values, History | None]:
    """Who is asked for values, and who knows of the past, if anybody does."""
    if options["prometheus"]["url"]:
        found = PrometheusMetrics(signals, options["prometheus"])
        return found, found
    return PodMetrics(cluster, signals, options["pod_metrics"]), None
