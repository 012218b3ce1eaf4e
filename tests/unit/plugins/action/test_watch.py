# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import ForbiddenError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord

from tests.unit.doubles.clock import START
from tests.unit.doubles.http_server import Answer
from tests.unit.doubles.prometheus_server import PrometheusServer
from tests.unit.doubles.scene import RUN, journal, record
from tests.unit.doubles.stage import Stage

SIGNALS: list[dict[str, Any]] = [
    {"name": "sessions", "promql": "sessions", "kind": "recovery", "min": 0.95, "max": 1.25},
    {"name": "up", "promql": "up", "kind": "level", "min": "{replicas}"},
]
T0 = START.timestamp()
DAY = 86_400.0
RESTARTED = {"name": "restarts", "kind": "restarts", "verdict": "fail", "text": "", "samples": [[1.0, 0.0], [2.0, 1.0]]}
ALERTED = {"name": "alerts", "kind": "alerts", "verdict": "fail", "text": "began to fire: New", "samples": [[1.0, 1.0]]}


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
    assert [(signal["name"], signal["verdict"]) for signal in result["signals"]] == [
        ("sessions", "pass"),
        ("up", "pass"),
        ("restarts", "pass"),
    ]
    assert stage.point.pauses[:3] == [20, 20, 20]
    assert stage.clock.seconds == 60 + 9 * 15
    assert stage.journals() == [("watch", "ended", [("watch", "ended")])]
    assert stage.said()[0] == "watch: settling for 60 s"
    assert stage.said()[-2:] == ["watch: up: pass: ends at 3", "watch: restarts: pass: 0 restarts while watching"]


def test_a_watch_that_fails_ends_its_step_and_fails_the_task(stage: Stage, prometheus: PrometheusServer) -> None:
    prometheus.series["sessions"] = [lambda at: 200.0 if at <= T0 else 100.0]
    result = stage.run("watch", **args(prometheus, compare="before"))
    assert (result["failed"], result["verdict"]) == (True, "fail")
    assert result["msg"] == ("The watch ends with the verdict fail: sessions: ends at 100 and must be at least 190, 200 before.")
    assert stage.journals() == [("watch", "ended", [("watch", "ended")])]


def test_what_is_stored_with_the_run(stage: Stage, prometheus: PrometheusServer) -> None:
    record(stage.cluster, journal(("apply", {})))
    stage.clock.sleep(40)
    result = stage.run("watch", **args(prometheus))
    stored = RunRecord(stage.cluster, {}).journals()[0].steps[-1].result
    assert {name: value for name, value in result.items() if name != "changed"} == stored
    assert (stored["source"], stored["compare"], stored["compare_seconds"], stored["stored_every"]) == ("prometheus", "day", DAY, 1)
    marks = {"rollout_began": T0, "first_pod_ready": None, "rollout_ended": T0, "watch_began": T0 + 100, "watch_ended": T0 + 235}
    assert stored["marks"] == marks
    sessions = stored["signals"][0]
    assert (sessions["reference"], sessions["earlier_reference"], sessions["recovery_seconds"]) == (200.0, 200.0, 0.0)
    spans = {name: (sessions[name][0][0] - T0, sessions[name][-1][0] - T0) for name in sessions if name.endswith("samples")}
    assert spans == {
        "samples": (100.0, 235.0),
        "reference_samples": (-300.0, 0.0),
        "rollout_samples": (0.0, 100.0),
        "earlier_reference_samples": (-DAY - 300, -DAY),
        "earlier_samples": (-DAY + 100, -DAY + 250),
    }


def test_a_fall_that_yesterday_had_too_is_inconclusive(stage: Stage, prometheus: PrometheusServer) -> None:
    """At 21:40 every day a quarter of the agents go home."""
    prometheus.series["sessions"] = [lambda at: 200.0 if at % DAY <= T0 % DAY else 150.0]
    result = stage.run("watch", **args(prometheus))
    assert result["verdict"] == "inconclusive"
    assert "by the course of the same clock times a day earlier 150: only that reference is met" in result["msg"]


