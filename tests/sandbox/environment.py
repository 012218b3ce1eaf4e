# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`.sandbox/env` for shells and tests, `.sandbox/vars.yml` for the collection's playbooks."""

from __future__ import annotations

import shlex

import yaml

from tests.sandbox import agents, ampora, identity, monitoring, packages, paths, postgres
from tests.sandbox.extended import tier
from tests.sandbox.files import write
from tests.sandbox.ground import Ground
from tests.sandbox.kubectl import cluster_ip
from tests.sandbox.settings import SETTINGS


def write_all(ground: Ground, token: str) -> None:
    application = ampora.url()
    exports = {
        "KUBECONFIG": str(paths.KUBECONFIG),
        "AMPORA_SANDBOX_REGISTRY": ground.registry,
        "AMPORA_SANDBOX_PROMETHEUS_URL": monitoring.URL,
        "AMPORA_SANDBOX_DATABASE_URL": postgres.url(),
        "AMPORA_SANDBOX_OVERLAY": str(paths.OVERLAY),
        "AMPORA_SANDBOX_URL": application,
        "AMPORA_SANDBOX_AGENTS_URL": agents.URL,
        "AMPORA_SANDBOX_PAT": token,
        **tier.exports(),
    }
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in exports.items()]
    # Both files hold passwords of this sandbox: for their owner only.
    write(paths.ENV, "".join([*lines, f'export PATH={shlex.quote(str(paths.BIN))}:"$PATH"\n']).encode())
    write(paths.VARS, yaml.safe_dump(_inputs(ground, application, token), sort_keys=False).encode())


def _inputs(ground: Ground, application: str, token: str) -> dict[str, object]:
    return {
        "ampora_kubeconfig": str(paths.KUBECONFIG),
        "ampora_kubectl": str(paths.BIN / "kubectl"),
        "ampora_overlay": str(paths.OVERLAY),
        "ampora_registry_plain_http": True,
        "ampora_release_notes": str(paths.RELEASE_NOTES),
        "ampora_database_hostaddr": cluster_ip(SETTINGS.database_namespace, "pg"),
        "ampora_snapshot_image": f"{ground.registry}/postgres:{{major}}",
        "ampora_migrate_job": str(paths.DEPLOY.parent / "migrate-job.yaml"),
        "ampora_prometheus_url": monitoring.URL,
        # One scrape a second, and a product that settles in seconds: a shorter watch shows as much as the documented one.
        "ampora_watch_settle": 3,
        "ampora_watch_duration": 12,
        "ampora_watch_interval": 1,
        "ampora_watch_reference": 20,
        "ampora_signals": _signals(),
        "ampora_url": application,
        "ampora_login_username": identity.USER,
        "ampora_login_password": identity.PASSWORD,
        "ampora_api_token": token,
        "ampora_browser_path": packages.CHROMIUM,
        "ampora_report_dir": str(paths.REPORTS),
    }


def _signals() -> list[dict[str, object]]:
    """The product's signals; the counter's range is as much shorter as the watch is."""
    signals = yaml.safe_load((paths.REPOSITORY / "roles" / "ampora" / "defaults" / "main.yml").read_text())["ampora_signals"]
    return [{**signal, "promql": signal["promql"].replace("[1m]", "[5s]")} for signal in signals]
