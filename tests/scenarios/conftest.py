# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole upgrades on the sandbox. Each scenario is one test function and starts from a clean 1.4.2."""

from __future__ import annotations

import pytest

from tests.support.sandbox import Sandbox


@pytest.fixture(scope="session")
def running_sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """A clean 1.4.2 under 200 agents."""
    running_sandbox.reset()
    return running_sandbox
