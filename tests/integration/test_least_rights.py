# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An upgrade with exactly the Role of docs/rbac.yml, by a bearer token as AWX's own Kubernetes credential gives it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.scenarios.checks import check_green, check_refused, check_report, check_runs
from tests.support.playbook import ROOT, Result, command, environment, run
from tests.support.sandbox import Sandbox

NAME = "upgrader"
ROLE = ROOT / "docs" / "rbac.yml"


def account(name: str, role: str) -> list[dict[str, Any]]:
    binding: dict[str, Any] = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": name}],
    }
    return [{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}, binding]


@pytest.fixture
def granted(sandbox: Sandbox, tmp_path: Path) -> Iterator[Path]:
    """The Role, bound to a service account; removed afterwards."""
    role = yaml.safe_load(ROLE.read_text(encoding="utf-8"))
    file = tmp_path / "account.json"
    items = [role, *account(NAME, role["metadata"]["name"])]
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}), encoding="utf-8")
    sandbox.kubectl("apply", f"--filename={file}")
    yield file
    sandbox.kubectl_text("delete", f"--filename={file}")


def play(sandbox: Sandbox, playbook: str, tmp_path: Path) -> Result:
    """A playbook whose only credentials are the account's token."""
    token = sandbox.kubectl("create", "token", NAME)["status"]["token"]
    server = yaml.safe_load(Path(sandbox.env["KUBECONFIG"]).read_text(encoding="utf-8"))["clusters"][0]["cluster"]["server"]
    env = environment(K8S_AUTH_HOST=server, K8S_AUTH_API_KEY=token, K8S_AUTH_VERIFY_SSL="no", HOME=str(tmp_path))
    inputs = {"ampora_target_version": "1.4.3", "ampora_kubeconfig": ""}
    result = run(command(playbook, inputs, files=(sandbox.vars_file,)), tmp_path, env=env)
    assert token not in result.output
    return result


def test_the_listed_rights_are_enough(sandbox: Sandbox, granted: Path, tmp_path: Path) -> None:
    assert granted.exists()
    check_green(play(sandbox, "upgrade", tmp_path))
    check_runs(sandbox, "1.4.3")
    check_report(sandbox, "upgraded")


def test_a_missing_right_is_named(sandbox: Sandbox, granted: Path, tmp_path: Path) -> None:
    role = yaml.safe_load(ROLE.read_text(encoding="utf-8"))
    role["rules"] = [rule for rule in role["rules"] if "jobs" not in rule["resources"]]
    granted.with_name("less.json").write_text(json.dumps(role), encoding="utf-8")
    sandbox.kubectl("apply", f"--filename={granted.with_name('less.json')}")
    check_refused(play(sandbox, "upgrade", tmp_path), "[permissions]", "create jobs.batch, delete jobs.batch", "docs/rbac.yml")
    assert sandbox.image().endswith(":1.4.2")
