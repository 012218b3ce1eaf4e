# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running other programs, waiting for things, and the one error that all parts raise."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class SandboxError(Exception):
    """Something that the person at the terminal can act on; never a stack trace."""


def run(
    argv: Sequence[str | Path],
    *,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 900,
) -> str:
    """Run to the end and return stdout; a failure shows the end of what the program said."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words, input=stdin, capture_output=True, text=True, env={**os.environ, **(env or {})}, cwd=cwd, timeout=timeout, check=False
        )
    except FileNotFoundError as error:
        raise SandboxError(f"{words[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise SandboxError(f"`{' '.join(words[:6])}` did not end within {timeout:.0f} s") from error
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise SandboxError(f"`{' '.join(words[:6])}` failed with exit code {done.returncode}:\n{tail}")
    return done.stdout


def wait_for(what: str, condition: Callable[[], bool], *, timeout: float = 60, interval: float = 0.1, log: Path | None = None) -> None:
    """Poll until the condition holds; on time-out name what was awaited and show the end of its log."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-10:]) if log and log.exists() else ""
            raise SandboxError(f"{what}: not within {timeout:.0f} s" + (f"; the end of {log}:\n{tail}" if log else ""))
        time.sleep(interval)


def say(text: str) -> None:
    print(text, flush=True)


class Stopwatch:
    def __init__(self) -> None:
        self._began = time.monotonic()

    def __str__(self) -> str:
        return f"{time.monotonic() - self._began:.1f} s"
