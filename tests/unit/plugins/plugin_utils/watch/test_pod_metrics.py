# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import ForbiddenError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.pod_metrics import PodMetrics

from tests.unit.doubles.kubernetes import Kubernetes
from tests.unit.doubles.scene import deployment

SESSIONS = Signal("sessions", "", "recovery", 0.95, metric="sessions")
LOST = Signal("lost", "", "growth", None, 1.0, "zero", metric="lost_total", aggregate="increase")
UP = Signal("up", "", "level", 3.0, metric="up")
AUTOMATIC = {"port": "", "path": ""}


@pytest.fixture
def cluster() -> Kubernetes:
    """Three pods with the annotations of the product."""
    found = deployment()
    for number in range(3):
        pod = found.objects["Pod", f"ampora-web-7c9b-{number}"]
        pod["metadata"]["annotations"] = {"prometheus.io/port": "8080", "prometheus.io/path": "/metrics"}
        pod["spec"] = {"containers": [{"name": "ampora-web", "ports": [{"containerPort": 9000}]}]}
        found.pages[f"ampora-web-7c9b-{number}:8080/metrics"] = f"sessions 1{number}\nlost_total 5\n"
    return found


def metrics(cluster: Kubernetes, **options: str) -> PodMetrics:
    return PodMetrics(cluster, [SESSIONS, LOST, UP], {**AUTOMATIC, **options})


def test_one_scrape_of_all_pods_serves_all_signals(cluster: Kubernetes) -> None:
    found = metrics(cluster)
    assert [found.value(signal, 100.0) for signal in (SESSIONS, LOST, UP)] == [33.0, None, 3.0]
    cluster.pages["ampora-web-7c9b-0:8080/metrics"] = "sessions 20\nlost_total 8\n"
    assert found.value(SESSIONS, 100.0) == 33.0, "of the same time"
    assert [found.value(signal, 115.0) for signal in (SESSIONS, LOST, UP)] == [43.0, 12.0, 3.0]


def test_pods_that_go_or_do_not_run_are_not_asked(cluster: Kubernetes) -> None:
    cluster.objects["Pod", "ampora-web-7c9b-0"]["metadata"]["deletionTimestamp"] = "2026-11-22T22:00:00Z"
    cluster.objects["Pod", "ampora-web-7c9b-1"]["status"]["phase"] = "Pending"
    found = metrics(cluster)
    assert (found.value(SESSIONS, 1.0), found.value(UP, 1.0)) == (12.0, 1.0)


def test_a_pod_that_does_not_answer_is_not_up(cluster: Kubernetes) -> None:
    del cluster.pages["ampora-web-7c9b-1:8080/metrics"]
    found = metrics(cluster)
    assert (found.value(SESSIONS, 1.0), found.value(UP, 1.0)) == (22.0, 2.0)


@pytest.mark.parametrize(
    ("annotations", "options", "page"),
    [
        ({}, {}, "9000/metrics"),
        ({"prometheus.io/port": "8080"}, {"port": "81"}, "81/metrics"),
        ({"prometheus.io/path": "/m"}, {"path": "/own/metrics"}, "9000/own/metrics"),
    ],
)
def test_where_the_metrics_are(cluster: Kubernetes, annotations: dict[str, str], options: dict[str, str], page: str) -> None:
    for number in range(3):
        cluster.objects["Pod", f"ampora-web-7c9b-{number}"]["metadata"]["annotations"] = annotations
        cluster.pages[f"ampora-web-7c9b-{number}:{page}"] = "sessions 1\n"
    assert metrics(cluster, **options).value(SESSIONS, 1.0) == 3.0


def test_a_container_without_a_port(cluster: Kubernetes) -> None:
    pod: dict[str, Any] = cluster.objects["Pod", "ampora-web-7c9b-0"]
    pod["metadata"]["annotations"], pod["spec"] = {}, {"containers": [{"name": "ampora-web"}]}
    with pytest.raises(UpgradeError, match=r"names no port to read metrics from. Next: Set ampora_metrics_port\."):
        metrics(cluster).value(SESSIONS, 1.0)


def test_missing_rights_are_an_error_and_no_pods_that_are_down(cluster: Kubernetes) -> None:
    cluster.failures["page ampora-web-7c9b-1"] = ForbiddenError("Kubernetes refuses to read /metrics: HTTP 403.")
    with pytest.raises(ForbiddenError):
        metrics(cluster).value(UP, 1.0)


def test_what_is_no_exposition_is_an_error(cluster: Kubernetes) -> None:
    cluster.pages["ampora-web-7c9b-1:8080/metrics"] = "sessions{\n"
    with pytest.raises(UpgradeError, match="not in the text format"):
        metrics(cluster).value(SESSIONS, 1.0)


def test_a_signal_without_a_metric(cluster: Kubernetes) -> None:
    with pytest.raises(UpgradeError) as error:
        PodMetrics(cluster, [SESSIONS, Signal("mine", "sum(x)", "level", 1.0)], AUTOMATIC)
    assert error.value.message == "There is no Prometheus (ampora_prometheus_url is empty), and mine of ampora_signals has no metric."
