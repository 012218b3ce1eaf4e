# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is built from source, kept in the user's cache folder by version and never built twice."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.sandbox import paths
from tests.sandbox.commands import SandboxError, Stopwatch, run, say
from tests.sandbox.settings import SETTINGS

_NOT_BUILT = ("*.md", "*_test.go")
_GO = {"CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false"}


@dataclass(frozen=True)
class GoProgram:
    """A program of the repository (`source` is a folder) or one of the module proxy (`source` is package@version)."""

    name: str
    source: Path | str
    version: str = ""
    ldflags: str = "-s -w"
    about: str = ""

    @property
    def binary(self) -> Path:
        key = fingerprint(self.source) if isinstance(self.source, Path) else self.source.rsplit("@", 1)[1]
        return paths.CACHE / "bin" / "-".join(part for part in (self.name, self.version, key) if part)

    def build(self) -> Path:
        """The binary, built now unless the cache has it."""
        if self.binary.exists():
            return self.binary
        if not shutil.which("go"):
            raise SandboxError(f"{self.name} has to be built, and there is no `go` in PATH: install Go 1.25 or newer")
        with _one_at_a_time():
            if not self.binary.exists():
                say(f"building {self.name} {self.version} {self.about}".rstrip() + " ...")
                watch = Stopwatch()
                self._compile()
                say(f"built {self.name} in {watch}")
        return self.binary

    def _compile(self) -> None:
        self.binary.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.binary.parent) as folder:
            flags = ["-trimpath", "-ldflags", self.ldflags]
            if isinstance(self.source, Path):
                target = Path(folder) / self.name
                run(["go", "build", *flags, "-o", target, "."], cwd=self.source, env=_GO, timeout=3600)
            else:
                run(["go", "install", *flags, self.source], cwd=Path(folder), env={**_GO, "GOBIN": folder}, timeout=3600)
            (built,) = (path for path in Path(folder).iterdir() if path.is_file())
            built.replace(self.binary)


def fingerprint(folder: Path) -> str:
    """Changes when any file below the folder does."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(path.match(pattern) for pattern in _NOT_BUILT) and "node_modules" not in path.parts:
            digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    paths.CACHE.mkdir(parents=True, exist_ok=True)
    with (paths.CACHE / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _kubernetes_ldflags() -> str:
    version = SETTINGS.versions.kubernetes
    major, minor, unused = version.split(".")
    values = {"gitVersion": f"v{version}", "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    return " ".join(["-s -w", *(f"-X k8s.io/component-base/version.{key}={value}" for key, value in values.items())])


KUBERNETES = GoProgram(
    "kube", paths.SOURCES / "kubernetes", SETTINGS.versions.kubernetes, _kubernetes_ldflags(), "(all of Kubernetes: 5 to 8 minutes)"
)
KUBECTL = GoProgram("kubectl", paths.SOURCES / "kubernetes" / "kubectl", SETTINGS.versions.kubernetes, _kubernetes_ldflags())
PAUSE = GoProgram("pause", paths.SOURCES / "pause")
CRANE = GoProgram("crane", f"github.com/google/go-containerregistry/cmd/crane@{SETTINGS.versions.crane}")
KUSTOMIZE = GoProgram("kustomize", f"sigs.k8s.io/kustomize/kustomize/v5@{SETTINGS.versions.kustomize}")
AMPORA = GoProgram("ampora", paths.SOURCES / "ampora")
AGENTS = GoProgram("agents", paths.SOURCES / "agents")


def npm_package(source: Path) -> Path:
    """A folder with the package and its dependencies installed."""
    target = paths.CACHE / "npm" / f"{source.name}-{fingerprint(source)}"
    if not target.exists():
        watch = Stopwatch()
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            work = Path(folder) / source.name
            shutil.copytree(source, work, ignore=shutil.ignore_patterns("node_modules"))
            run(["npm", "ci", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"], cwd=work)
            work.replace(target)
        say(f"installed the npm package {source.name} in {watch}")
    return target


def link(name: str, binary: Path) -> None:
    """Put a program into `.sandbox/bin`."""
    paths.BIN.mkdir(parents=True, exist_ok=True)
    place = paths.BIN / name
    if place.is_symlink() and place.readlink() == binary:
        return
    place.unlink(missing_ok=True)
    place.symlink_to(binary)
