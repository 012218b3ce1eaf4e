# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the filter upgrade_path."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.filter.upgrade_path import FilterModule

upgrade_path = FilterModule().filters()["upgrade_path"]


def test_path_is_a_list_of_strings() -> None:
    assert upgrade_path("1.4.2", "1.6.0", ["1.5.0", "1.5.1", "1.6.0"]) == ["1.5.1", "1.6.0"]
    assert upgrade_path("1.4.2", "1.6.0", []) == []


@pytest.mark.parametrize(
    "arguments", [("1.4", "1.6.0", []), ("1.4.2", "x", []), ("1.4.2", "1.6.0", ["latest"]), ("1.4.2", "1.6.0", "1.6.0")]
)
def test_bad_input(arguments: tuple[object, ...]) -> None:
    with pytest.raises(AnsibleFilterError, match="ampora.upgrades.upgrade_path"):
        upgrade_path(*arguments)
