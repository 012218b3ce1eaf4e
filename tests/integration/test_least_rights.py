# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Role of docs/rbac.yml: that it is enough is shown by the AWX job of the thin project, which has nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from tests.integration.conftest import ROLE, bearer
from tests.scenarios.checks import check_refused
from tests.support.playbook import Result, command, environment, run
from tests.support.sandbox import Sandbox


def play(sandbox: Sandbox, playbook: str, tmp_path: Path) -> Result:
    """A playbook whose only credentials are the account's token."""
    credential = bearer(sandbox)
    env = environment(**credential, HOME=str(tmp_path))
    inputs = {"ampora_target_version": "1.4.3", "ampora_kubeconfig": ""}
    result = run(command(playbook, inputs, files=(sandbox.vars_file,)), tmp_path, env=env)
    assert credential["K8S_AUTH_API_KEY"] not in result.output
    return result


def test_a_missing_right_is_named(sandbox: Sandbox, granted: Path, tmp_path: Path) -> None:
    role = yaml.safe_load(ROLE.read_text(encoding="utf-8"))
    role["rules"] = [rule for rule in role["rules"] if "jobs" not in rule["resources"]]
    granted.with_name("less.json").write_text(json.dumps(role), encoding="utf-8")
    sandbox.kubectl("apply", f"--filename={granted.with_name('less.json')}")
    check_refused(play(sandbox, "upgrade", tmp_path), "[permissions]", "create jobs.batch, delete jobs.batch", "docs/rbac.yml")
    assert sandbox.image().endswith(":1.4.2")
