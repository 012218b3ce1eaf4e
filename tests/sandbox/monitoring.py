# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus on loopback: one scrape a second of the live pods that carry the annotations."""

from __future__ import annotations

import sys

import requests

from tests.sandbox import paths
from tests.sandbox.commands import wait_for
from tests.sandbox.files import write
from tests.sandbox.processes import Daemon
from tests.sandbox.settings import SETTINGS

URL = f"http://127.0.0.1:{SETTINGS.ports.prometheus}"
_FOLDER = paths.MACHINE / "prometheus"
_CONFIG = f"""\
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [{_FOLDER / "rules.yml"}]
scrape_configs:
  - job_name: pods
    http_sd_configs:
      - url: http://127.0.0.1:{SETTINGS.ports.discovery}/
        refresh_interval: 2s
"""
# One alert that always fires in the application's namespace, as there is one everywhere, and one that a fault sets off.
_RULES = f"""\
groups:
  - name: ampora
    rules:
      - alert: AmporaSandboxAlways
        expr: vector(1)
        labels: {{severity: none, namespace: {SETTINGS.namespace}}}
      - alert: AmporaDispatchWithoutSession
        expr: sum by (namespace) (rate(ampora_dispatch_no_session_total[10s])) > 1
        for: 2s
        labels: {{severity: warning}}
"""


def prometheus() -> Daemon:
    return Daemon(
        "prometheus",
        [
            "prometheus",
            f"--config.file={_FOLDER / 'prometheus.yml'}",
            f"--storage.tsdb.path={_FOLDER / 'data'}",
            f"--web.listen-address=127.0.0.1:{SETTINGS.ports.prometheus}",
            "--storage.tsdb.retention.time=1d",
            "--log.level=warn",
        ],
    )


def discovery() -> Daemon:
    return Daemon("discovery", [sys.executable, "-m", "tests.sandbox.discovery"], cwd=paths.REPOSITORY)


def start() -> None:
    write(_FOLDER / "prometheus.yml", _CONFIG.encode())
    write(_FOLDER / "rules.yml", _RULES.encode())
    discovery().start()
    if prometheus().start():
        wait_for("Prometheus", ready, timeout=30, log=prometheus().log)


def ready() -> bool:
    try:
        return requests.get(f"{URL}/-/ready", timeout=2).ok
    except requests.RequestException:
        return False


def query(expression: str) -> float | None:
    """The value of an instant query that gives one sample."""
    answer = requests.get(f"{URL}/api/v1/query", params={"query": expression}, timeout=5).json()
    result = answer["data"]["result"]
    return float(result[0]["value"][1]) if result else None


def wait_for_sessions(replicas: int, sessions: int) -> None:
    """Discovery and scrapes lag the pods by seconds: a ground is clean only when Prometheus sees it so.

    An agent that was refused for long waits up to a minute and a half before it tries again.
    """

    def seen() -> bool:
        return query('sum(up{job="ampora-web"})') == replicas and query("sum(ampora_opamp_active_sessions)") == sessions

    wait_for(f"Prometheus to see {replicas} pods and {sessions} sessions", seen, timeout=120, log=prometheus().log)
