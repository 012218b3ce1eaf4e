# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restore loses: nothing where nothing was written, and otherwise what a person agreed to, with the audit rows saved."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from tests.scenarios.checks import check_green, check_refused, check_report, check_runs, check_sessions
from tests.support.sandbox import Sandbox

KEY = "KeyProtection__MasterKey"
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


def _secret(sandbox: Sandbox) -> str:
    """The Secret that holds the master key."""
    items = sandbox.kubectl("get", "secrets")["items"]
    return next(str(item["metadata"]["name"]) for item in items if KEY in (item.get("data") or {}))


def _put_key(sandbox: Sandbox, name: str, encoded: str | None) -> None:
    """What the Secret's field holds (base64 of the base64), or nothing."""
    sandbox.kubectl_text("patch", "secret", name, "--type=merge", f"--patch={json.dumps({'data': {KEY: encoded}})}")


def _encoded(key: bytes) -> str:
    return base64.b64encode(base64.b64encode(key)).decode()


def test_wrong_key(sandbox: Sandbox, tmp_path: Path) -> None:
    """Another valid key: seen before the upgrade, and again before a restore; given rightly, it is attached again."""
    content, name = sandbox.database_state(), _secret(sandbox)
    right = str(sandbox.kubectl("get", "secret", name)["data"][KEY])
    _put_key(sandbox, name, _encoded(bytes(32)))
    before = sandbox.state()
    check_refused(sandbox.play("upgrade", ampora_target_version="1.4.3"), "[master-key-wrong]", f"Secret {name}, key {KEY}")
    assert sandbox.state() == before
    _put_key(sandbox, name, right)

    check_green(sandbox.upgrade("1.5.0", **QUIET))
    _put_key(sandbox, name, _encoded(bytes(32)))
    upgraded = sandbox.state()
    check_refused(sandbox.play("rollback"), "was encrypted under another master key than the one in use")
    assert {key: sandbox.state()[key] for key in ("database", "databases", "overlay")} == {
        key: upgraded[key] for key in ("database", "databases", "overlay")
    }
    file = tmp_path / "key"
    file.write_bytes(base64.b64decode(right))
    check_green(sandbox.play("rollback", ampora_master_key_file=str(file), ampora_master_key_attach=True))
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    assert sandbox.database_state() == content
    assert sandbox.kubectl("get", "secret", name)["data"][KEY] == right
    assert _step(sandbox, "restore")["master_key_attached"] == f"Secret {name}, key {KEY}"


def test_missing_key(sandbox: Sandbox) -> None:
    name = _secret(sandbox)
    _put_key(sandbox, name, None)
    before = sandbox.state()
    result = sandbox.play("upgrade", ampora_target_version="1.4.3")
    check_refused(result, "[master-key]", "has no variable KeyProtection__MasterKey (ampora_master_key_env)")
    assert sandbox.state() == before
