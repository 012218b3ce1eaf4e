# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Role of docs/rbac.yml: that it is enough is shown by the AWX job of the thin project, which has nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tests.integration.conftest import ROLE, bearer
from tests.scenarios.checks import check_green, check_refused
from tests.support.playbook import Result, command, environment, run
from tests.support.sandbox import Sandbox


def play(sandbox: Sandbox, playbook: str, tmp_path: Path, **variables: Any) -> Result:
    """A playbook whose only credentials are the account's token."""
    credential = bearer(sandbox)
    env = environment(**credential, HOME=str(tmp_path))
    inputs = {"ampora_target_version": "1.4.3", "ampora_kubeconfig": "", **variables}
    result = run(command(playbook, inputs, files=(sandbox.vars_file,)), tmp_path, env=env)
    assert credential["K8S_AUTH_API_KEY"] not in result.output
    return result


def grant_less(sandbox: Sandbox, granted: Path, resource: str) -> None:
    """The Role without the rule for a resource."""
    role = yaml.safe_load(ROLE.read_text(encoding="utf-8"))
    role["rules"] = [rule for rule in role["rules"] if resource not in rule["resources"]]
    granted.with_name("less.json").write_text(json.dumps(role), encoding="utf-8")
    sandbox.kubectl("apply", f"--filename={granted.with_name('less.json')}")


def test_the_pods_are_asked_for_their_metrics(sandbox: Sandbox, granted: Path, tmp_path: Path) -> None:
    """Where there is no Prometheus; what is compared with the past has none here, so the levels are watched alone."""
    up = {"name": "up", "kind": "level", "min": "{replicas}", "metric": "up"}
    sessions = {"name": "sessions", "kind": "level", "min": 190, "max": 210, "metric": "ampora_opamp_active_sessions"}
    without: dict[str, Any] = {"ampora_prometheus_url": "", "ampora_signals": [up, sessions], "ampora_spot_check": "none"}
    result = play(sandbox, "verify", tmp_path, **without)
    check_green(result)
    watched = sandbox.runs()[0]["steps"][0]["result"]
    assert (watched["verdict"], watched["source"]) == ("pass", "pods")
    assert [signal["last"] for signal in watched["signals"][:2]] == [3.0, 200.0]
    grant_less(sandbox, granted, "pods/proxy")
    check_refused(play(sandbox, "plan", tmp_path, **without), "[permissions]", "get pods/proxy", "docs/rbac.yml")
    check_refused(play(sandbox, "verify", tmp_path, **without), "the verdict error", "these credentials may not do that (HTTP 403)")


def test_a_missing_right_is_named(sandbox: Sandbox, granted: Path, tmp_path: Path) -> None:
    grant_less(sandbox, granted, "jobs")
    check_refused(play(sandbox, "upgrade", tmp_path), "[permissions]", "create jobs.batch, delete jobs.batch", "docs/rbac.yml")
    assert sandbox.image().endswith(":1.4.2")
