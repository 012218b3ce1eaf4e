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
    check_green(sandbox.upgrade("1.4.3"))
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
