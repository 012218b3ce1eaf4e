# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the filter image_pin."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.filter.image_pin import FilterModule

image_pin = FilterModule().filters()["image_pin"]

DIGEST = "sha256:" + "a" * 64
FILE = "images:\n- name: web  # ours\n  newTag: 1.4.2\n"


def test_pin() -> None:
    expected = f"images:\n- name: web  # ours\n  newName: host:5000/web\n  digest: {DIGEST}  # 1.5.0\n"
    assert image_pin(FILE, "web", "host:5000/web", DIGEST, version="1.5.0") == expected


@pytest.mark.parametrize(
    "arguments",
    [(None, "web", "web", DIGEST), (FILE, "web", "web", "1.5.0"), (FILE, "web", 5, DIGEST), ("[", "web", "web", DIGEST)],
)
def test_bad_input(arguments: tuple[object, ...]) -> None:
    with pytest.raises(AnsibleFilterError, match="ampora.upgrades.image_pin"):
        image_pin(*arguments)
