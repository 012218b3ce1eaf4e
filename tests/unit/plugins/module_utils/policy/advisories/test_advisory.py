# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.advisory import (
    EVERY_VERSION,
    Advisory,
    Affected,
    between,
    exactly,
    is_about,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version_range import parse_range
from semver import Version

OLD = parse_range(">=1.4.0 <1.4.3", "a range")


@pytest.mark.parametrize(
    ("name", "package", "about"),
    [
        *(("ampora", "ampora", True), ("Ampora", "ampora", True), ("ampora", "AMPORA", True), (" ampora ", "ampora", True)),
        *(("npm/ampora", "ampora", True), ("org.example:ampora", "ampora", True), ("registry/ampora/ampora-web", "ampora-web", True)),
        *(("registry/ampora/ampora-web", "ampora", False), ("ampora-web", "ampora", False), ("myampora", "ampora", False)),
        *(("registry/ampora/ampora-web", "ampora/ampora-web", True), ("x/ampora-web", "ampora/ampora-web", False)),
        *(("ampora/agent", "ampora", False), ("", "ampora", False), ("ampora", "", False), ("", "", False), ("a/", "", False)),
    ],
)
def test_which_package_is_meant(name: str, package: str, about: bool) -> None:
    assert is_about(name, package) == about


def test_what_is_affected() -> None:
    part = Affected((OLD, exactly(Version(1, 5, 0))), (exactly(Version(1, 4, 1)),))
    advisory = Advisory("CVE-2026-1", affected=(part, Affected((exactly(Version(2, 0, 0)),))))
    affected = [text for text in ("1.3.9", "1.4.0", "1.4.1", "1.4.2", "1.4.3", "1.5.0", "2.0.0") if advisory.affects(Version.parse(text))]
    assert affected == ["1.4.0", "1.4.2", "1.5.0", "2.0.0"]
    assert advisory.affects(Version.parse("1.4.2+build.7")), "build metadata has no say"
    assert advisory.affects(Version.parse("1.4.3-rc.1")), "a pre-release is before its release"
    assert not advisory.affects(Version.parse("1.4.0-rc.1"))
    assert not Advisory("CVE-2026-1", affected=(part,), withdrawn=True).affects(Version(1, 4, 0))
    assert not Advisory("CVE-2026-1").affects(Version(1, 4, 0))


def test_what_is_still_being_investigated() -> None:
    advisory = Advisory("CVE-2026-1", affected=(Affected((OLD,)),), investigated=(parse_range("1.4.x", "a range"),))
    assert [str(v) for v in (Version(1, 4, 2), Version(1, 4, 3), Version(1, 5, 0)) if advisory.is_open(v)] == ["1.4.3"]
    assert not Advisory("CVE-2026-1", investigated=(EVERY_VERSION,), withdrawn=True).is_open(Version(1, 4, 3))


def test_the_text_of_a_range() -> None:
    assert between(None, "<", None).text == "every version"
    assert between(Version(1, 4, 0), "<=", Version(1, 4, 2)).text == ">=1.4.0 <=1.4.2"
    assert exactly(Version(1, 4, 0)).text == "=1.4.0"


def test_the_names_of_a_vulnerability() -> None:
    assert Advisory("GHSA-aa", aliases=("cve-2026-1",)).names == {"GHSA-AA", "CVE-2026-1"}
