# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the test upgrade_allowed."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.test import upgrade_allowed as plugin

upgrade_allowed = plugin.TestModule().tests()["upgrade_allowed"]

KNOWN = ["1.4.2", "1.4.3", "1.5.0", "1.6.0", "2.0.0"]


@pytest.mark.parametrize(
    ("current", "target", "expected"),
    [
        ("1.4.2", "1.4.2", True),
        ("1.4.2", "1.4.3", True),
        ("1.4.2", "1.5.0", True),
        ("1.4.2", "1.6.0", False),
        ("1.4.2", "1.5.7", False),
        ("1.6.0", "2.0.0", True),
        ("1.5.0", "2.0.0", False),
        ("1.4.3", "1.4.2", False),
    ],
)
def test_upgrade_allowed(current: str, target: str, expected: bool) -> None:
    assert upgrade_allowed(current, target, KNOWN) is expected


@pytest.mark.parametrize(
    "arguments", [("1.4", "1.5.0", KNOWN), ("1.4.2", None, KNOWN), ("1.4.2", "1.5.0", ["x"]), ("1.4.2", "1.5.0", "1.5.0")]
)
def test_bad_input(arguments: tuple[object, ...]) -> None:
    with pytest.raises(AnsibleFilterError, match="ampora.upgrades.upgrade_allowed"):
        upgrade_allowed(*arguments)
