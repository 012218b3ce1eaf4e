# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole `minor` beside the page's commands typed by a script, in one run."""

from __future__ import annotations

import time

from tests.benchmarks.page import PageScript, steps, table
from tests.scenarios.checks import check_green, check_runs
from tests.support.sandbox import Sandbox

TARGET = "1.5.0"


def test_minor_against_the_page(sandbox: Sandbox) -> None:
    acks = sandbox.acks(TARGET)
    started = time.monotonic()
    check_green(sandbox.upgrade(TARGET, ampora_acks=acks))
    tool = time.monotonic() - started
    check_runs(sandbox, TARGET)
    spent = steps(sandbox.report())

    sandbox.reset()
    started = time.monotonic()
    script = PageScript(sandbox).run(TARGET)
    plain = time.monotonic() - started
    check_runs(sandbox, TARGET)
    print(f"\n{table(spent, script)}\nminor: {tool:.1f} s by the tool, {plain:.1f} s by the page's commands, ratio {tool / plain:.2f}")
