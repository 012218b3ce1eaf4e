# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of the extended tier on demand: a test names the one that it needs."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from functools import cache

import pytest

from tests.sandbox import paths


@cache
def _bring_up(name: str) -> int:
    """Once a session; what the sandbox exports afterwards holds for the tests."""
    print(f"\nthe ground: python -m tests.sandbox up --only {name}", flush=True)
    status = subprocess.run([sys.executable, "-m", "tests.sandbox", "up", "--only", name], cwd=paths.REPOSITORY, check=False).returncode
    if status == 0:
        shell = f". {shlex.quote(str(paths.ENV))} && env -0"
        exported = subprocess.run(["bash", "-c", shell], check=True, stdout=subprocess.PIPE, text=True).stdout
        os.environ.update(dict(line.split("=", 1) for line in exported.split("\0") if "=" in line))
    return status


@pytest.fixture
def part(capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Start a part of the tier, which says what it builds and how long it took."""

    def start(name: str) -> None:
        with capfd.disabled():
            status = _bring_up(name)
        if status:
            pytest.fail(f"the part {name} did not come up: `up --only {name}` ended with status {status}, see above", pytrace=False)

    return start