def test_it_ends_early_and_says_so(stage: Stage, prometheus: PrometheusServer) -> None:
    prometheus.series["up"] = [lambda at: 3.0 if at < T0 + 90 else 2.0]
    result = stage.run("watch", **args(prometheus))
    assert result["verdict"] == "fail"
    assert stage.clock.seconds == 60 + 4 * 15
    assert "watch: the watch ends after 5 of 10 samples: it can no longer pass" in stage.said()


def test_a_new_alert_fails_the_watch_and_an_old_one_does_not(stage: Stage, prometheus: PrometheusServer) -> None:
    prometheus.firing = lambda at: [{"alertname": "Old"}] + ([{"alertname": "New"}] if at > T0 + 100 else [])
    result = stage.run("watch", **args(prometheus, alerts='ALERTS{namespace="{namespace}"}'))
    alerts = result["signals"][2]
    assert (result["verdict"], alerts["name"], alerts["new"], alerts["firing_before"]) == ("fail", "alerts", ["New"], ["Old"])
    assert result["msg"] == "The watch ends with the verdict fail: alerts: began to fire: New."
    asked = {request.query["query"] for request in prometheus.requests}
    assert 'ALERTS{namespace="ampora"}' in asked


def test_a_restart_fails_the_watch(stage: Stage, prometheus: PrometheusServer) -> None:
    status = stage.cluster.objects["Pod", "ampora-web-7c9b-0"]["status"]["containerStatuses"][0]

    def crash(number: int) -> None:
        status["restartCount"] = int(number > 4)

    stage.point.at_pause = crash
    assert stage.run("watch", **args(prometheus))["verdict"] == "fail"
    status["restartCount"] = 0
    assert stage.run("watch", **args(prometheus, restarts=1))["verdict"] == "pass"


def test_prometheus_goes_down_meanwhile(stage: Stage, prometheus: PrometheusServer) -> None:
    def down(number: int) -> None:
        if number == 6:
            prometheus.answer = lambda _unused: Answer(503, b"down")

    stage.point.at_pause = down
    result = stage.run("watch", **args(prometheus))
    assert result["verdict"] == "error"
    assert "sessions: the metrics could not be read 5 times in a row (Prometheus at" in result["msg"]
    assert stage.clock.seconds == 60 + 6 * 15


def test_the_reference_is_the_time_before_the_rollout(stage: Stage, prometheus: PrometheusServer) -> None:
    record(stage.cluster, journal(("apply", {})))
    stage.clock.sleep(500)
    stage.run("watch", **args(prometheus, compare="before"))
    assert ranges(prometheus) == {(-300.0, 0.0), (0.0, 560.0)}


def test_without_a_rollout_the_reference_ends_now(stage: Stage, prometheus: PrometheusServer) -> None:
    record(stage.cluster, journal(("snapshot", {})))
    stage.clock.sleep(500)
    stage.run("watch", **args(prometheus, compare="before"))
    assert (200.0, 500.0) in ranges(prometheus)


def ranges(prometheus: PrometheusServer) -> set[tuple[float, float]]:
    queries = [request.query for request in prometheus.requests if request.path.endswith("query_range")]
    return {(float(query["start"]) - T0, float(query["end"]) - T0) for query in queries}


def test_check_mode_asks_nothing(stage: Stage, prometheus: PrometheusServer) -> None:
    result = stage.run("watch", check=True, **args(prometheus))
    assert (result["changed"], result["verdict"], result["signals"]) == (False, "", [])
    assert stage.said() == ["watch: would watch sessions, up for 150 s after 60 s"]
    assert prometheus.requests == []


def test_a_stop_while_watching(stage: Stage, prometheus: PrometheusServer) -> None:
    stage.point.stop_at = 6
    result = stage.run("watch", **args(prometheus))
    assert result["msg"] == "Stopped by SIGTERM. Next: Run the same command again to go on from here."
    assert stage.journals() == [("watch", "failed", [("watch", "failed")])]


