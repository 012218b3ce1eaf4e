# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of the site's, run by its argument list and ended with everything that it has started.

It runs in a process group of its own: whatever ends the wait (its end, a time-out, a signal to the run) also ends the
group. Its output is read to the end all the time, so that it never blocks, and only the last of it is kept.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint

POLL_SECONDS = 0.5
GRACE_SECONDS = 10.0  # between SIGTERM and SIGKILL
KILL_SECONDS = 2.0  # for the kernel; a zombie that nobody reaps is no reason to wait longer
KEPT_LINES = 200
LONGEST_LINE = 4096


@dataclass(frozen=True)
class Ended:
    """How a program ended; of its output the last lines."""

    status: int
    output: str
    errors: str


class _Reader(threading.Thread):
    """Reads a pipe to its end and keeps the last lines, each cut."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self.start()

    def run(self) -> None:
        with self._pipe as pipe:
            while line := pipe.readline(LONGEST_LINE):
                self._lines.append(line.decode(errors="replace").rstrip("\r\n"))

    def text(self) -> str:
        return "\n".join(list(self._lines))


def run_program(
    words: Sequence[str],
    environment: Mapping[str, str],
    *,
    timeout: int,
    safe_point: SafePoint,
    at_work: Callable[[int, str], None],
    into: IO[bytes] | None = None,
) -> Ended:
    """Run it to its end; `at_work` hears the seconds so far and its last line of standard error, unmasked.

    Its standard output goes `into` an open file, or is kept.
    """
    process = _start(words, environment, into)
    if process.stderr is None:
        raise AssertionError("it was started with a pipe")
    errors = _Reader(process.stderr)
    output = None if process.stdout is None else _Reader(process.stdout)
    began = time.monotonic()
    try:
        while process.poll() is None:
            seconds = time.monotonic() - began
            if seconds >= timeout:
                raise UpgradeError(f"The program {words[0]} did not end within {timeout} s and was ended.")
            at_work(int(seconds), errors.text().rpartition("\n")[2])
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(POLL_SECONDS)
            safe_point()
    finally:
        end_group(process)
        # A process that has left the group may hold the pipes open; its words are not waited for.
        for reader in (output, errors):
            if reader is not None:
                reader.join(POLL_SECONDS)
    return Ended(process.returncode, output.text() if output is not None else "", errors.text())


def _start(words: Sequence[str], environment: Mapping[str, str], into: IO[bytes] | None) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(words),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if into is None else into,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise UpgradeError(f"The program {words[0]} cannot be started: {error.strerror}.") from error


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End what is left of the group: politely, then for certain."""
    for number, patience in ((signal.SIGTERM, GRACE_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
        deadline = time.monotonic() + patience
        if not _signal(process, number):
            break
        while _signal(process, 0) and time.monotonic() < deadline:
            process.poll()  # ended and not waited for, it would stay in the group
            time.sleep(0.05)
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> bool:
    """Whether there still is somebody in the group to hear it; 0 only asks."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True
