# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Git server with one repository, which holds the overlay: git's own http-backend behind a small HTTP server.

Run as `python -m tests.sandbox.extended.git` it is that server.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.sandbox import paths, processes
from tests.sandbox.commands import run
from tests.sandbox.extended.tools import answers, await_daemon
from tests.sandbox.processes import Daemon
from tests.sandbox.settings import SETTINGS

NAME = "git"
_FOLDER = paths.EXTENDED / "git"
_REPOSITORY = _FOLDER / "ampora.git"
_ADDRESS = (SETTINGS.node_address, SETTINGS.extended_ports.git)
URL = f"http://{_ADDRESS[0]}:{_ADDRESS[1]}/ampora.git"
OVERLAY = "overlays/acme-prod"
# Nobody's settings but these; the user's may sign commits or want another branch.
ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    **{f"GIT_{role}_NAME": "Sandbox" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "sandbox@acme.example" for role in ("AUTHOR", "COMMITTER")},
}


def git(*words: str | Path, cwd: Path | None = None) -> str:
    return run(["git", *words], env=ENVIRONMENT, cwd=cwd)


def start() -> None:
    if not _REPOSITORY.exists():
        _make_repository()
    daemon().start()
    await_daemon(daemon(), "the Git server", lambda: answers(f"{URL}/info/refs?service=git-upload-pack"), timeout=20)


def _make_repository() -> None:
    """Made elsewhere and then moved, so that one that was cut off is never taken for a whole one."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_FOLDER) as name:
        bare, work = Path(name) / "bare", Path(name) / "work"
        git("init", "--quiet", "--bare", "--initial-branch=main", bare)
        git("config", "http.receivepack", "true", cwd=bare)
        git("clone", "--quiet", bare, work)
        run(["cp", "--recursive", f"{paths.DEPLOY}/.", work])
        git("add", "--all", cwd=work)
        git("commit", "--quiet", "--message", f"Ampora {SETTINGS.start_version}", cwd=work)
        git("push", "--quiet", "origin", "HEAD:main", cwd=work)
        bare.replace(_REPOSITORY)


def daemon() -> Daemon:
    return Daemon(NAME, [sys.executable, "-m", "tests.sandbox.extended.git"], cwd=paths.REPOSITORY)


def stop() -> None:
    processes.stop([NAME])


class _Handler(BaseHTTPRequestHandler):
    """One request is one run of `git http-backend`, which speaks CGI."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        url = urlsplit(self.path)
        variables = {
            **os.environ,
            **ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(_FOLDER),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REQUEST_METHOD": self.command,
            "PATH_INFO": url.path,
            "QUERY_STRING": url.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        body = self._body()
        done = subprocess.run(["git", "http-backend"], input=body, env=variables, stdout=subprocess.PIPE, check=False)
        head, unused, content = done.stdout.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().splitlines()]
        status = next((value for name, value in fields if name == "Status"), "200" if done.returncode == 0 else "500")
        self.send_response(int(status.split()[0]))
        for name, value in fields:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _body(self) -> bytes:
        """Git sends what is larger than a megabyte in chunks."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)


def main() -> None:
    ThreadingHTTPServer(_ADDRESS, _Handler).serve_forever()


if __name__ == "__main__":
    main()