# --- without a Prometheus


def of_pods(stage: Stage, sessions: int) -> None:
    for number in range(3):
        pod = stage.cluster.objects["Pod", f"ampora-web-7c9b-{number}"]
        pod["metadata"]["annotations"] = {"prometheus.io/port": "8080"}
        stage.cluster.pages[f"ampora-web-7c9b-{number}:8080/metrics"] = f"sessions {sessions}\n"


def without(**more: Any) -> dict[str, Any]:
    metrics = {"sessions": "sessions", "up": "up"}
    signals = [{**signal, "metric": metrics[str(signal["name"])]} for signal in SIGNALS]
    return {"prometheus": {"url": ""}, "signals": signals, "settle": 0, "duration": 150, "interval": 15, **more}


def test_the_reference_is_measured_before_the_rollout_once(stage: Stage) -> None:
    of_pods(stage, 60)
    record(stage.cluster, journal(("snapshot", {})))
    first = stage.run("watch", **without(state="measured"))
    assert [len(signal["samples"]) for signal in first["signals"]] == [6, 6]
    assert stage.clock.seconds == 25
    again = stage.run("watch", **without(state="measured"))
    assert again["signals"] == first["signals"]
    assert stage.said()[-1] == "watch: the reference was measured already"
    assert stage.journals()[0][2] == [("snapshot", "ended"), ("reference", "ended")]


@pytest.mark.parametrize(("sessions", "verdict"), [(60, "pass"), (50, "fail")])
def test_and_compared_with_after_it(stage: Stage, sessions: int, verdict: str) -> None:
    of_pods(stage, 60)
    record(stage.cluster, journal(("snapshot", {})))
    stage.run("watch", **without(state="measured"))
    open_run = RunRecord(stage.cluster, {}).journals()[0].begin("apply", stage.clock.now()).end("apply", stage.clock.now(), {})
    record(stage.cluster, open_run)
    of_pods(stage, sessions)
    stage.clock.sleep(60)
    result = stage.run("watch", **without(alerts="ALERTS"))
    assert (result["verdict"], result["source"]) == (verdict, "pods")
    assert [signal["name"] for signal in result["signals"]] == ["sessions", "up", "restarts"]


def test_without_a_measured_reference_sessions_prove_nothing(stage: Stage) -> None:
    of_pods(stage, 60)
    result = stage.run("watch", **without())
    assert result["verdict"] == "inconclusive"
    assert "the reference before the rollout has 0 samples" in result["msg"]


def test_pods_that_cannot_be_measured_stop_the_upgrade_before_the_rollout(stage: Stage) -> None:
    of_pods(stage, 60)
    stage.cluster.failures["page ampora-web-7c9b-0"] = ForbiddenError("Kubernetes refuses that (HTTP 403).")
    result = stage.run("watch", **without(state="measured"))
    assert "cannot be read before the rollout" in result["msg"]
    assert stage.journals() == [("reference", "failed", [("reference", "failed")])]


# --- judged again


def test_a_stored_run_is_judged_again_with_other_bounds_and_nothing_is_written(stage: Stage, prometheus: PrometheusServer) -> None:
    prometheus.series["sessions"] = [lambda at: 200.0 if at <= T0 else 180.0]
    assert stage.run("watch", **args(prometheus, compare="before"))["verdict"] == "fail"
    run, writes, asked = RunRecord(stage.cluster, {}).journals()[0].run, list(stage.cluster.writes), len(prometheus.requests)
    loose = [{**SIGNALS[0], "min": 0.8}, SIGNALS[1]]
    again = stage.run("watch", **args(prometheus, state="judged", run=run, signals=loose))
    assert (again["verdict"], again["changed"]) == ("pass", False)
    assert [signal["verdict"] for signal in again["signals"]] == ["pass", "pass", "pass"]
    assert again["marks"]["rollout_began"] == T0
    other = [*SIGNALS, {"name": "new", "promql": "new", "kind": "level", "min": 1}]
    unknown = stage.run("watch", **args(prometheus, state="judged", run=run, signals=other))
    assert [signal["verdict"] for signal in unknown["signals"]] == ["fail", "pass", "inconclusive", "pass"]
    assert (stage.cluster.writes, len(prometheus.requests)) == (writes, asked)


