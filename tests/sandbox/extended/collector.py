# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real OpenTelemetry Collector with the OpAMP extension: one agent more, that is not a program of ours."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import requests

from tests.sandbox import ampora, paths, processes
from tests.sandbox.build import GoProgram
from tests.sandbox.commands import SandboxError
from tests.sandbox.extended.tools import SOURCES, await_daemon, process
from tests.sandbox.files import write
from tests.sandbox.parts import Part
from tests.sandbox.processes import Daemon
from tests.sandbox.settings import SETTINGS

NAME = "collector"
PACKAGES: dict[str, str] = {}
_VERSION = SETTINGS.extended_versions.collector
PROGRAM = GoProgram("otelcol", SOURCES / "collector", _VERSION, f"-s -w -X main.version={_VERSION}", "(1 minute)")
_FOLDER = paths.EXTENDED / "collector"
_CONFIG = _FOLDER / "config.yaml"


def build() -> None:
    PROGRAM.build()


def instance() -> str:
    """Who the collector is to Ampora: the same after a restart."""
    path = _FOLDER / "instance"
    if not path.exists():
        write(path, str(uuid.uuid4()).encode())
    return path.read_text()


def _write_config() -> Path:
    endpoint = ampora.url().replace("http://", "ws://") + "/v1/opamp"
    config = {
        "extensions": {"opamp": {"instance_uid": instance(), "server": {"ws": {"endpoint": endpoint, "tls": {"insecure": True}}}}},
        "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": f"127.0.0.1:{SETTINGS.extended_ports.collector}"}}}},
        "processors": {"batch": {}},
        "exporters": {"debug": {}},
        "service": {
            "extensions": ["opamp"],
            # Its own metrics would want a port that another collector of the machine may have.
            "telemetry": {"metrics": {"level": "none"}, "resource": {"service.name": "sandbox-collector"}},
            "pipelines": {"traces": {"receivers": ["otlp"], "processors": ["batch"], "exporters": ["debug"]}},
        },
    }
    write(_CONFIG, json.dumps(config, indent=2).encode())  # JSON is YAML too
    return _CONFIG


def daemon() -> Daemon:
    return Daemon(NAME, [PROGRAM.build(), f"--config=file:{_write_config()}"])


def start() -> None:
    daemon().start()
    await_daemon(daemon(), "the collector's session", connected, timeout=60)


def connected() -> bool:
    """What Ampora says of it, not what it says of itself."""
    query, head = {"pageSize": 500}, {"Authorization": f"Bearer {ampora.token()}"}
    try:
        agents = requests.get(f"{ampora.url()}/api/agents", params=query, headers=head, timeout=5).json()["items"]
    except (SandboxError, requests.RequestException, LookupError):
        return False
    return any(agent["instanceUid"] == instance() and agent["connected"] for agent in agents)


def survey() -> list[Part]:
    running = process(NAME)
    return [Part(NAME, running.up and connected(), f"{_VERSION}, agent {instance()}", running.memory)]


def exports() -> dict[str, str]:
    return {"COLLECTOR_INSTANCE": instance()}


def stop() -> None:
    processes.stop([NAME])


def leftovers() -> list[str]:
    return []
