# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways back: undo after a PATCH, restore after a MINOR."""

from __future__ import annotations

import pytest

from tests.scenarios.checks import check_green, check_refused, check_report, check_runs, check_sessions
from tests.support.sandbox import Sandbox


@pytest.mark.ci
def test_undo(sandbox: Sandbox) -> None:
    annotations = set(sandbox.deployment()["metadata"]["annotations"])
    check_green(sandbox.upgrade("1.4.3", ampora_acks={}))
    result = sandbox.play("rollback")
    check_green(result)
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    check_report(sandbox, "rolled back")
    assert annotations <= set(sandbox.deployment()["metadata"]["annotations"])


@pytest.mark.ci
def test_restore(sandbox: Sandbox) -> None:
    content = sandbox.database_state()
    migrations = sandbox.migrations()
    check_green(sandbox.upgrade("1.5.0"))
    upgrade = sandbox.report()
    upgraded = sandbox.state()

    check_refused(sandbox.play("rollback"), "ampora_accept_data_loss is empty", upgrade["snapshot"]["id"])
    assert sandbox.state()["overlay"] == upgraded["overlay"]
    assert sandbox.state()["databases"] == upgraded["databases"]

    result = sandbox.play("rollback", ampora_accept_data_loss=upgrade["snapshot"]["id"])
    check_green(result)
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    check_report(sandbox, "rolled back")
    assert sandbox.migrations() == migrations
    restored = sandbox.database_state()
    # The product goes on writing audit events once it serves again; everything else is as it was.
    assert {name: value for name, value in restored.items() if name != "audit_events"} == {
        name: value for name, value in content.items() if name != "audit_events"
    }
    kept = next(step["result"]["kept_database"] for step in sandbox.report()["steps"] if step["name"] == "restore")
    assert kept in sandbox.databases()


def test_auto_rollback(sandbox: Sandbox) -> None:
    """A PATCH that never gets ready goes back by itself: nothing is lost, and the run ends red all the same."""
    sandbox.configure(AMPORA_DOUBLE_NOT_READY="1", AMPORA_DOUBLE_FAULT_VERSIONS="1.4.3")
    result = sandbox.upgrade("1.4.3", ampora_rollout_timeout=15)
    check_refused(result, "is not complete after 15 s (ampora_rollout_timeout)", "going back by itself")
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    check_report(sandbox, "rolled back")
    # Until a person clears it, that version is on hold here; by `latest-patch` it is not even meant.
    check_refused(sandbox.play("upgrade", ampora_target_version="1.4.3"), "[on-hold]", 'ampora_acks: {ack-1.4.3-on-hold: "true"}')
    assert "1.4.3" not in sandbox.play("plan", ampora_target_version="latest-patch").output


def test_hold(sandbox: Sandbox) -> None:
    """A MINOR that has migrated and never gets ready: going back would lose data, so it holds and says what to type."""
    sandbox.configure(AMPORA_DOUBLE_NOT_READY="1", AMPORA_DOUBLE_FAULT_VERSIONS="1.5.0")
    acks = sandbox.acks("1.5.0")
    result = sandbox.upgrade("1.5.0", ampora_rollout_timeout=15, ampora_acks=acks)
    check_refused(result, "is not complete after 15 s", "holding: going back would not be lossless")
    report = sandbox.report()
    check_report(sandbox, "held")
    assert sandbox.image().endswith(f"@{sandbox.digest('1.5.0')}")
    assert f"ampora.upgrades.rollback -e ampora_run_id={report['run']}" in report["next_command"]
    check_refused(sandbox.play("upgrade", ampora_target_version="1.5.1"), "[unfinished-run]", report["run"])

    # The cause is mended, and the same command goes on with the same run.
    sandbox.configure(AMPORA_DOUBLE_NOT_READY="", AMPORA_DOUBLE_FAULT_VERSIONS="")
    sandbox.kubectl_text("delete", "pod", *sandbox.unready_pods())
    check_green(sandbox.upgrade("1.5.0", ampora_acks=acks))
    assert sandbox.report()["run"] == report["run"]
    check_runs(sandbox, "1.5.0")
    check_report(sandbox, "upgraded")
