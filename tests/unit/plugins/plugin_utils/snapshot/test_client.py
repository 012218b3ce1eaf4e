# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client's programs as processes: shell scripts in their place. The real ones: tests/integration."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils import program as program_port
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint, StoppedError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot import client
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.client import Client


def program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return folder


def client_of(folder: Path, version: str, script: str = "true") -> Path:
    program(folder, "pg_restore", script)
    return program(folder, "pg_dump", f'echo "pg_dump (PostgreSQL) {version}"')


def made(folder: str, server: int = 170004, **environment: str) -> Client:
    return Client(folder, server, environment, SafePoint())


def test_the_folder_by_the_servers_major_version(tmp_path: Path) -> None:
    client_of(tmp_path / "17", "17.12")
    assert made(str(tmp_path / "{major}")).version == 170012


def test_where_packages_put_it_before_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{client_of(tmp_path / 'path', '18.1')}:{os.environ['PATH']}")
    monkeypatch.setattr(client, "FOLDERS", (str(tmp_path / "{major}" / "bin"),))
    assert made("").version == 180001
    client_of(tmp_path / "17" / "bin", "17.12")
    assert made("").version == 170012


def test_no_client_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(client, "FOLDERS", ())
    with pytest.raises(UpgradeError, match=r"^pg_dump cannot be run here: .*No such file"):
        made("")
    with pytest.raises(UpgradeError, match=r"^There is no pg_dump in /none/17 \(ampora_snapshot_client\)\."):
        made("/none/{major}")


def test_an_older_client_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UpgradeError, match="is of version 15 and the server of version 17"):
        made(str(client_of(tmp_path, "15.18")))


def test_a_program_gets_our_variables_and_nobody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "elsewhere")
    monkeypatch.setenv("PGSERVICE", "elsewhere")
    monkeypatch.setenv("HTTP_PROXY", "stays")
    folder = client_of(tmp_path, "17.12", f'env > {tmp_path}/env; echo "$@" > {tmp_path}/argv')
    made(str(folder), PGHOST="db", PGPASSWORD="s3cret").run("pg_restore", "--file=/dev/null", "dump", timeout=10)
    found = dict(line.split("=", 1) for line in (tmp_path / "env").read_text(encoding="utf-8").splitlines())
    assert {name: value for name, value in found.items() if name.startswith("PG")} == {"PGHOST": "db", "PGPASSWORD": "s3cret"}
    assert (found["HTTP_PROXY"], found["LC_ALL"]) == ("stays", "C")
    assert (tmp_path / "argv").read_text(encoding="utf-8") == "--file=/dev/null dump\n"


def test_a_failed_program_says_why(tmp_path: Path) -> None:
    script = "echo 'pg_restore: error: could not execute query' >&2; echo 'Command was: x' >&2; exit 1"
    with pytest.raises(UpgradeError) as error:
        made(str(client_of(tmp_path, "17.12", script))).run("pg_restore", timeout=10)
    assert error.value.message == "pg_restore failed: pg_restore: error: could not execute query"
    assert error.value.evidence == ("pg_restore: error: could not execute query", "Command was: x")


def runs(file: Path) -> bool:
    try:
        os.kill(int(file.read_text(encoding="utf-8")), 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_stop_ends_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stubborn: bool) -> None:
    monkeypatch.setattr(program_port, "GRACE_SECONDS", 0.2)
    ignoring = "trap '' TERM;" if stubborn else ""
    folder = client_of(tmp_path, "17.12", f"{ignoring} echo $$ > {tmp_path}/pid.new; mv {tmp_path}/pid.new {tmp_path}/pid; exec sleep 60")

    def look(_unused: int) -> None:
        if (tmp_path / "pid").exists():
            raise StoppedError("Stopped by SIGTERM.")

    with pytest.raises(StoppedError):
        made(str(folder)).run("pg_restore", timeout=30, look=look)
    assert not runs(tmp_path / "pid")


def test_a_deadline(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(UpgradeError, match=r"pg_restore did not end within 1 s"):
        made(str(client_of(tmp_path, "17.12", "exec sleep 60"))).run("pg_restore", timeout=1)
    assert time.monotonic() - began < 20
