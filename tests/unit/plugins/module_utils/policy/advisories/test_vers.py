# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.vers import read_vers
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

KNOWN = ["1.4.0", "1.4.2", "1.4.3-rc.1", "1.4.3", "1.5.0", "1.5.1", "2.0.0"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("vers:semver/>=1.4.0|<1.4.3", ["1.4.0", "1.4.2", "1.4.3-rc.1"]),
        ("vers:semver/<1.4.3", ["1.4.0", "1.4.2", "1.4.3-rc.1"]),
        ("vers:npm/>1.4.3", ["1.5.0", "1.5.1", "2.0.0"]),
        ("vers:golang/<=1.4.2", ["1.4.0", "1.4.2"]),
        ("vers:semver/<=1.4.0|>=1.5.1", ["1.4.0", "1.5.1", "2.0.0"]),
        ("vers:semver/1.4.2|>=1.5.0|<2.0.0", ["1.4.2", "1.5.0", "1.5.1"]),
        ("vers:semver/>=1.4.0|<1.4.3|>=1.5.0|<1.5.1", ["1.4.0", "1.4.2", "1.4.3-rc.1", "1.5.0"]),
        ("vers:semver/>=1.4.0|!=1.4.2|<1.4.3-0", ["1.4.0"]),
        ("vers:semver/1.4.2|1.5.0", ["1.4.2", "1.5.0"]),
        ("vers:semver/<1.4.3|>=1.4.2", ["1.4.2", "1.4.3-rc.1"]),
        ("vers:semver/>= 1.4.0 | < 1.4.2", ["1.4.0"]),
        ("vers:semver/1.4.2%2Bbuild.5", ["1.4.2"]),
        ("vers:semver/*", KNOWN),
        ("vers:all/*", KNOWN),
        ("vers:generic/*", KNOWN),
    ],
)
def test_what_a_range_holds(said: str, found: list[str]) -> None:
    read = read_vers(said)
    assert [text for text in KNOWN if read.contains(Version.parse(text))] == found


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("<1.4.3", "does not say by which order"),
        (">=1.4.0|<1.4.3", "does not say by which order"),
        ("before 1.4.3", "does not say by which order"),
        ("", "does not say by which order"),
        ("vers:semver/", "does not say by which order"),
        ("vers:semver/" + "1" * 6000, "does not say by which order"),
        ("vers:generic/<1.4.3", "is of the type generic, and only semver, npm, cargo, golang"),
        ("vers:pypi/<1.4.3", "is of the type pypi"),
        ("vers:semver/<1.5", 'is "1.5", which is not a version'),
        ("vers:semver/=1.4.3", '"=1.4.3", which is no constraint'),
        ("vers:semver/<1.4.3|", '"", which is no constraint'),
        ("vers:semver/1.4.3|*", '"*", which is no constraint'),
        ("vers:semver/<", '"<", which is no constraint'),
        ("vers:semver/!=1.4.3", "only says what is not in it"),
        ("vers:semver/1.4.3|<1.4.3+b", "has a version twice"),
        ("vers:semver/>=1.4.0|>=1.4.1|<1.4.3", "does not go from and to in turn"),
        ("vers:semver/>=1.4.0|<1.4.1|<=1.4.3", "does not go from and to in turn"),
        ("vers:semver/" + "|".join(f"1.4.{patch}" for patch in range(201)), "has 201 constraints"),
    ],
)
def test_a_range_that_cannot_be_evaluated(said: str, words: str) -> None:
    with pytest.raises(UpgradeError) as error:
        read_vers(said)
    assert words in error.value.message


SPACE = [Version(1, minor, patch) for minor in range(3) for patch in range(4)]


@given(st.lists(st.sampled_from(SPACE), unique=True, min_size=1, max_size=7), st.booleans(), st.data())
def test_a_range_holds_what_lies_from_a_from_to_a_to(chosen: list[Version], is_inside: bool, data: st.DataObject) -> None:
    constraints = []
    held = {}
    inside = is_inside
    rest = sorted(chosen)
    for version in SPACE:
        held[version] = inside
        if version in rest:
            operator = data.draw(st.sampled_from(["<", "<="] if inside else [">", ">="]))
            constraints.append(f"{operator}{version}")
            held[version] = operator in {"<=", ">="}
            inside = not inside
    found = read_vers("vers:semver/" + "|".join(data.draw(st.permutations(constraints))))
    assert {version: found.contains(version) for version in SPACE} == held


@given(st.text(max_size=60))
def test_any_text_is_a_range_or_an_error(said: str) -> None:
    for text in (said, f"vers:semver/{said}", f"vers:semver/>={said}|<1.4.3"):
        try:
            read_vers(text).contains(Version(1, 4, 2))
        except UpgradeError as error:
            assert "range" in error.message


def test_two_hundred_constraints_are_read() -> None:
    assert read_vers("vers:semver/" + "|".join(f"1.4.{patch}" for patch in range(200))).contains(Version(1, 4, 199))
