# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OIDC provider: one URL for the browser on this machine and for the pods."""

from __future__ import annotations

import requests

from tests.sandbox import build, credentials, paths
from tests.sandbox.commands import wait_for
from tests.sandbox.processes import Daemon
from tests.sandbox.settings import SETTINGS

NAME = "oidc"


def url(host: str) -> str:
    return f"http://{host}:{SETTINGS.ports.identity}"


def daemon(host: str, application: str) -> Daemon:
    folder = build.npm_package(paths.SOURCES / "oidc")
    redirect = f"{application}/signin-oidc"
    argv = ["node", "server.mjs", "--host", host, "--port", str(SETTINGS.ports.identity), "--redirect-uri", redirect]
    # By the environment and not by a flag: arguments can be read by every user of the machine.
    return Daemon(NAME, argv, env={"OIDC_CLIENT_SECRET": credentials.load().oidc_client_secret}, cwd=folder)


def start(host: str, application: str) -> None:
    provider = daemon(host, application)
    if provider.start():
        wait_for("the OIDC provider", lambda: ready(host), timeout=30, log=provider.log)


def ready(host: str) -> bool:
    try:
        return requests.get(f"{url(host)}/.well-known/openid-configuration", timeout=2).ok
    except requests.RequestException:
        return False
