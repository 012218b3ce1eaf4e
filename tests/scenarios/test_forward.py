# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upgrades that go well: by a PATCH, by a MINOR with migrations at start-up or by a Job, again, and in check mode."""

from __future__ import annotations

import json

import pytest

from tests.scenarios.checks import check_green, check_refused, check_report, check_runs, check_sessions
from tests.support.probe import Probe
from tests.support.sandbox import Sandbox

STEPS = ["snapshot", "pin_by_digest", "apply", "watch", "spot_check", "accept"]


@pytest.mark.ci
def test_patch(sandbox: Sandbox) -> None:
    before = sandbox.migrations()
    result = sandbox.upgrade("1.4.3", ampora_acks={})
    check_green(result)
    check_runs(sandbox, "1.4.3")
    check_sessions(sandbox)
    check_report(sandbox, "upgraded")
    assert sandbox.migrations() == before
    report = sandbox.report()
    assert report["change"] == "patch"
    assert [step["name"] for step in report["steps"]] == STEPS
    assert report["snapshot"]["proof"] == "decoded"


@pytest.mark.ci
def test_again(running_sandbox: Sandbox) -> None:
    """What a PATCH upgrade has left, be it that of the scenario before this one."""
    sandbox = running_sandbox
    if not (sandbox.image().endswith(sandbox.digest("1.4.3")) and sandbox.runs()[-1]["outcome"] == "upgraded"):
        sandbox.reset()
        check_green(sandbox.upgrade("1.4.3", ampora_acks={}))
    after_first = sandbox.state()
    result = sandbox.upgrade("1.4.3", ampora_acks={})
    check_green(result)
    assert result.recap["changed"] == 0
    assert "nothing to do" in result.output
    assert sandbox.state() == after_first
    check_report(sandbox, "unchanged")


@pytest.mark.ci
def test_minor(sandbox: Sandbox) -> None:
    before = sandbox.migrations()
    acks = sandbox.acks("1.5.0")
    with Probe(sandbox.url) as probe:
        result = sandbox.upgrade("1.5.0", ampora_acks=acks)
    check_green(result)
    check_runs(sandbox, "1.5.0")
    check_sessions(sandbox)
    check_report(sandbox, "upgraded")
    assert set(sandbox.migrations()) > set(before)
    assert probe.answers > 100
    assert probe.failures == []
    signals = {signal["name"]: signal["verdict"] for signal in sandbox.report()["signals"]}
    assert signals == dict.fromkeys(("sessions", "no_session", "up", "alerts", "restarts"), "pass")
    assert len(list((sandbox.reports / "latest" / "screenshots").glob("*.png"))) == 4
    print(f"minor: {probe.answers} answers of the Service, {len(probe.failures)} failures; {sandbox.agents()}")


@pytest.mark.ci
def test_minor_job(sandbox: Sandbox) -> None:
    before = sandbox.migrations()
    result = sandbox.upgrade("1.5.0", ampora_migrate="job")
    check_green(result)
    check_runs(sandbox, "1.5.0")
    check_sessions(sandbox)
    steps = {step["name"]: step for step in sandbox.report()["steps"]}
    assert steps["migrate"]["result"]["before"] == before
    assert steps["migrate"]["result"]["after"] == sandbox.migrations()
    assert set(sandbox.migrations()) > set(before)
    assert steps["migrate"]["ended_at"] <= steps["apply"]["began_at"]


def test_path_auto(sandbox: Sandbox) -> None:
    """Two MINORs by one command: each hop has a run, a snapshot and a watch of its own."""
    check_refused(sandbox.play("upgrade", ampora_target_version="1.6.0"), "[skipped-minor]", "1.4.2 -> 1.5.1 -> 1.6.0")
    result = sandbox.upgrade("1.6.0", ampora_path="auto")
    check_green(result)
    check_runs(sandbox, "1.6.0")
    check_sessions(sandbox)
    runs = sandbox.runs()
    assert [(run["plan"]["current"]["version"], run["plan"]["target"]["version"], run["outcome"]) for run in runs] == [
        ("1.4.2", "1.5.1", "upgraded"),
        ("1.5.1", "1.6.0", "upgraded"),
    ]
    assert all([step["name"] for step in run["steps"]] == STEPS for run in runs)
    reports = [sandbox.reports / run["run"] / "report.json" for run in runs]
    assert [json.loads(report.read_text(encoding="utf-8"))["outcome"] for report in reports] == ["upgraded", "upgraded"]


@pytest.mark.ci
def test_check(sandbox: Sandbox) -> None:
    acks = sandbox.acks("1.5.0")
    before = sandbox.state()
    result = sandbox.upgrade("1.5.0", "--check", "--diff", ampora_acks=acks)
    check_green(result)
    assert sandbox.digest("1.5.0") in result.output
    assert sandbox.state() == before
    check_report(sandbox, "planned")
    check_green(sandbox.play("plan", ampora_target_version="1.5.0", ampora_acks=acks))
    assert sandbox.state() == before
