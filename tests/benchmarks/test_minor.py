# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole `minor` beside the page's commands typed by a script, in one run: with the sandbox's short watch, and with the product's own.

What the tool does more is the same number of seconds in both; the first shows it best, the second is what an on-call person waits for.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.benchmarks.page import PageScript, steps, table
from tests.scenarios.checks import check_green, check_runs
from tests.support.sandbox import Sandbox
from tests.tools.repository import ROLES, load

TARGET = "1.5.0"
DEFAULTS = load(ROLES / "ampora" / "defaults" / "main.yml")
OWN = {name: DEFAULTS[name] for name in ("ampora_watch_settle", "ampora_watch_duration", "ampora_watch_interval")}


@pytest.mark.parametrize("watch", [pytest.param({}, id="short-watch"), pytest.param(OWN, id="own-watch", marks=pytest.mark.timeout(1500))])
def test_minor_against_the_page(sandbox: Sandbox, watch: dict[str, Any]) -> None:
    acks = sandbox.acks(TARGET, **watch)
    started = time.monotonic()
    check_green(sandbox.upgrade(TARGET, ampora_acks=acks, **watch))
    tool = time.monotonic() - started
    check_runs(sandbox, TARGET)
    spent = steps(sandbox.report())

    sandbox.reset()
    started = time.monotonic()
    script = PageScript(sandbox, watch).run(TARGET)
    plain = time.monotonic() - started
    check_runs(sandbox, TARGET)
    print(f"\n{table(spent, script)}\nminor: {tool:.1f} s by the tool, {plain:.1f} s by the page's commands, ratio {tool / plain:.2f}")
