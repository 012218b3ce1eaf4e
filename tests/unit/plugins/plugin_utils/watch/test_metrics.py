# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.metrics import PrometheusMetrics, open_metrics
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.pod_metrics import PodMetrics

from tests.unit.doubles.prometheus_server import PrometheusServer
from tests.unit.doubles.scene import deployment
from tests.unit.plugins.plugin_utils.watch.test_prometheus import OPTIONS

UP = Signal("up", "sum(up)", "level", 3.0, metric="up")


def test_prometheus_is_asked_where_there_is_one() -> None:
    with PrometheusServer() as server:
        server.series["sum(up)"] = [lambda at: at]  # type: ignore[attr-defined]
        values, history = open_metrics(deployment(), [UP], {"prometheus": {**OPTIONS, "url": server.url}})
        assert isinstance(history, PrometheusMetrics)
        assert values.value(UP, 7.0) == 7.0
        assert history.range(UP, 0, 2, 1) == [(0, 0.0), (1, 1.0), (2, 2.0)]


def test_and_else_the_pods_which_know_no_past() -> None:
    options = {"prometheus": {**OPTIONS, "url": ""}, "pod_metrics": {"port": "", "path": ""}}
    values, history = open_metrics(deployment(), [UP], options)
    assert isinstance(values, PodMetrics)
    assert history is None


def test_a_signal_without_a_query() -> None:
    with pytest.raises(UpgradeError, match="mine of ampora_signals has no promql"):
        open_metrics(deployment(), [Signal("mine", "", "level", 1.0, metric="m")], {"prometheus": {**OPTIONS, "url": "http://p"}})
