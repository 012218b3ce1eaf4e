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
USER, PASSWORD = "alice", "alice-password"  # the Admin of `oidc/accounts.mjs`


def url(host: str) -> str:
    return f"http://{host}:{SETTINGS.ports.identity}"


def daemon(host: str, application: str) -> Daemon:
    folder = build.npm_package(paths.SOURCES / "oidc")
    redirect = f"{application}/signin-oidc"
    flags = {
        "host": host,
        "port": SETTINGS.ports.identity,
        "client-secret": credentials.load().oidc_client_secret,
        "redirect-uri": redirect,
    }
    return Daemon(NAME, ["node", "server.mjs", *(f"--{name}={value}" for name, value in flags.items())], cwd=folder)


def start(host: str, application: str) -> None:
    provider = daemon(host, application)
    if provider.start():
        wait_for("the OIDC provider", lambda: ready(host), timeout=30, log=provider.log)


def ready(host: str) -> bool:
    try:
        return requests.get(f"{url(host)}/.well-known/openid-configuration", timeout=2).ok
    except requests.RequestException:
        return False
