# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other people's linters, one test each, so that one run and one summary tell the state of the repository."""

from __future__ import annotations

import pytest

from tests.tools.checks import ALL, Check


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.name)
def test_check(check: Check, capfd: pytest.CaptureFixture[str]) -> None:
    status = check.run()
    said = capfd.readouterr()
    assert status == 0, f"{check.name} found something:\n{said.out}{said.err}"
