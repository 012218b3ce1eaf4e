# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small tools of several parts of the tier."""

from __future__ import annotations

import re
import secrets
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import Template

import requests

from tests.sandbox import paths, processes
from tests.sandbox.build import GoProgram
from tests.sandbox.commands import run, wait_for
from tests.sandbox.files import write
from tests.sandbox.kubectl import apply, get
from tests.sandbox.parts import Part
from tests.sandbox.processes import Daemon, recorded

SOURCES = Path(__file__).resolve().parent


@dataclass(frozen=True)
class PinnedProgram(GoProgram):
    """A program of another module. `source` is a folder whose go.mod pins it: `go install` refuses a module that replaces others."""

    package: str = ""

    def _compile(self) -> None:
        self.binary.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.binary.parent) as folder:
            target = Path(folder) / self.name
            words: list[str | Path] = ["go", "build", "-trimpath", "-ldflags", self.ldflags, "-o", target, self.package]
            run(words, cwd=Path(self.source), env={"CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false"}, timeout=3600)
            target.replace(self.binary)


def go_module_folder(source: Path, module: str) -> Path:
    """Where a module lies that a go.mod names: some bring the custom resources that belong to their version."""
    run(["go", "mod", "download", module], cwd=source)
    return Path(run(["go", "list", "-m", "-f", "{{.Dir}}", module], cwd=source).strip())


def secret_word(name: str) -> str:
    """A random word, made at the first use and gone after `down`."""
    path = paths.EXTENDED / "secrets" / name
    if not path.exists():
        write(path, secrets.token_hex(16).encode())
    return path.read_text()


def process(name: str, detail: str = "") -> Part:
    pid = recorded(paths.RUN / f"{name}.pid")
    return Part(name, pid is not None, detail, processes.rss(pid) if pid else 0)


def await_daemon(daemon: Daemon, what: str, condition: Callable[[], bool], *, timeout: float) -> None:
    """As `wait_for`, but the end of the process ends the wait."""

    def answers_or_ends() -> bool:
        daemon.check()
        return condition()

    wait_for(what, answers_or_ends, timeout=timeout, interval=0.3, log=daemon.log)


def apply_manifest(file: str, /, **values: object) -> None:
    """A file of this tier's `manifests/`, its $names filled in."""
    apply(Template((SOURCES / "manifests" / file).read_text()).substitute(values))


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code < 500
    except requests.RequestException:
        return False


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def apply_resources(file: Path) -> None:
    """Custom resources of a part, up to the point where the API knows them. `kubectl wait` fails on one that has no status yet."""
    text = file.read_text()
    apply(text)
    names = re.findall(r"^  name: (\S+\.\S+)$", text, re.MULTILINE)
    wait_for(f"the resources {', '.join(names)}", lambda: all(_established(name) for name in names), timeout=30)


def _established(name: str) -> bool:
    conditions = get("crd", name).get("status", {}).get("conditions") or []
    return any(condition["type"] == "Established" and condition["status"] == "True" for condition in conditions)
