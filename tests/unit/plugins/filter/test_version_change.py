# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the filter version_change."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.filter.version_change import FilterModule

version_change = FilterModule().filters()["version_change"]


def test_change_is_a_plain_string() -> None:
    assert version_change("v1.4.2", "1.5.0") == "minor"
    assert version_change("1.4.2", "1.4.2").__class__ is str


@pytest.mark.parametrize(
    ("current", "target", "name"), [("1.4", "1.5.0", "its input"), ("1.4.2", 1.5, "target"), (None, "1.5.0", "its input")]
)
def test_bad_versions(current: object, target: object, name: str) -> None:
    with pytest.raises(AnsibleFilterError, match="cannot compare these versions") as error:
        version_change(current, target)
    assert str(error.value.__cause__).startswith(f"{name} is ")
