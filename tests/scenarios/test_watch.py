# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is it well: every fault gets its verdict, soon, and what is well gets none of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import requests
import yaml

from tests.sandbox import agents as sandbox_agents
from tests.sandbox import monitoring, processes
from tests.scenarios.checks import AGENTS, check_green, check_refused, check_report, check_runs, check_sessions
from tests.support.meanwhile import Meanwhile
from tests.support.playbook import ROOT, Result
from tests.support.sandbox import Sandbox, without_run_records

SCRAPE = 1.0  # seconds, as the sandbox's Prometheus is set
IN_TIME = 8.0  # what a watch may take beyond its own seconds: queries, start of the task, a busy machine
GROWTH = "no_session"


def watched(sandbox: Sandbox) -> dict[str, Any]:
    """The result of the newest watch of an upgrade; one that went back is watched again after that."""
    steps = next(run["steps"] for run in reversed(sandbox.runs()) if any(step["name"] == "watch" for step in run["steps"]))
    back = next((number for number, step in enumerate(steps) if step["name"] == "undo"), len(steps))
    step = [step for step in steps[:back] if step["name"] == "watch"][-1]
    seconds = (datetime.fromisoformat(step["ended_at"]) - datetime.fromisoformat(step["began_at"])).total_seconds()
    return {**step["result"], "seconds": seconds}


def signal(result: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in result["signals"] if one["name"] == name)


def check_verdict(sandbox: Sandbox, verdict: str, *, longer: int = 0, **signals: str) -> dict[str, Any]:
    """The verdict, that of the named signals, and that it came in time: of a watch that is so many seconds longer than usual."""
    result = watched(sandbox)
    assert result["verdict"] == verdict, result
    for name, expected in signals.items():
        assert signal(result, name)["verdict"] == expected, signal(result, name)
    assert result["seconds"] <= sandbox.vars["ampora_watch_settle"] + sandbox.vars["ampora_watch_duration"] + longer + IN_TIME
    return result


def check_seen(result: dict[str, Any], name: str) -> None:
    """The fault is in a sample of at most two scrapes after the settle time."""
    seen = signal(result, name)["first_seen_at"]
    assert seen is not None, signal(result, name)
    late = seen - result["marks"]["watch_began"]
    print(f"\n{name}: seen {late:.1f} s after the settle time, verdict after {result['seconds']:.1f} s")
    assert late <= 2 * SCRAPE


def fault(sandbox: Sandbox, **settings: str) -> None:
    sandbox.configure(AMPORA_DOUBLE_FAULT_VERSIONS="1.4.3", **settings)


def signals_but(sandbox: Sandbox, name: str) -> list[dict[str, Any]]:
    return [one for one in sandbox.vars["ampora_signals"] if one["name"] != name]


def agents(sandbox: Sandbox, count: int) -> None:
    requests.post(f"{sandbox.env['AMPORA_SANDBOX_AGENTS_URL']}/count", data={"n": count}, timeout=30).raise_for_status()


def defaults() -> list[dict[str, Any]]:
    text = (ROOT / "roles" / "ampora" / "defaults" / "main.yml").read_text(encoding="utf-8")
    return list(yaml.safe_load(text)["ampora_signals"])


@pytest.fixture
def fleet() -> Iterator[None]:
    """Whatever a test makes of the fleet, all of it connects again afterwards: `up` waits for that."""
    yield
    sandbox_agents.connect()


@pytest.fixture
def prometheus() -> Iterator[None]:
    """Whatever a test makes of the sandbox's Prometheus, it runs again afterwards."""
    yield
    monitoring.start()


def stop_prometheus() -> None:
    processes.stop(["prometheus"])


def patch(sandbox: Sandbox, **variables: Any) -> Result:
    return sandbox.upgrade("1.4.3", ampora_acks={}, **variables)


@pytest.mark.ci
def test_healthy(sandbox: Sandbox) -> None:
    """Nothing is wrong, nothing is found; what the rollout did to the signals is on record."""
    check_green(patch(sandbox))
    result = check_verdict(sandbox, "pass", sessions="pass", no_session="pass", up="pass", alerts="pass", restarts="pass")
    marks, sessions = result["marks"], signal(result, "sessions")
    assert marks["rollout_began"] < marks["first_pod_ready"] < marks["rollout_ended"] <= marks["watch_began"] < marks["watch_ended"]
    assert marks["rollout_began"] == sessions["rollout_samples"][0][0] or len(sessions["rollout_samples"]) > 10
    assert sessions["recovery_seconds"] is not None
    assert result["source"] == "prometheus"
    print(f"\nhealthy: {sessions['lowest']:g} of {AGENTS} sessions at least, all back {sessions['recovery_seconds']:g} s after the begin")


