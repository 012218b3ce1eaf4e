# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long-running programs of the sandbox: started detached, known by pid *and* start time, never by name."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.sandbox import paths
from tests.sandbox.commands import SandboxError


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text[text.rindex(")") + 2 :].split()


def start_time(pid: int) -> str | None:
    """The kernel's start tick; None when there is no such process or only its zombie."""
    stat = _stat(pid)
    return None if stat is None or stat[0] == "Z" else stat[19]


def rss(pid: int) -> int:
    """Resident memory in bytes, 0 when the process is gone."""
    stat = _stat(pid)
    return int(stat[21]) * os.sysconf("SC_PAGE_SIZE") if stat else 0


def children() -> dict[int, list[int]]:
    """Every process by its parent."""
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat(int(entry.name))):
            found.setdefault(int(stat[1]), []).append(int(entry.name))
    return found


def descendants(pid: int) -> list[int]:
    tree, found, queue = children(), [], [pid]
    while queue:
        for child in tree.get(queue.pop(), []):
            found.append(child)
            queue.append(child)
    return found


@dataclass(frozen=True)
class Daemon:
    name: str
    argv: Sequence[str | Path]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None

    @property
    def log(self) -> Path:
        return paths.LOGS / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        return paths.RUN / f"{self.name}.pid"

    def pid(self) -> int | None:
        return recorded(self.pid_file)

    def start(self) -> bool:
        """Start unless it runs; True when it was started."""
        if self.pid() is not None:
            return False
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [str(word) for word in self.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.env},
                cwd=self.cwd,
                start_new_session=True,
            )
        self.pid_file.write_text(f"{process.pid}\n{start_time(process.pid)}\n")
        _REAPABLE.append(process)
        return True

    def check(self) -> None:
        if self.pid() is None:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-10:]) if self.log.exists() else ""
            raise SandboxError(f"{self.name} ended right after its start; the end of {self.log}:\n{tail}")


# Kept so that Python does not warn about children that outlive this command on purpose.
_REAPABLE: list[subprocess.Popen[bytes]] = []


def recorded(pid_file: Path) -> int | None:
    """The pid in the file if that very process still runs."""
    try:
        pid, began = pid_file.read_text().split()
    except (OSError, ValueError):
        return None
    return int(pid) if start_time(int(pid)) == began else None


def any_of(folder: Path) -> bool:
    """Whether any process that has its pid file in this folder still runs."""
    return any(recorded(file) is not None for file in folder.glob("*.pid"))


def stop(names: Iterable[str], *, grace: float = 10) -> None:
    """SIGTERM to all of them at once, SIGKILL to those that stay."""
    files = [paths.RUN / f"{name}.pid" for name in names]
    terminate([pid for file in files if (pid := recorded(file)) is not None], grace=grace)
    for file in files:
        file.unlink(missing_ok=True)


def terminate(pids: Sequence[int], *, grace: float) -> None:
    alive = {pid: began for pid in pids if (began := start_time(pid))}
    for sign, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 10.0)):
        for pid in alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
        end = time.monotonic() + seconds
        while alive and time.monotonic() < end:
            for process in _REAPABLE:
                process.poll()
            alive = {pid: began for pid, began in alive.items() if start_time(pid) == began}
            time.sleep(0.05)
        if not alive:
            return
    raise SandboxError(f"these processes do not end: {sorted(alive)}")
