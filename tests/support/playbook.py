# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running one of the collection's playbooks as a user does: a process of its own, with nothing but files and variables."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
COLLECTIONS = ROOT / ".venv" / "collections"
RECAP = re.compile(r"^localhost\s*:\s*(?P<counts>.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """How a playbook ended."""

    status: int
    output: str
    recap: dict[str, int]

    @property
    def flat(self) -> str:
        """The output on one line: ansible-core wraps long messages."""
        return re.sub(r"\s+", " ", self.output)


def environment(**more: str) -> dict[str, str]:
    """The environment of every playbook in tests: this checkout as the collection, plain output, no user's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "K8S_AUTH_", "KUBECONFIG"))}
    settings = {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    }
    return {**kept, **settings, **more}


def command(playbook: str, variables: Mapping[str, Any], *options: str, files: tuple[Path, ...] = ()) -> list[str]:
    """The argument list; a bare name is a playbook of the collection."""
    name = playbook if "/" in playbook else f"ampora.upgrades.{playbook}"
    extra = [argument for file in files for argument in ("-e", f"@{file}")]
    return [str(BIN / "ansible-playbook"), name, *extra, "-e", json.dumps(dict(variables)), *options]


def run(argv: list[str], cwd: Path, *, timeout: int = 600, env: Mapping[str, str] | None = None) -> Result:
    done = subprocess.run(
        argv,
        cwd=cwd,
        env=dict(env or environment()),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Result(done.returncode, done.stdout, recap(done.stdout))


def recap(output: str) -> dict[str, int]:
    """ok, changed, failed, ... of the play recap; empty when there is none."""
    found = RECAP.search(output)
    if found is None:
        return {}
    return {name: int(count) for name, count in (pair.split("=") for pair in found["counts"].split())}
