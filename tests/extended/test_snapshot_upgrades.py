# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole upgrades and their way back by a CSI snapshot and by pgBackRest, on a database server that has both."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.extended.server import CLAIM, PASSWORD, Server, server
from tests.sandbox.kubectl import get
from tests.scenarios.checks import check_green, check_no_secret, check_refused, check_report, check_runs, check_sessions
from tests.support.sandbox import Sandbox

URL = "AMPORA_SANDBOX_DATABASE_URL"


@pytest.fixture
def own(part: Callable[[str], None]) -> Iterator[Server]:
    for name in ("pgbackrest", "snapshots"):
        part(name)
    with server("own-db", os.environ["AMPORA_SANDBOX_STORAGE_CLASS"]) as found:
        found.shell("psql --quiet --host=/tmp --username=postgres --command='grant pg_checkpoint to ampora'")
        yield found


@pytest.fixture
def moved(own: Server) -> Iterator[Sandbox]:
    """A clean 1.4.2 whose database is on the test's own server."""
    sandbox = Sandbox()
    sandbox.reset()
    before = urlsplit(sandbox.env[URL])
    sandbox.kubectl_text("scale", "deployment/ampora-web", "--replicas=0")
    sandbox.kubectl_text("wait", "--for=delete", "pod", "--selector=app.kubernetes.io/name=ampora-web", "--timeout=50s")
    own.take_over(f"postgresql://{before.username}:{before.password}@pg.ampora-db.svc.cluster.local:5432/ampora?sslmode=require")
    file = sandbox.overlay / "secret.yaml"
    text = re.sub(r"(ConnectionStrings__Ampora: ).*", rf"\1{own.npgsql()}", file.read_text(encoding="utf-8"))
    file.write_text(text, encoding="utf-8")
    sandbox.kubectl_text("apply", f"--kustomize={sandbox.overlay}")
    sandbox.kubectl_text("rollout", "status", "deployment/ampora-web", "--timeout=55s")
    sandbox.env[URL] = f"postgresql://ampora:{PASSWORD}@{own.address}:5432/ampora"
    check_sessions(sandbox)
    try:
        yield sandbox
    finally:
        Sandbox().reset()  # before the server is gone that the application would look for


def check_there_and_back(sandbox: Sandbox, own: Server, **inputs: Any) -> dict[str, Any]:
    """1.4.2 to 1.5.0 and back by the snapshot; what the report of the upgrade says of that."""
    inputs = {"ampora_database_hostaddr": own.address, **inputs}
    content, migrations = sandbox.database_state(), sandbox.migrations()
    upgraded = sandbox.upgrade("1.5.0", **inputs)
    check_green(upgraded)
    check_runs(sandbox, "1.5.0")
    assert len(sandbox.migrations()) > len(migrations)
    snapshot: dict[str, Any] = sandbox.report()["snapshot"]
    check_refused(sandbox.play("rollback", **inputs), "ampora_accept_data_loss is empty", snapshot["id"])
    back = sandbox.play("rollback", ampora_accept_data_loss=snapshot["id"], **inputs)
    check_green(back)
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    check_report(sandbox, "rolled back")
    assert sandbox.migrations() == migrations
    restored = sandbox.database_state()
    assert {name for name, value in restored.items() if content[name] != value} <= {"audit_events"}, "the product itself writes these"
    check_no_secret(upgraded.output + back.output, sandbox)
    return snapshot


def test_volume_snapshot_upgrade(moved: Sandbox, own: Server) -> None:
    volume = {
        "namespace": own.there.namespace,
        "claim": CLAIM,
        "class": os.environ["AMPORA_SANDBOX_SNAPSHOT_CLASS"],
        "checkpoint": True,
    }
    snapshot = check_there_and_back(moved, own, ampora_snapshot_method="volume_snapshot", ampora_snapshot_volume=volume)
    assert (snapshot["method"], snapshot["proof"], snapshot["consistency"]) == ("volume_snapshot", "restored", "crash")
    left = get("--namespace", own.there.namespace, "persistentvolumeclaims")["items"]
    assert [claim["metadata"]["name"] for claim in left if not claim["metadata"].get("deletionTimestamp")] == [CLAIM]


def test_pgbackrest_upgrade(moved: Sandbox, own: Server) -> None:
    snapshot = check_there_and_back(moved, own, ampora_snapshot_method="command", ampora_snapshot_command=own.tool())
    assert (snapshot["method"], snapshot["proof"], snapshot["consistency"]) == ("command", "verified", "unknown")
    assert snapshot["location"]["tool_id"] in own.shell("pgbackrest info")
