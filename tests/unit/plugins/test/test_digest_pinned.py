# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the test digest_pinned."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.test import digest_pinned as plugin

digest_pinned = plugin.TestModule().tests()["digest_pinned"]

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("image", "expected"), [(f"web@{DIGEST}", True), (f"web:1.5.0@{DIGEST}", True), ("web:1.5.0", False), ("web", False)]
)
def test_digest_pinned(image: str, expected: bool) -> None:
    assert digest_pinned(image) is expected


@pytest.mark.parametrize("image", ["", "web@sha256:abc", None, 5])
def test_bad_input(image: object) -> None:
    with pytest.raises(AnsibleFilterError, match="ampora.upgrades.digest_pinned"):
        digest_pinned(image)
