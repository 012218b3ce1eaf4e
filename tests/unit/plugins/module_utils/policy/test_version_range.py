# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version_range import parse_line, parse_range
from semver import Version

KNOWN = ["1.4.2", "1.4.3", "1.5.0-rc.1", "1.5.0", "1.5.1+build", "1.6.0-rc.1", "1.6.0", "2.0.0"]


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("1.5.0", ["1.5.0"]),
        ("=v1.5.0", ["1.5.0"]),
        ("1.5.x", ["1.5.0-rc.1", "1.5.0", "1.5.1+build"]),
        ("1.5", ["1.5.0-rc.1", "1.5.0", "1.5.1+build"]),
        (">=1.4.3 <1.5.1", ["1.4.3", "1.5.0-rc.1", "1.5.0"]),
        (" >1.4.3   <=1.5.0 ", ["1.5.0-rc.1", "1.5.0"]),
        (">=2.0.0", ["2.0.0"]),
        ("1.5.1", ["1.5.1+build"]),
    ],
)
def test_ranges(text: str, inside: list[str]) -> None:
    found = parse_range(text, "x")
    assert [known for known in KNOWN if found.contains(Version.parse(known))] == inside


@pytest.mark.parametrize("text", ["", "  ", ">=", "latest", "1.5.0 || 1.6.0", "~1.5.0", "^1", "1.x", " ".join(["1.5.0"] * 21), ">= 1.5.0"])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(UpgradeError, match="the range is"):
        parse_range(text, "the range")


@pytest.mark.parametrize(
    ("text", "line"),
    [("1.5.x", (1, 5)), ("v1.5", (1, 5)), ("1.5.*", (1, 5)), ("0.0.X", (0, 0)), ("1.5.0", None), ("1", None), ("01.5", None)],
)
def test_a_line(text: str, line: tuple[int, int] | None) -> None:
    assert parse_line(text) == line


def test_a_range_has_twenty_words_at_most() -> None:
    assert len(parse_range(" ".join(["1.5.0"] * 20), "the range").comparisons) == 20
