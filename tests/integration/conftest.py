# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as other people get it: built, installed elsewhere, and used there."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.scenarios.conftest import running_sandbox, sandbox
from tests.support.playbook import BIN, COLLECTIONS, ROOT
from tests.support.sandbox import Sandbox
from tests.tools import tree

__all__ = ["running_sandbox", "sandbox"]
DEPENDENCIES = ("kubernetes/core", "community/postgresql")


def galaxy(*arguments: str | Path, cwd: Path) -> None:
    subprocess.run([str(BIN / "ansible-galaxy"), *map(str, arguments)], cwd=cwd, check=True, stdout=subprocess.DEVNULL, timeout=120)


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built collection."""
    folder = tmp_path_factory.mktemp("dist")
    galaxy("collection", "build", "--output-path", folder, cwd=tree.sync())
    return next(folder.glob("*.tar.gz"))


@pytest.fixture(scope="session")
def installed(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collections path with the built collection and its dependencies, and nothing of this checkout."""
    folder = tmp_path_factory.mktemp("collections")
    for name in DEPENDENCIES:
        target = folder / "ansible_collections" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to((COLLECTIONS / "ansible_collections" / name).resolve())
    galaxy("collection", "install", "--offline", "--no-deps", "--force", "-p", folder, tarball, cwd=folder)
    return folder


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
def granted(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:  # noqa: F811
    """The Role, bound to a service account; removed afterwards."""
    role = yaml.safe_load(ROLE.read_text(encoding="utf-8"))
    file = tmp_path_factory.mktemp("account") / "account.json"
    items = [role, *account(NAME, role["metadata"]["name"])]
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}), encoding="utf-8")
    sandbox.kubectl("apply", f"--filename={file}")
    yield file
    sandbox.kubectl_text("delete", f"--filename={file}")


def bearer(sandbox: Sandbox) -> dict[str, str]:  # noqa: F811
    """The account's token, as AWX's own Kubernetes credential gives it to a job."""
    token = sandbox.kubectl("create", "token", NAME)["status"]["token"]
    server = yaml.safe_load(Path(sandbox.env["KUBECONFIG"]).read_text(encoding="utf-8"))["clusters"][0]["cluster"]["server"]
    return {"K8S_AUTH_HOST": server, "K8S_AUTH_API_KEY": token, "K8S_AUTH_VERIFY_SSL": "no"}
