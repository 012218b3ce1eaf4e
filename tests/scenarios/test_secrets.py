# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret is shown, written or passed on where others can see it; and the scan that says so does find one."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenarios.checks import check_green
from tests.support.playbook import Result
from tests.support.sandbox import Sandbox
from tests.support.secrets_scan import SecretsScan, secrets_of

LOUD = "-vvvv"


def scanned(scan: SecretsScan, result: Result) -> None:
    scan.look("output", result.output)
    check_green(result)


def test_secrets(sandbox: Sandbox) -> None:
    """An upgrade over a migrated schema and the way back, both as loud as they can be."""
    acks = sandbox.acks("1.5.0")
    with SecretsScan(sandbox) as scan:
        scanned(scan, sandbox.upgrade("1.5.0", LOUD, ampora_acks=acks))
        snapshot = sandbox.report()["snapshot"]["id"]
        scanned(scan, sandbox.play("rollback", LOUD, ampora_accept_data_loss=snapshot))
    print(scan.looked_at)
    assert scan.found == set()
    # There was something to see: the run's objects in many versions, its files, its processes, and those in its pods.
    least = {"output": 2, "configmaps": 10, "jobs": 4, "secrets": 4, "pods": 20, "files": 4, "arguments": 200, "environment": 200}
    assert {kind: count for kind, count in scan.looked_at.items() if count < least.get(kind, 0)} == {}
    assert scan.looked_at["arguments in pods"] > 200


@pytest.mark.parametrize("name", ["database password", "master key", "login password", "API token"])
def test_a_planted_secret_is_found(running_sandbox: Sandbox, name: str) -> None:
    sandbox = running_sandbox
    secret = secrets_of(sandbox)[name]
    told = json.dumps({"connection": f"Host=x;Password={secret};Port=1"})
    file = sandbox.reports / "planted.bin"
    with SecretsScan(sandbox) as scan:
        scan.look("output", f"... {secret} ...", "plain")
        scan.look("output", f"... {base64.b64encode(told.encode()).decode()} ...", "base64")
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.5)", secret], check=True)
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.5)"], check=True, env={"PGPASSWORD": secret})
        try:
            plant(sandbox, file, told)
        finally:
            file.unlink(missing_ok=True)
            sandbox.kubectl_text("delete", "configmap", "planted", "--ignore-not-found")
    expected = {"output plain", "output base64", "configmaps planted"}
    assert {f"{name} in {place}" for place in expected} <= scan.found
    assert any(found.startswith(f"{name} in arguments of") for found in scan.found)
    assert any(found.startswith(f"{name} in environment of") for found in scan.found)


def plant(sandbox: Sandbox, file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    sandbox.kubectl_text("create", "configmap", "planted", f"--from-literal=note={text}")
