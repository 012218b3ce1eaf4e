# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox's PostgreSQL server going away and coming back."""

from __future__ import annotations

from tests.sandbox import postgres
from tests.sandbox.commands import wait_for
from tests.support.sandbox import Sandbox


def kill_database(sandbox: Sandbox) -> None:
    """Its pod, without a word of warning; the StatefulSet brings it back with its data."""
    sandbox.kubectl_text("delete", "pod", "pg-0", "--namespace=ampora-db", "--grace-period=0", "--force")


def wait_for_database(sandbox: Sandbox) -> None:
    wait_for("the database server to answer", postgres.reachable, timeout=60)
    wait_for("the pods to be ready again", lambda: not sandbox.unready_pods(), timeout=60, interval=0.5)
