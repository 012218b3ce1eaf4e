# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox's PostgreSQL server going away and coming back."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.sandbox import postgres
from tests.support.sandbox import Sandbox


def wait_for(what: Callable[[], Any], seconds: float, pause: float = 0.05) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "that did not happen in time"
        time.sleep(pause)
    return found


def kill_database(sandbox: Sandbox) -> None:
    """Its pod, without a word of warning; the StatefulSet brings it back with its data."""
    sandbox.kubectl_text("delete", "pod", "pg-0", "--namespace=ampora-db", "--grace-period=0", "--force")


def wait_for_database(sandbox: Sandbox) -> None:
    wait_for(postgres.reachable, 60, 0.5)
    wait_for(lambda: not sandbox.unready_pods(), 60, 0.5)
