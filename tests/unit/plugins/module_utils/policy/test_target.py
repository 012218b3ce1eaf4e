# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.target import choose
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

KNOWN = [Version.parse(text) for text in ("1.4.2", "1.4.3", "1.5.0", "1.5.1", "1.5.2", "1.6.0-rc.1", "2.0.0-rc.1")]
BAD = {Version.parse("1.5.2")}
VERSIONS = st.builds(Version, st.integers(0, 2), st.integers(0, 3), st.integers(0, 3), st.none() | st.just("rc.1"))


def chosen(asked: str, current: str = "1.4.2") -> str:
    return str(choose(asked, Version.parse(current), KNOWN, lambda version: version not in BAD))


@pytest.mark.parametrize(
    ("asked", "current", "expected"),
    [
        ("1.6.0", "1.4.2", "1.6.0"),
        ("v1.6.0", "1.4.2", "1.6.0"),
        ("1.6.0-rc.1", "1.4.2", "1.6.0-rc.1"),
        ("1.5.2", "1.4.2", "1.5.2"),
        ("latest", "1.4.2", "1.5.1"),
        ("latest", "1.6.0", "1.6.0"),
        ("latest", "1.6.0-rc.1", "1.6.0-rc.1"),
        ("latest-patch", "1.4.2", "1.4.3"),
        ("latest-patch", "1.5.2", "1.5.2"),
        ("latest-patch", "1.9.0", "1.9.0"),
        ("1.5.x", "1.4.2", "1.5.1"),
        ("1.5", "1.6.0", "1.5.1"),
        ("v1.4.*", "1.4.2", "1.4.3"),
    ],
)
def test_choose(asked: str, current: str, expected: str) -> None:
    assert chosen(asked, current) == expected


def test_a_minor_without_a_release() -> None:
    with pytest.raises(UpgradeError) as error:
        chosen("1.6.x")
    assert str(error.value) == (
        'ampora_target_version is "1.6.x", and no usable release of 1.6 is known (the newest known: 1.4.2, 1.4.3, 1.5.0, 1.5.1, 1.5.2,'
        " 1.6.0-rc.1, 2.0.0-rc.1). Next: Name a MINOR that was released, or one version exactly."
    )


@pytest.mark.parametrize("asked", ["newest", "1", "1.x", "latest ", ""])
def test_what_is_no_version(asked: str) -> None:
    with pytest.raises(UpgradeError, match="ampora_target_version is .* not a version by Semantic Versioning"):
        chosen(asked)


@given(VERSIONS, st.lists(VERSIONS), st.sampled_from(["latest", "latest-patch"]))
def test_nobody_gets_a_prerelease_or_an_older_version_without_naming_it(current: Version, available: list[Version], asked: str) -> None:
    found = choose(asked, current, available, lambda version: version not in BAD)
    assert found >= current
    assert found == current or (not found.prerelease and found in available and found not in BAD)
    assert found == choose(asked, current, available[::-1], lambda version: version not in BAD)


def test_a_word_is_meant_by_its_letters() -> None:
    """As it comes from a variable of Ansible, which is never the very object of the code."""
    assert chosen("".join(["lat", "est"])) == "1.5.1"
    assert chosen("".join(["latest", "-patch"])) == "1.4.3"


def test_the_ten_newest_are_named() -> None:
    known = [Version(1, 0, patch) for patch in range(12)]
    with pytest.raises(UpgradeError, match=r"the newest known: 1\.0\.2, .*, 1\.0\.11\)"):
        choose("1.9.x", Version(1), known, lambda _version: True)
