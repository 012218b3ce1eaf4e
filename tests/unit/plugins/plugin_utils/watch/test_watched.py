# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.samples import Sample
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import Earlier
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.watched import WatchedAlerts, WatchedRestarts, WatchedSignal

from tests.unit.doubles.scene import deployment

UP = Signal("up", "sum(up)", "level", 3.0)
SESSIONS = Signal("sessions", "sum(sessions)", "recovery", 0.95)


class Source:
    """Values by time; `down` are the times at which nobody answers."""

    def __init__(self, value: Callable[[float], float | None] = lambda _at: 3.0, down: tuple[float, ...] = ()) -> None:
        self.of_time, self.down = value, down
        self.firing: list[dict[str, str]] = []

    def value(self, signal: Signal, at: float) -> float | None:
        del signal
        if at in self.down:
            raise UpgradeError("Prometheus does not answer (ConnectionError).")
        return self.of_time(at)

    def range(self, signal: Signal, start: float, end: float, step: float) -> list[Sample]:
        raise NotImplementedError

    def look(self, signal: Signal, at: float) -> tuple[int, float | None]:
        raise NotImplementedError

    def age(self, signal: Signal, at: float) -> float | None:
        raise NotImplementedError

    def alerts(self, selector: str, at: float) -> list[dict[str, str]]:
        assert selector == "ALERTS"
        if at in self.down:
            raise UpgradeError("Prometheus does not answer (ConnectionError).")
        return list(self.firing)


def take(watched: Any, count: int) -> list[str]:
    return [watched.sample(float(at)) for at in range(count)]


def test_failed_queries_are_gaps_and_the_longest_row_of_them_counts() -> None:
    watched = WatchedSignal(UP, Source(down=(2, 3, 4, 6)))
    words = take(watched, 10)
    assert words == ["up cannot be read" if at in (2, 3, 4, 6) else "up 3" for at in range(10)]
    assert watched.errors == 3
    assert [at for at, value in watched.samples if value is None] == [2, 3, 4, 6]
    assert watched.judge().verdict == "pass"


def test_too_many_failed_queries_are_an_error_with_its_reason() -> None:
    watched = WatchedSignal(UP, Source(down=tuple(range(5, 10))))
    take(watched, 9)
    assert watched.at_best(6).verdict == "pass"
    watched.sample(9.0)
    assert (watched.judge().verdict, watched.at_best(5).verdict) == ("error", "error")
    assert watched.judge().text == "the metrics could not be read 5 times in a row (Prometheus does not answer (ConnectionError))"


def test_an_absent_value_is_said_and_is_no_failed_query() -> None:
    watched = WatchedSignal(UP, Source(lambda _at: None))
    assert take(watched, 1) == ["up absent"]
    assert watched.errors == 0


def test_what_is_out_of_bounds_is_said_at_once() -> None:
    watched = WatchedSignal(SESSIONS, Source(lambda at: 200.0 - 20 * at))
    watched.compare_with([(float(at), 200.0) for at in range(5)])
    assert take(watched, 3) == ["sessions 200", "sessions 180 (out of bounds)", "sessions 160 (out of bounds)"]
    assert WatchedSignal(UP, Source(lambda _at: 2.0)).sample(0.0) == "up 2 (out of bounds)"
    unknown = WatchedSignal(SESSIONS, Source(lambda _at: 0.0))
    assert unknown.sample(0.0) == "sessions 0"


def test_what_is_stored() -> None:
    watched = WatchedSignal(SESSIONS, Source(lambda at: 200.0 if at > 2 else 100.0))
    watched.compare_with([(-5.0 + at, 200.0) for at in range(5)], Earlier([(-86_405.0, 1.0)], [(-86_400.0, None)]))
    watched.rollout, watched.began = [(-1.0, 200.0), (-0.5, 50.0)], -1.0
    take(watched, 9)
    entry = watched.to_dict(watched.judge(), 1)
    assert (entry["verdict"], entry["kind"], entry["promql"]) == ("pass", "recovery", "sum(sessions)")
    assert (entry["lowest"], entry["recovery_seconds"], entry["first_seen_at"]) == (50.0, 4.0, 0.0)
    assert entry["samples"][2:4] == [[2.0, 100.0], [3.0, 200.0]]
    assert entry["rollout_samples"] == [[-1.0, 200.0], [-0.5, 50.0]]
    assert (entry["earlier_reference_samples"], entry["earlier_samples"]) == ([[-86405.0, 1.0]], [[-86400.0, None]])
    assert watched.lengths() == [9, 5, 2, 1, 1]


def test_alerts_that_fired_before_are_ignored_and_named() -> None:
    source = Source(down=(1,))
    source.firing = [{"alertname": "Old", "alertstate": "firing"}]
    watched = WatchedAlerts(source, "ALERTS", -1.0)
    assert take(watched, 3) == ["no new alert", "alerts cannot be read", "no new alert"]
    source.firing.append({"alertname": "New", "severity": "critical"})
    assert watched.sample(3.0) == "new alerts 1"
    result = watched.at_best(10)
    assert (result.verdict, result.text) == ("fail", "began to fire: New (severity critical)")
    entry = watched.to_dict(result, 1)
    assert (entry["firing_before"], entry["new"], entry["first_seen_at"]) == (["Old"], ["New (severity critical)"], 3.0)
    assert entry["samples"] == [[0.0, 0.0], [1.0, None], [2.0, 0.0], [3.0, 1.0]]


def test_without_the_alerts_of_before_nothing_is_proven() -> None:
    watched = WatchedAlerts(Source(down=(-1.0,)), "ALERTS", -1.0)
    take(watched, 6)
    assert watched.judge().verdict == "inconclusive"


def test_restarts_are_counted_from_the_begin_on() -> None:
    cluster = deployment()
    status = cluster.objects["Pod", "ampora-web-7c9b-0"]["status"]["containerStatuses"][0]
    status["restartCount"] = 2
    watched = WatchedRestarts(cluster, 0)
    assert take(watched, 2) == ["no restart", "no restart"]
    status.update(restartCount=3, lastState={"terminated": {"exitCode": 1, "reason": "Error"}})
    assert watched.sample(2.0) == "restarts 1"
    assert watched.at_best(10).text == "1 restart while watching, and at most 0 may be: ampora-web-7c9b-0 ended with 1 (Error)"
    cluster.failures["list Pod"] = UpgradeError("The Kubernetes API does not answer.")
    assert watched.sample(3.0) == "restarts cannot be read"


def test_pods_that_an_autoscaler_takes_away_are_not_missing() -> None:
    cluster = deployment()
    count = {"up": 3.0}
    up = Signal.from_dict({"name": "up", "promql": "sum(up)", "kind": "level", "min": "{replicas}"}, replicas=3)
    plain = Signal.from_dict({"name": "three", "promql": "sum(up)", "kind": "level", "min": 3}, replicas=3)
    signals = [WatchedSignal(one, Source(lambda _at: count["up"])) for one in (up, plain)]
    cluster_watch = WatchedRestarts(cluster, 0, signals)
    for at in range(8):
        replicas = 3 if at < 2 else 2 if at < 5 else 4
        cluster.objects["Deployment", "ampora-web"]["spec"]["replicas"] = replicas
        count["up"] = 3.0 if at < 3 else 2.0
        for one in (cluster_watch, *signals):
            one.sample(float(at))
    assert [one.judge().verdict for one in signals] == ["pass", "fail"]
    assert (signals[0].signal.min, signals[1].signal.min) == (2.0, 3.0)