@pytest.mark.ci
def test_agents_lost(sandbox: Sandbox) -> None:
    """The sessions alone have to tell: what is lost also sets off the alert, and the dispatches without a session."""
    fault(sandbox, AMPORA_DOUBLE_REFUSE_AGENTS="0.25")
    alone: dict[str, Any] = {"ampora_watch_alerts": "", "ampora_signals": signals_but(sandbox, GROWTH)}
    check_refused(patch(sandbox, **alone), "the verdict fail", "sessions: ends at", "going back by itself: the verdict is fail")
    check_seen(check_verdict(sandbox, "fail", sessions="fail", up="pass"), "sessions")
    check_runs(sandbox, "1.4.2")
    check_report(sandbox, "rolled back")


@pytest.mark.usefixtures("fleet")
def test_agents_slow(sandbox: Sandbox) -> None:
    """Half of the agents come back slowly, and do come back."""

    def leave() -> None:
        agents(sandbox, AGENTS // 2)

    def return_slowly() -> None:
        for count in range(AGENTS // 2, AGENTS + 1, 20):
            agents(sandbox, count)
            time.sleep(1.5)

    with Meanwhile(sandbox, "apply", "begun", leave) as gone, Meanwhile(sandbox, "watch", "begun", return_slowly) as back:
        check_green(patch(sandbox, ampora_watch_duration=20))
    assert gone.happened and back.happened
    result = check_verdict(sandbox, "pass", sessions="pass", longer=8)
    check_seen(result, "sessions")
    sessions = signal(result, "sessions")
    assert sessions["lowest"] <= AGENTS // 2
    assert sessions["recovery_seconds"] > result["marks"]["watch_began"] - result["marks"]["rollout_began"]
    print(f"agents-slow: within the bounds for good {sessions['recovery_seconds']:g} s after the rollout's begin")
    check_sessions(sandbox)


def test_no_session_grows(sandbox: Sandbox) -> None:
    fault(sandbox, AMPORA_DOUBLE_NO_SESSION_PER_SECOND="5")
    check_refused(patch(sandbox, ampora_watch_alerts=""), "the verdict fail", "no_session: grows by", "going back by itself")
    result = check_verdict(sandbox, "fail", no_session="fail")
    check_seen(result, GROWTH)
    check_runs(sandbox, "1.4.2")


def test_pod_flaps(sandbox: Sandbox) -> None:
    """Each pod ends after a while and is back within a scrape or two: `up` hardly tells, the cluster does."""
    fault(sandbox, AMPORA_DOUBLE_CRASH_AFTER_SECONDS="40")
    check_refused(patch(sandbox, ampora_watch_duration=60), "the verdict fail", "going back by itself")
    result = check_verdict(sandbox, "fail", longer=48)
    assert "fail" in {signal(result, name)["verdict"] for name in ("restarts", "up")}
    print(f"\npod-flaps: {signal(result, 'restarts')['text']}; up {signal(result, 'up')['text']}; after {result['seconds']:.1f} s")
    check_runs(sandbox, "1.4.2")


@pytest.mark.usefixtures("prometheus")
def test_prometheus_down(sandbox: Sandbox) -> None:
    """Before: refused. While watching: an error, held, and the same command goes on. After the watch: nobody needs it."""
    before = sandbox.state()
    stop_prometheus()
    check_refused(patch(sandbox), "[prometheus]", "(ampora_prometheus_url) does not answer")
    assert sandbox.state() == before
    monitoring.start()
    monitoring.wait_for_sessions(3, AGENTS)

    with Meanwhile(sandbox, "watch", "begun", stop_prometheus) as down:
        check_refused(patch(sandbox), "the verdict error", "could not be read 5 times in a row", "holding: the verdict is error")
    assert down.happened
    result = check_verdict(sandbox, "error", sessions="error", restarts="pass")
    print(f"\nprometheus-down: an error after {result['seconds']:.1f} s")
    check_runs(sandbox, "1.4.3")
    run = sandbox.report()["run"]
    monitoring.start()
    monitoring.wait_for_sessions(3, AGENTS)

    with Meanwhile(sandbox, "spot_check", "begun", stop_prometheus):
        check_green(patch(sandbox))
    check_report(sandbox, "upgraded")
    assert sandbox.report()["run"] == run
    check_verdict(sandbox, "pass")


@pytest.mark.usefixtures("fleet")
def test_no_traffic(sandbox: Sandbox) -> None:
    agents(sandbox, 0)
    deadline = time.monotonic() + 90
    quiet = f"max_over_time(sum(ampora_opamp_active_sessions)[{sandbox.vars['ampora_watch_reference'] + 5}s:1s])"
    while monitoring.query(quiet) != 0:
        assert time.monotonic() < deadline, "the sessions do not end"
        time.sleep(0.5)
    check_refused(patch(sandbox), "the verdict no_traffic", "there was nothing before the rollout to recover to", "holding")
    check_verdict(sandbox, "no_traffic", sessions="no_traffic", up="pass", restarts="pass")
    check_runs(sandbox, "1.4.3")
    check_report(sandbox, "held")


def test_new_alert(sandbox: Sandbox) -> None:
    """What none of the signals shows, a rule of the monitoring does; one that fired before is nobody's fault."""
    fault(sandbox, AMPORA_DOUBLE_NO_SESSION_PER_SECOND="5")
    check_refused(
        patch(sandbox, ampora_signals=signals_but(sandbox, GROWTH)),
        "the verdict fail",
        "AmporaDispatchWithoutSession",
        "going back by itself",
    )
    result = check_verdict(sandbox, "fail", alerts="fail")
    alerts = signal(result, "alerts")
    assert alerts["firing_before"] == ["AmporaSandboxAlways (severity none)"]
    assert len(alerts["new"]) == 1
    check_seen(result, "alerts")
    check_runs(sandbox, "1.4.2")


def test_judged_again(sandbox: Sandbox) -> None:
    """A stored run and a window of the past against other bounds: no rollout, and nothing is written."""
    check_green(patch(sandbox))
    run, result = sandbox.report()["run"], watched(sandbox)
    state = without_run_records(sandbox.state())
    strict = [{**one, "min": 1.5, "max": None, "slack": 0} if one["name"] == "sessions" else one for one in sandbox.vars["ampora_signals"]]
    check_green(sandbox.play("verify", ampora_run_id=run))
    check_refused(sandbox.play("verify", ampora_run_id=run, ampora_signals=strict), "the verdict fail", "must be at least 300")

    window: dict[str, Any] = {
        "ampora_watch_settle": round(result["marks"]["watch_began"] - result["marks"]["rollout_began"]),
        "ampora_verify_from": datetime.fromtimestamp(result["marks"]["rollout_began"]).astimezone().isoformat(),
        "ampora_verify_to": datetime.fromtimestamp(result["marks"]["watch_ended"]).astimezone().isoformat(),
    }
    check_green(sandbox.play("verify", **window))
    check_refused(sandbox.play("verify", **window, ampora_signals=strict), "the verdict fail", "must be at least 300")
    assert without_run_records(sandbox.state()) == state
    assert [one["run"] for one in sandbox.runs()] == [run]


def test_something_else_upgraded(sandbox: Sandbox) -> None:
    """The watch and the spot check alone, after somebody's `kubectl set image`."""
    image = f"{sandbox.image().rsplit(':', 1)[0]}@{sandbox.digest('1.4.3')}"
    began = time.time()
    sandbox.kubectl_text("set", "image", "deployment/ampora-web", f"ampora-web={image}")
    sandbox.kubectl_text("rollout", "status", "deployment/ampora-web", "--timeout=50s")
    check_green(sandbox.play("verify", ampora_target_version="1.4.3"))
    result = check_verdict(sandbox, "pass", sessions="pass", up="pass")
    assert began - 2 <= result["marks"]["rollout_began"] <= began + 10
    assert result["marks"]["rollout_ended"] is None
    assert [run["kind"] for run in sandbox.runs()] == ["watch", "spot_check"]


@pytest.mark.parametrize(("settings", "verdict"), [({}, "pass"), ({"AMPORA_DOUBLE_REFUSE_AGENTS": "0.25"}, "fail")], ids=["well", "ill"])
@pytest.mark.usefixtures("prometheus")
def test_without_prometheus(sandbox: Sandbox, settings: dict[str, str], verdict: str) -> None:
    """The pods themselves are asked, and the report says so."""
    fault(sandbox, **settings)
    stop_prometheus()
    result = patch(sandbox, ampora_prometheus_url="", ampora_signals=defaults())
    assert "[no-prometheus]" in result.output or "no-prometheus" in str(sandbox.report()["findings"])
    found = check_verdict(sandbox, verdict, sessions=verdict, up="pass")
    assert found["source"] == "pods"
    assert [step["name"] for step in sandbox.runs()[-1]["steps"]][:3] == ["snapshot", "reference", "pin_by_digest"]
    if verdict == "fail":
        check_seen(found, "sessions")
    check_runs(sandbox, "1.4.3" if verdict == "pass" else "1.4.2")
