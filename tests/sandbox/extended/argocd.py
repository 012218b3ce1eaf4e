# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argo CD as programs of this machine: repository server and application controller, with redis and a Git server.

The Application `ampora` stands for the overlay in Git. It does not sync by itself, or it would undo what the other tests do;
a test that wants that says so in the Application.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.sandbox import build as builds
from tests.sandbox import paths, processes
from tests.sandbox.extended import git
from tests.sandbox.extended.tools import (
    SOURCES,
    PinnedProgram,
    apply_manifest,
    apply_resources,
    await_daemon,
    go_module_folder,
    listens,
    process,
    secret_word,
)
from tests.sandbox.files import write
from tests.sandbox.parts import Part
from tests.sandbox.processes import Daemon
from tests.sandbox.settings import SETTINGS

NAME = "argocd"
PACKAGES = {"redis-server": "redis-server", "git": "git"}
NAMESPACE = "sandbox-argocd"
_VERSION, _PORTS = SETTINGS.extended_versions.argocd, SETTINGS.extended_ports
_MODULE = "github.com/argoproj/argo-cd/v3"
_PINS = SOURCES / "argocd"
PROGRAM = PinnedProgram("argocd", _PINS, _VERSION, about="(5 minutes)", package=f"{_MODULE}/cmd")
_FOLDER = paths.EXTENDED / "argocd"
_RESOURCES = paths.CACHE / f"argocd-resources-{_VERSION}.yaml"
_REDIS, _REPO_SERVER = f"127.0.0.1:{_PORTS.argocd_redis}", f"127.0.0.1:{_PORTS.argocd_repo_server}"
DAEMONS = ("argocd-controller", "argocd-repo-server", "argocd-redis", git.NAME)


def build() -> None:
    PROGRAM.build()
    if not _RESOURCES.exists():
        folder = go_module_folder(_PINS, _MODULE) / "manifests" / "crds"
        files = [folder / f"{kind}-crd.yaml" for kind in ("application", "applicationset", "appproject")]
        write(_RESOURCES, "---\n".join(file.read_text() for file in files).encode())


def start() -> None:
    git.start()
    apply_resources(_RESOURCES)
    apply_manifest(
        "argocd.yaml",
        namespace=NAMESPACE,
        secret=secret_word("argocd"),
        repository=git.URL,
        overlay=git.OVERLAY,
        target=SETTINGS.namespace,
    )
    (_FOLDER / "tmp").mkdir(parents=True, exist_ok=True)
    _redis().start()
    await_daemon(_redis(), "redis", lambda: listens(_PORTS.argocd_redis), timeout=20)
    _repo_server().start()
    await_daemon(_repo_server(), "Argo CD's repository server", lambda: listens(_PORTS.argocd_repo_server), timeout=60)
    _controller().start()


def _redis() -> Daemon:
    flags = ("--bind", "127.0.0.1", "--port", str(_PORTS.argocd_redis), "--save", "", "--appendonly", "no", "--dir", _FOLDER)
    return Daemon("argocd-redis", ["redis-server", *flags])


def _component(name: str, program: str, *flags: str) -> Daemon:
    """All of Argo CD is one binary that goes by its name."""
    builds.link(program, PROGRAM.build())
    environment = {
        "KUBECONFIG": str(_kubeconfig()),
        "ARGOCD_FAKE_IN_CLUSTER": "true",
        "ARGOCD_GPG_ENABLED": "false",
        "TMPDIR": str(_FOLDER / "tmp"),
        "PATH": f"{paths.BIN}:/usr/local/bin:/usr/bin:/bin",
    }
    return Daemon(name, [paths.BIN / program, "--redis", _REDIS, *flags], env=environment)


def _repo_server() -> Daemon:
    metrics = ["--metrics-address=127.0.0.1", f"--metrics-port={_PORTS.argocd_repo_server_metrics}"]
    listen = ["--address=127.0.0.1", f"--port={_PORTS.argocd_repo_server}", "--disable-tls"]
    return _component("argocd-repo-server", "argocd-repo-server", *listen, *metrics)


def _controller() -> Daemon:
    return _component(
        "argocd-controller",
        "argocd-application-controller",
        f"--namespace={NAMESPACE}",
        f"--repo-server={_REPO_SERVER}",
        "--repo-server-plaintext",
        f"--metrics-port={_PORTS.argocd_controller_metrics}",
        "--app-resync=10",
        "--app-resync-jitter=0",
    )


def _kubeconfig() -> Path:
    """The administrator's, in Argo CD's namespace: that is where its programs look for their settings."""
    content = json.loads(paths.KUBECONFIG.read_text())
    content["contexts"][0]["context"]["namespace"] = NAMESPACE
    path = _FOLDER / "kubeconfig"
    write(path, json.dumps(content, indent=2).encode())
    return path


def survey() -> list[Part]:
    details = {git.NAME: git.URL, "argocd-controller": f"{_VERSION}, namespace {NAMESPACE}"}
    return [process(name, details.get(name, "")) for name in DAEMONS]


def exports() -> dict[str, str]:
    return {"ARGOCD_NAMESPACE": NAMESPACE, "ARGOCD_APPLICATION": "ampora", "GIT_URL": git.URL, "GIT_OVERLAY": git.OVERLAY}


def stop() -> None:
    processes.stop(DAEMONS)


def leftovers() -> list[str]:
    return []