def test_a_stored_alert_stays_what_it_was_and_restarts_are_counted_again(stage: Stage, prometheus: PrometheusServer) -> None:
    stored = {"verdict": "fail", "signals": [RESTARTED, ALERTED, {"name": "odd", "kind": "alerts", "verdict": "perfect"}, "odd"]}
    record(stage.cluster, journal(("watch", stored)))
    again = stage.run("watch", **args(prometheus, state="judged", run=RUN, restarts=1))
    assert [(signal["name"], signal["verdict"]) for signal in again["signals"][2:]] == [
        ("restarts", "pass"),
        ("alerts", "fail"),
        ("odd", "inconclusive"),
    ]


def test_a_run_that_has_stored_no_watch(stage: Stage, prometheus: PrometheusServer) -> None:
    record(stage.cluster, journal(("apply", {})))
    result = stage.run("watch", **args(prometheus, state="judged", run=RUN))
    assert result["msg"].startswith(f"The run {RUN} has stored no watch.")


def test_a_window_of_the_past(stage: Stage, prometheus: PrometheusServer) -> None:
    """For an upgrade that something else has made: the settle time is the rollout's own, in which a level may dip."""
    prometheus.series["up"] = [lambda at: 2.0 if T0 - 3600 < at < T0 - 3545 else 3.0]
    prometheus.series["sessions"] = [lambda at: 200.0 if at <= T0 - 3600 else 150.0]
    prometheus.firing = lambda at: [{"alertname": "New"}] if T0 - 3500 < at < T0 else []
    window = {"start": "2026-11-22T21:40:00+01:00", "end": "2026-11-22T20:45:00Z"}
    result = stage.run("watch", **args(prometheus, state="judged", window=window, alerts="ALERTS"))
    assert (result["verdict"], result["marks"]["rollout_began"], result["marks"]["watch_ended"]) == ("fail", T0 - 3600, T0 - 3300)
    assert [(signal["name"], signal["verdict"]) for signal in result["signals"]] == [
        ("sessions", "fail"),
        ("up", "pass"),
        ("alerts", "fail"),
    ]
    assert (len(result["signals"][0]["samples"]), result["signals"][0]["samples"][0][0]) == (17, T0 - 3540)
    assert result["signals"][1]["rollout_samples"][0] == [T0 - 3600, 3.0]
    assert stage.cluster.writes == []


@pytest.mark.parametrize(
    ("window", "message"),
    [
        ({}, "ampora_verify_from is ''; it must be a time with its zone."),
        ({"start": "2026-11-22T21:40:00Z", "end": "tomorrow"}, "ampora_verify_to is 'tomorrow'"),
        ({"start": "2026-11-22T21:40:00"}, "it must be a time with its zone. Next: Write it as"),
        ({"start": "2026-11-22T21:40:00Z", "end": "2026-11-22T21:40:00Z"}, "ampora_verify_from must be before ampora_verify_to."),
        ({"start": "2026-11-22T21:40:00Z", "end": "2026-11-22T21:41:00Z"}, "The first 60 s of the window (ampora_watch_settle)"),
    ],
)
def test_what_is_no_window(stage: Stage, prometheus: PrometheusServer, window: dict[str, str], message: str) -> None:
    assert message in stage.run("watch", **args(prometheus, state="judged", window=window))["msg"]


def test_without_a_prometheus_nobody_knows_the_past(stage: Stage) -> None:
    window = {"start": "2026-11-22T21:40:00Z", "end": "2026-11-22T21:45:00Z"}
    assert "nobody knows the past" in stage.run("watch", **without(state="judged", window=window))["msg"]


# --- refused


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
