# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PgBouncer on loopback before a server of the tests; from its Debian package, unpacked and not installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.sandbox import paths
from tests.support.postgres import PASSWORD, ROLE, Server, free_port

PACKAGES = ("pgbouncer", "libc-ares2", "libevent-2.1-7")
WAIT = 10


def program() -> tuple[Path, dict[str, str]]:
    """pgbouncer, and the variables that it needs to run."""
    if installed := shutil.which("pgbouncer"):
        return Path(installed), {}
    home = paths.CACHE / "pgbouncer"
    if not home.exists():
        new = home.with_name("pgbouncer.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        subprocess.run(["apt-get", "download", "-qq", *PACKAGES], cwd=new, check=True, stderr=subprocess.DEVNULL, timeout=120)
        for package in new.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, new], check=True, timeout=60)
        new.rename(home)
    libraries = {str(path.parent) for path in (home / "usr" / "lib").rglob("*.so.*")}
    return home / "usr" / "sbin" / "pgbouncer", {"LD_LIBRARY_PATH": ":".join(sorted(libraries))}


@contextmanager
def pgbouncer(before: Server, mode: str, **settings: str) -> Iterator[int]:
    """The port of a PgBouncer with this pool_mode before the server; gone afterwards."""
    binary, environment = program()
    with tempfile.TemporaryDirectory(prefix="ampora-pgbouncer-") as folder:
        home, port = Path(folder), free_port()
        home.chmod(0o755)
        quoted = PASSWORD.replace('"', '""')
        (home / "users").write_text(f'"{ROLE}" "{quoted}"\n', encoding="utf-8")
        lines = {
            "listen_addr": "127.0.0.1",
            "listen_port": str(port),
            "unix_socket_dir": "",
            "auth_type": "scram-sha-256",
            "auth_file": str(home / "users"),
            "pool_mode": mode,
            "logfile": str(home / "log"),
            **settings,
        }
        text = f"[databases]\n* = host=127.0.0.1 port={before.port}\n[pgbouncer]\n"
        (home / "ini").write_text(text + "".join(f"{name} = {value}\n" for name, value in lines.items()), encoding="utf-8")
        for file in ("users", "ini"):
            (home / file).chmod(0o644)
        (home / "log").touch()
        (home / "log").chmod(0o666)
        account = ["-u", "nobody"] if os.geteuid() == 0 else []
        argv = [str(binary), "-q", *account, str(home / "ini")]
        process = subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(port, home / "log")
            yield port
        finally:
            process.terminate()
            process.wait(10)


def _wait(port: int, log: Path) -> None:
    deadline = time.monotonic() + WAIT
    while True:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user=ROLE, password=PASSWORD, dbname="ampora", connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.1)
