# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restore loses: nothing where nothing was written, and otherwise what a person agreed to, with the audit rows saved."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from tests.scenarios.checks import check_green, check_refused, check_report, check_runs, check_sessions
from tests.support.sandbox import Sandbox

# Nobody logs in, so nobody writes: the product's own heartbeats are all that moves.
QUIET = {"ampora_spot_check": "none"}
EVENTS = """INSERT INTO audit_events (tenant_id, actor, actor_role, entity_type, entity_id, action)
  SELECT (SELECT id FROM tenants LIMIT 1), 'planted', 'Admin', 'configuration', 'c-' || n, 'Published' FROM generate_series(1, 500) AS n"""


def _step(sandbox: Sandbox, name: str) -> dict[str, Any]:
    steps: list[dict[str, Any]] = sandbox.runs()[-1]["steps"]
    return next(step["result"] for step in steps if step["name"] == name)


def test_restore_lossless(sandbox: Sandbox) -> None:
    content, migrations, databases = sandbox.database_state(), sandbox.migrations(), sandbox.databases()
    check_green(sandbox.upgrade("1.5.0", **QUIET))
    planned = sandbox.play("rollback", "--check")
    check_green(planned)
    assert "a restore now would lose nothing: no row was written since, by watermark and counts" in planned.flat
    check_green(sandbox.play("rollback"))  # nobody is asked for consent
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    check_report(sandbox, "rolled back")
    assert sandbox.migrations() == migrations
    assert sandbox.database_state() == content
    restored = _step(sandbox, "restore")
    assert restored["loss"]["lossless"]
    assert restored["audit_export"] == {}
    assert sandbox.databases() - databases == {restored["kept_database"]}


def test_restore_with_writes(sandbox: Sandbox) -> None:
    """500 audit rows since: shown, refused, agreed to, and saved byte for byte."""
    content = sandbox.database_state()
    check_green(sandbox.upgrade("1.5.0", **QUIET))
    snapshot = sandbox.report()["snapshot"]["id"]
    sandbox.query(EVENTS)
    upgraded = sandbox.state()

    refused = sandbox.play("rollback")
    check_refused(refused, "500 audit rows among them", "ampora_accept_data_loss is empty", f"ampora_accept_data_loss={snapshot}")
    stale = "20200101t0000z-000000"
    check_refused(sandbox.play("rollback", ampora_accept_data_loss=stale), f"ampora_accept_data_loss is {stale}")
    after = sandbox.state()
    assert {name: after[name] for name in ("overlay", "database", "databases")} == {
        name: upgraded[name] for name in ("overlay", "database", "databases")
    }

    lost = sandbox.query("SELECT row_to_json(t)::text FROM audit_events t WHERE actor = 'planted'")
    check_green(sandbox.play("rollback", ampora_accept_data_loss=snapshot))
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    check_report(sandbox, "rolled back")
    assert sandbox.database_state() == content
    export = _step(sandbox, "restore")["audit_export"]
    saved = Path(export["file"]).read_bytes()
    assert sorted(saved.decode().splitlines()) == sorted(text for (text,) in lost)
    assert (export["rows"], export["sha256"]) == (500, hashlib.sha256(saved).hexdigest())
