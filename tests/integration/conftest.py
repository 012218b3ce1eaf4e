# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as other people get it: built, installed elsewhere, and used there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.scenarios.conftest import running_sandbox, sandbox
from tests.support.playbook import BIN, COLLECTIONS
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
