# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet: one program on this machine that holds all agents' WebSocket sessions over the Service."""

from __future__ import annotations

import requests

from tests.sandbox import build
from tests.sandbox.commands import wait_for
from tests.sandbox.processes import Daemon
from tests.sandbox.settings import SETTINGS

NAME = "agents"
CONTROL = f"127.0.0.1:{SETTINGS.ports.agents}"
URL = f"http://{CONTROL}"


def start(application: str) -> None:
    endpoint = application.replace("http://", "ws://") + "/v1/opamp"
    flags = {"url": endpoint, "count": SETTINGS.seed.agents, "version": SETTINGS.agent_version, "control": CONTROL}
    Daemon(NAME, [build.AGENTS.build(), *(f"--{name}={value}" for name, value in flags.items())]).start()
    wait_for("the fleet's control", _answers, timeout=20)
    connect()  # a test that was cut off may have left it with no agents


def disconnect() -> None:
    """No sessions, in the same process. Agents that meet a server that is away for long would wait ever longer between tries."""
    _control("count", n=0)


def connect() -> None:
    """The fleet's size and version as at the start, whatever a test made of them."""
    _control("version", v=SETTINGS.agent_version)
    _control("count", n=SETTINGS.seed.agents)


def _control(path: str, **values: object) -> None:
    requests.post(f"{URL}/{path}", data=values, timeout=30).raise_for_status()


def _answers() -> bool:
    try:
        return requests.get(f"{URL}/status", timeout=2).ok
    except requests.RequestException:
        return False


def connected() -> int:
    try:
        return int(requests.get(f"{URL}/status", timeout=2).json()["connected"])
    except (requests.RequestException, ValueError, KeyError):
        return 0


def wait() -> None:
    wait_for(f"{SETTINGS.seed.agents} agents", lambda: connected() >= SETTINGS.seed.agents, timeout=60)
