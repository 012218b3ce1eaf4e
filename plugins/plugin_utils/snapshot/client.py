# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The PostgreSQL client programs on this machine: found by the server's major version, run as processes of their own.

The password reaches them by their environment, which only this user can read and which is gone with the process; a
password file would outlive a run that is killed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.clients import check_client, reason, version_number
from ansible_collections.ampora.upgrades.plugins.plugin_utils.program import end_group, run_program
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint

# Where packages put several major versions beside each other; then whatever the PATH has.
FOLDERS = ("/usr/lib/postgresql/{major}/bin", "/usr/pgsql-{major}/bin", "/opt/homebrew/opt/postgresql@{major}/bin")
# Variables of the person who started the run that would change what a client does.
FOREIGN = re.compile(r"PG[A-Z]+")


class Client:
    """pg_dump and pg_restore of one folder; `environment` has the PG* variables and the password."""

    def __init__(self, folder: str, server_version: int, environment: Mapping[str, str], safe_point: SafePoint) -> None:
        self._folder = _find(folder, server_version // 10000)
        own = {name: value for name, value in os.environ.items() if not FOREIGN.fullmatch(name)}
        self._environment = {**own, **environment, "LC_ALL": "C"}
        self._safe_point = safe_point
        self.version = self._version()
        check_client(self.version, server_version, f"{self._folder or 'the PATH'} (ampora_snapshot_client)")

    def run(
        self,
        program: str,
        *arguments: str,
        timeout: int,
        look: Callable[[int], None] = lambda _unused: None,
        into: IO[bytes] | None = None,
    ) -> None:
        """Run a program to its end; `look` is called meanwhile with the seconds so far. A failed one raises with its own words.

        `into` is an open file for what it writes.
        """
        ended = run_program(
            [self._path(program), *arguments],
            self._environment,
            timeout=timeout,
            safe_point=self._safe_point,
            at_work=lambda seconds, _line: look(seconds),
            into=into,
        )
        _refuse_failed(program, ended.status, ended.errors)

    @contextlib.contextmanager
    def statements(self) -> Iterator[IO[bytes]]:
        """psql as a pipe for statements; the first that fails ends it and, with it, its session. Its words count before others'."""
        argv = [self._path("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
        with tempfile.TemporaryFile() as words:
            process = subprocess.Popen(argv, env=self._environment, stdin=subprocess.PIPE, stderr=words, start_new_session=True)
            if process.stdin is None:
                raise AssertionError("it was started with a pipe")
            try:
                yield process.stdin
                process.stdin.close()
                process.wait()
            except (UpgradeError, OSError):
                _refuse_failed("psql", process.poll() or 0, _said(words))
                raise
            finally:
                end_group(process)
            _refuse_failed("psql", process.returncode, _said(words))

    def _path(self, program: str) -> str:
        return str(Path(self._folder) / program) if self._folder else program

    def _version(self) -> int:
        try:
            found = subprocess.run([self._path("pg_dump"), "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
        except (OSError, subprocess.SubprocessError) as error:
            raise UpgradeError(
                f"pg_dump cannot be run here: {error}.",
                next_step="Install the PostgreSQL client of the server's major version, or set ampora_snapshot_client to its folder.",
            ) from error
        return version_number(found)


def _find(folder: str, major: int) -> str:
    """The folder of the programs; empty means by the PATH."""
    for candidate in [folder] if folder else FOLDERS:
        path = candidate.replace("{major}", str(major))
        if shutil.which("pg_dump", path=path):
            return path
    if folder:
        raise UpgradeError(
            f"There is no pg_dump in {folder.replace('{major}', str(major))} (ampora_snapshot_client).",
            next_step="Name the folder that holds pg_dump and pg_restore of the server's major version.",
        )
    return ""


def _said(words: IO[bytes]) -> str:
    words.seek(0)
    return words.read().decode(errors="replace")


def _refuse_failed(program: str, status: int, words: str) -> None:
    if status != 0:
        lines = words.splitlines()
        raise UpgradeError(f"{program} failed: {reason(lines)}", evidence=tuple(lines[:8]))
