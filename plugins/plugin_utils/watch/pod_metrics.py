# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics of the pods themselves, through the API server: what is watched where there is no Prometheus.

There is no history, so the reference has to be measured before the rollout, and there are no alerts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.watch import exposition
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.exposition import Scrape, Series
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster, ForbiddenError, Object

ANNOTATION = "prometheus.io/"
MAX_BYTES = 16 * 1024 * 1024
AT_ONCE = 8


class PodMetrics:
    """One scrape of all live pods serves all signals of one time."""

    history = False

    def __init__(self, cluster: Cluster, signals: Sequence[Signal], options: Mapping[str, Any]) -> None:
        if without := [signal.name for signal in signals if not signal.metric]:
            raise UpgradeError(
                f"There is no Prometheus (ampora_prometheus_url is empty), and {', '.join(without)} of ampora_signals has no metric.",
                next_step="Name the metric that the pods show, or set ampora_prometheus_url.",
            )
        self._cluster = cluster
        self._metrics = exposition.described(signals)
        self._options = options
        self._at = -1.0
        self._scrape: Scrape = {}
        self._before: Scrape | None = None
        self._seconds = 0.0

    def value(self, signal: Signal, at: float) -> float | None:
        """The signal's value now; `at` tells the calls of one sample from those of the next."""
        if at != self._at:
            before, self._before = self._at, self._scrape if self._at >= 0 else None
            self._seconds = at - before
            self._scrape, self._at = self._read(), at
        return exposition.value(signal, self._scrape, self._before, self._seconds)

    def _read(self) -> Scrape:
        pods = [pod for pod in self._cluster.pods(self._cluster.deployment()) if _lives(pod)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = pool.map(self._of_pod, pods)
        return {str(pod["metadata"]["name"]): series for pod, series in zip(pods, found, strict=True)}

    def _of_pod(self, pod: Object) -> Series | None:
        """None for a pod that does not answer; what is wrong with our rights or with the format is an error."""
        annotations = pod["metadata"].get("annotations") or {}
        port = str(self._options["port"] or annotations.get(f"{ANNOTATION}port") or self._port(pod))
        path = str(self._options["path"] or annotations.get(f"{ANNOTATION}path") or "/metrics")
        try:
            text = self._cluster.pod_page(str(pod["metadata"]["name"]), port, path, MAX_BYTES)
        except ForbiddenError:
            raise
        except UpgradeError:
            return None
        return exposition.parse(text, self._metrics)

    def _port(self, pod: Object) -> str:
        for container in pod["spec"]["containers"]:
            if container["name"] == self._cluster.container_name and container.get("ports"):
                return str(container["ports"][0]["containerPort"])
        raise UpgradeError(
            f"The container {self._cluster.container_name} names no port to read metrics from.", next_step="Set ampora_metrics_port."
        )


def _lives(pod: Object) -> bool:
    """Runs, and is not on its way out: what such a pod still holds is held by its successor too."""
    return pod["metadata"].get("deletionTimestamp") is None and pod.get("status", {}).get("phase") == "Running"
