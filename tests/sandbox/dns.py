# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cluster DNS: Debian's dnsmasq, with one hosts file that follows the cluster's Services. Other names do not resolve in pods."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Mapping

from tests.sandbox import paths
from tests.sandbox.files import write
from tests.sandbox.processes import Daemon
from tests.sandbox.settings import SETTINGS

_HOSTS = paths.MACHINE / "dns" / "hosts"


def daemon() -> Daemon:
    return Daemon(
        "dnsmasq",
        [
            "dnsmasq",
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            "--user=root",
            "--pid-file=",
            "--no-resolv",
            "--no-hosts",
            f"--addn-hosts={_HOSTS}",
            f"--local=/{SETTINGS.domain}/",
            f"--listen-address={SETTINGS.node_address}",
            "--bind-interfaces",
            "--except-interface=nothing",
            "--log-facility=-",
        ],
    )


def start() -> None:
    if not _HOSTS.exists():
        write(_HOSTS, b"")
    daemon().start()


def publish(services: Mapping[tuple[str, str], str]) -> None:
    """Write namespace and name -> address where dnsmasq reads it, and let it read."""
    lines = [f"{address} {name}.{namespace}.svc.{SETTINGS.domain}\n" for (namespace, name), address in sorted(services.items())]
    text = "".join(lines).encode()
    if not _HOSTS.exists() or _HOSTS.read_bytes() != text:
        write(_HOSTS, text)
        if pid := daemon().pid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGHUP)
