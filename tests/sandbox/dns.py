# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cluster DNS: Debian's dnsmasq, with one hosts file that follows the cluster's Services. Other names do not resolve in pods.

Run as `python -m tests.sandbox.dns` it is the process that follows the Services.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Mapping
from typing import Any

from kubernetes import client, config

from tests.sandbox import paths
from tests.sandbox.commands import say
from tests.sandbox.files import write
from tests.sandbox.processes import Daemon
from tests.sandbox.settings import SETTINGS

NAME, FOLLOWER = "dnsmasq", "dns-names"
_HOSTS = paths.MACHINE / "dns" / "hosts"


def daemon() -> Daemon:
    return Daemon(
        NAME,
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


def start_following() -> None:
    """Needs the API server."""
    Daemon(FOLLOWER, [sys.executable, "-m", "tests.sandbox.dns"], cwd=paths.REPOSITORY).start()


def _publish(services: Mapping[tuple[str, str], str]) -> None:
    """Write namespace and name -> address where dnsmasq reads it, and let it read."""
    lines = [f"{address} {name}.{namespace}.svc.{SETTINGS.domain}\n" for (namespace, name), address in sorted(services.items())]
    text = "".join(lines).encode()
    if not _HOSTS.exists() or _HOSTS.read_bytes() != text:
        write(_HOSTS, text)
        if pid := daemon().pid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGHUP)


def main() -> None:
    """Every second, not by a watch: it is one cheap request, and it never misses an event."""
    config.load_kube_config(str(paths.KUBECONFIG))  # type: ignore[no-untyped-call]
    core: Any = client.CoreV1Api()
    while True:
        try:
            services = core.list_service_for_all_namespaces(_request_timeout=5).items
            named = {(s.metadata.namespace, s.metadata.name): s.spec.cluster_ip for s in services}
            _publish({key: address for key, address in named.items() if address and address != "None"})
        except Exception as error:  # the API server may be down for a while; the names stay as they are
            say(f"services: {error}")
        time.sleep(1)


if __name__ == "__main__":
    main()
