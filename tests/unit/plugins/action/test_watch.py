# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail

from tests.unit.doubles.clock import START
from tests.unit.doubles.prometheus_server import PrometheusServer
from tests.unit.doubles.scene import journal, record
from tests.unit.doubles.stage import Stage

SIGNALS = [
    {"name": "sessions", "promql": "sessions", "kind": "recovery", "min": 0.95, "max": 1.25},
    {"name": "up", "promql": "up", "kind": "level", "min": "{replicas}"},
]
T0 = START.timestamp()


@pytest.fixture
def prometheus() -> Iterator[PrometheusServer]:
    found = PrometheusServer()
    with found:
        found.constant(sessions=200.0, up=3.0)
        yield found


def args(prometheus: PrometheusServer, **more: Any) -> dict[str, Any]:
    times = {"settle": 60, "duration": 150, "interval": 15, "reference": 300}
    return {"prometheus": {"url": prometheus.url}, "signals": SIGNALS, **times, **more}


def test_a_watch_that_passes(stage: Stage, prometheus: PrometheusServer) -> None:
    result = stage.run("watch", **args(prometheus))
    assert (result["changed"], result["verdict"], result.get("failed", False)) == (False, "pass", False)
    assert [(signal["name"], signal["verdict"]) for signal in result["signals"]] == [("sessions", "pass"), ("up", "pass")]
    assert stage.point.pauses[0] == 60
    assert stage.clock.seconds == 60 + 9 * 15
    assert stage.journals() == [("watch", "ended", [("watch", "ended")])]
    assert stage.said()[0] == "watch: settling for 60 s"
    assert stage.said()[-1] == "watch: up: pass: ends at 3"


def test_a_watch_that_fails_ends_its_step_and_fails_the_task(stage: Stage, prometheus: PrometheusServer) -> None:
    prometheus.series["sessions"] = [lambda at: 200.0 if at <= T0 else 100.0]
    result = stage.run("watch", **args(prometheus))
    assert (result["failed"], result["verdict"]) == (True, "fail")
    assert result["msg"] == ("The watch ends with the verdict fail: sessions: ends at 100 and must be at least 190, 200 before.")
    assert stage.journals() == [("watch", "ended", [("watch", "ended")])]


def test_the_reference_is_the_time_before_the_rollout(stage: Stage, prometheus: PrometheusServer) -> None:
    record(stage.cluster, journal(("apply", {})))
    stage.clock.sleep(500)
    stage.run("watch", **args(prometheus))
    ranges = [request.query for request in prometheus.requests if request.path.endswith("query_range")]
    assert {(query["start"], query["end"]) for query in ranges} == {(f"{T0 - 300:.3f}", f"{T0:.3f}")}


def test_without_a_rollout_the_reference_ends_now(stage: Stage, prometheus: PrometheusServer) -> None:
    record(stage.cluster, journal(("snapshot", {})))
    stage.clock.sleep(500)
    stage.run("watch", **args(prometheus))
    ranges = [request.query for request in prometheus.requests if request.path.endswith("query_range")]
    assert {query["end"] for query in ranges} == {f"{T0 + 500:.3f}"}


def test_check_mode_asks_nothing(stage: Stage, prometheus: PrometheusServer) -> None:
    result = stage.run("watch", check=True, **args(prometheus))
    assert (result["changed"], result["verdict"], result["signals"]) == (False, "", [])
    assert stage.said() == ["watch: would watch sessions, up for 150 s after 60 s"]
    assert prometheus.requests == []


def test_a_stop_while_watching(stage: Stage, prometheus: PrometheusServer) -> None:
    stage.point.stop_at = 4
    result = stage.run("watch", **args(prometheus))
    assert result["msg"] == "Stopped by SIGTERM. Next: Run the same command again to go on from here."
    assert stage.journals() == [("watch", "failed", [("watch", "failed")])]


def test_a_signal_that_could_never_fail(stage: Stage, prometheus: PrometheusServer) -> None:
    wrong = [{"name": "up", "promql": "up", "kind": "level"}]
    result = stage.run("watch", **args(prometheus, signals=wrong))
    assert result["failed"]
    assert "a level needs a min or a max, or it could never fail" in result["msg"]
    assert stage.cluster.writes == []


@pytest.mark.parametrize("name", ["duration", "interval", "reference"])
def test_a_watch_of_no_time_is_refused(stage: Stage, prometheus: PrometheusServer, name: str) -> None:
    with pytest.raises(AnsibleActionFail) as error:
        stage.run("watch", **args(prometheus, **{name: 0}))
    assert str(error.value) == f"ampora.upgrades.watch: {name} is 0; seconds must be 1 or more."
    assert stage.cluster.writes == []
