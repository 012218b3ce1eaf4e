# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job in the layout that AWX gives a job, by ansible-runner: a thin project, and this repository as its own project.

The thin project's job has a bearer token with exactly the Role of docs/rbac.yml, the other one a kubeconfig.

AWX mounts /runner with project/, inventory/, env/ and the installed requirements; credentials arrive as files and
variables, what the user answered as extra variables, and set_stats goes back as artifacts.
"""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ansible_runner
import pytest
import yaml

from tests.integration.conftest import bearer, galaxy
from tests.scenarios.checks import check_no_secret, check_runs
from tests.support.playbook import ROOT, environment
from tests.support.sandbox import Sandbox
from tests.tools import tree

JOB = {"awx_job_id": 4711, "awx_user_name": "oncall", "awx_job_template_name": "Ampora upgrade", "tower_job_id": 4711}
MAX_ARTIFACTS = 4096


def thin_project(runner: Path, installed: Path) -> str:
    """docs/awx/thin-project, with the collection from the requirements cache."""
    shutil.copytree(ROOT / "docs" / "awx" / "thin-project", runner / "project")
    (runner / "requirements_collections").symlink_to(installed)
    return "upgrade.yml"


def own_project(runner: Path, installed: Path) -> str:
    """The repository itself, which its collections/requirements.yml installs from where it lies."""
    shutil.copytree(tree.sync(), runner / "project", ignore=shutil.ignore_patterns(".git", "output"))
    target = runner / "requirements_collections"
    shutil.copytree(installed, target, symlinks=True, ignore=shutil.ignore_patterns("ampora"))
    galaxy(
        "collection",
        "install",
        "--offline",
        "--no-deps",
        "--force",
        "-r",
        "collections/requirements.yml",
        "-p",
        target,
        cwd=runner / "project",
    )
    assert (target / "ansible_collections" / "ampora" / "upgrades" / "MANIFEST.json").exists()
    return "playbooks/upgrade.yml"


def kubeconfig(runner: Path, sandbox: Sandbox) -> dict[str, str]:
    """A credential that is a file, and the variable that names it."""
    credential = runner / "env" / "tmp4711"
    shutil.copy(sandbox.env["KUBECONFIG"], credential)
    credential.chmod(0o600)
    return {"K8S_AUTH_KUBECONFIG": str(credential)}


def token(runner: Path, sandbox: Sandbox) -> dict[str, str]:
    """A credential of variables alone, and no kubeconfig of the user's in the home."""
    return {**bearer(sandbox), "HOME": str(runner)}


def prepare(runner: Path, sandbox: Sandbox, credential: Callable[[Path, Sandbox], dict[str, str]], answers: dict[str, Any]) -> None:
    """inventory/ and env/ as the dispatcher writes them: an inventory script, extra variables, a credential."""
    (runner / "env").mkdir()
    (runner / "inventory").mkdir()
    inputs = {name: value for name, value in sandbox.vars.items() if name != "ampora_kubeconfig"}
    hosts = runner / "inventory" / "hosts"
    variables = {
        **inputs,
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "remote_tower_enabled": "true",
    }
    data = {"_meta": {"hostvars": {"localhost": variables}}, "all": {"hosts": ["localhost"]}}
    hosts.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(data)}\nEND\n", encoding="utf-8")
    hosts.chmod(stat.S_IRWXU)
    (runner / "env" / "extravars").write_text(yaml.safe_dump({**answers, **JOB}), encoding="utf-8")
    variables_of_job = environment(
        ANSIBLE_COLLECTIONS_PATH=str(runner / "requirements_collections"),
        ANSIBLE_COLLECTIONS_SCAN_SYS_PATH="false",
        ANSIBLE_INVENTORY_UNPARSED_FAILED="True",
        ANSIBLE_RETRY_FILES_ENABLED="False",
        **credential(runner, sandbox),
        JOB_ID="4711",
    )
    (runner / "env" / "envvars").write_text(yaml.safe_dump(variables_of_job), encoding="utf-8")
    (runner / "env" / "settings").write_text(json.dumps({"job_timeout": 0, "suppress_ansible_output": True}), encoding="utf-8")


@pytest.mark.usefixtures("granted")
@pytest.mark.parametrize(("project", "credential"), [(thin_project, token), (own_project, kubeconfig)])
def test_a_job(
    project: Callable[[Path, Path], str],
    credential: Callable[[Path, Sandbox], dict[str, str]],
    sandbox: Sandbox,
    installed: Path,
    tmp_path: Path,
) -> None:
    playbook = project(tmp_path, installed)
    prepare(tmp_path, sandbox, credential, {"ampora_target_version": "1.4.3", "ampora_acks": ""})
    job = ansible_runner.run(private_data_dir=str(tmp_path), playbook=playbook)
    events = list(job.events)
    text = "\n".join(event["stdout"] for event in events if event["stdout"])
    assert job.status == "successful", text
    check_runs(sandbox, "1.4.3")
    artifacts = events[-1]["event_data"]["artifact_data"]
    assert set(artifacts) == {"ampora_upgrade"}
    assert artifacts["ampora_upgrade"]["outcome"] == "upgraded"
    assert len(json.dumps(artifacts)) < MAX_ARTIFACTS
    check_no_secret(text + json.dumps(events), sandbox)
    # Live lines of a long task reach AWX as events of their own.
    assert any(event["event"] == "verbose" and "pods updated" in event["stdout"] for event in events)
    assert sandbox.report()["actor"]["awx_job"] == "4711"
