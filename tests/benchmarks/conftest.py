# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmarks print ratios against a baseline of the same run; they never fail for being slow."""

from __future__ import annotations

from tests.scenarios.conftest import running_sandbox, sandbox

__all__ = ["running_sandbox", "sandbox"]
