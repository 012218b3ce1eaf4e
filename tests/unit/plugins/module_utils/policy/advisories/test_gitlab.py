# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.gitlab import is_gitlab, read, read_affected_range
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

FILE = Path(__file__).parents[4] / "fixtures" / "advisories" / "gitlab.yml"
DOCUMENT: dict[str, Any] = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
KNOWN = ["1.3.9", "1.4.0", "1.4.2", "1.4.3-rc.1", "1.4.3", "1.5.0", "1.5.1", "2.0.0"]


def held(said: str) -> list[str]:
    ranges = read_affected_range(said)
    return [text for text in KNOWN if any(part.contains(Version.parse(text)) for part in ranges)]


def test_a_whole_document() -> None:
    (found,) = read(DOCUMENT, "ampora")
    assert (found.id, found.aliases, found.severity) == ("CVE-2026-1001", ("GMS-2026-7",), "high")
    assert (found.summary, found.url) == ("Sessions of deleted users", "https://example.com/CVE-2026-1001")
    assert found.modified == 1772496000.0
    assert [text for text in KNOWN if found.affects(Version.parse(text))] == ["1.3.9", "1.4.0", "1.4.2", "1.4.3-rc.1", "1.5.0"]
    assert found.problems == ()
    assert read(DOCUMENT, "conan") == [] and len(read(DOCUMENT, "conan/ampora")) == 1
    assert is_gitlab(DOCUMENT) and not is_gitlab({"package_slug": "npm/ampora"}) and not is_gitlab({"identifier": "CVE-2026-1001"})


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("<1.4.3 || >=1.5.0 <1.5.1", ["1.3.9", "1.4.0", "1.4.2", "1.4.3-rc.1", "1.5.0"]),
        (">=1.4.0,<1.4.3||>=1.5.0,<1.5.1", ["1.4.0", "1.4.2", "1.4.3-rc.1", "1.5.0"]),
        (">= 1.4.0, < 1.4.2", ["1.4.0"]),
        (">1.4.0 <=1.4.3", ["1.4.2", "1.4.3-rc.1", "1.4.3"]),
        ("=1.4.2||==1.5.0||2.0.0", ["1.4.2", "1.5.0", "2.0.0"]),
        ("v1.4.2", ["1.4.2"]),
        (">=1.5", ["1.5.0", "1.5.1", "2.0.0"]),
        (">=v1.5", ["1.5.0", "1.5.1", "2.0.0"]),
        ("<1.5", ["1.3.9", "1.4.0", "1.4.2", "1.4.3-rc.1", "1.4.3"]),
        (">=1,<2", ["1.3.9", "1.4.0", "1.4.2", "1.4.3-rc.1", "1.4.3", "1.5.0", "1.5.1"]),
        ("1.4.x", ["1.4.0", "1.4.2", "1.4.3-rc.1", "1.4.3"]),
        ("1.4.*||2.x", ["1.4.0", "1.4.2", "1.4.3-rc.1", "1.4.3", "2.0.0"]),
        ("1.x.x >=1.5.1", ["1.5.1"]),
        ("1.3.x||1.5.x", ["1.3.9", "1.5.0", "1.5.1"]),
        ("*", KNOWN),
        ("[1.4.0,1.4.3)", ["1.4.0", "1.4.2", "1.4.3-rc.1"]),
        ("(,1.4.0],[1.5.0,1.5.1)", ["1.3.9", "1.4.0", "1.5.0"]),
        ("(1.4.0, 1.4.3], [1.5.1]", ["1.4.2", "1.4.3-rc.1", "1.4.3", "1.5.1"]),
        ("[1.5,)", ["1.5.0", "1.5.1", "2.0.0"]),
        ("(,1.4]", ["1.3.9", "1.4.0"]),
        ("[2]||[1.4.2]", ["1.4.2", "2.0.0"]),
        ("(,)", KNOWN),
    ],
)
def test_what_a_range_holds(said: str, found: list[str]) -> None:
    assert held(said) == found


@pytest.mark.parametrize(
    ("said", "words"),
    [
        *(("", "an empty alternative"), ("||<1.4.3", "an empty alternative"), ("<1.4.3||", "an empty alternative")),
        *((",", "an alternative without a version"), (", ,", "an alternative without a version")),
        *(("~1.4.2", "which is not a version"), ("^1.4.2", "which is not a version"), ("~> 1.4", "which is not a version")),
        *(("1.4.0 - 1.4.2", "which is not a version"), ("!=1.4.2", "which is not a version"), (">=1.4.x", "which is not a version")),
        *(("1.4", "read differently"), ("=1.4", "read differently"), ("<=1.4", "read differently"), (">1", "read differently")),
        *(("[1.4.0,1.4.3", "a set that cannot be read"), ("[1.4.0,1.4.3)x", "a set that cannot be read")),
        *(("[1.4.0,1.4.3),", "a set that cannot be read"), ("[1.4.0)[1.5.0]", "a set that cannot be read")),
        *(("(1.4.0)", "holds no version"), ("[1.4.0,1.4.3,1.5.0)", "which is not a version"), ("[]", "which is not a version")),
        *(
            ("<01.4.3", "which is not a version"),
            ("=>1.4.3", "which is no comparison"),
            ("<", "which is not a version"),
            ("all", "which is not a version"),
            (">=1.4.0 <1.4.3" + "0" * 300, "which is not a version"),
            ("<" + "1" * 5000, "has 5001 characters"),
            ("<" + "1" * 4999, "which is not a version"),
        ),
    ],
)
def test_a_range_that_cannot_be_evaluated(said: str, words: str) -> None:
    with pytest.raises(UpgradeError) as error:
        read_affected_range(said)
    assert words in error.value.message and "affected_range" in error.value.message
    (found,) = read({**DOCUMENT, "affected_range": said}, "ampora")
    assert words in found.problems[0]
    assert not found.affects(Version(1, 4, 2))


def test_a_document_without_what_it_needs() -> None:
    with pytest.raises(UpgradeError, match="identifier is missing, which is no id"):
        read({"package_slug": "npm/ampora", "identifiers": []}, "ampora")
    (found,) = read({"package_slug": "npm/ampora", "identifier": "GMS-2026-1", "affected_range": 1.4}, "ampora")
    assert found.problems == ('its affected_range "" has an empty alternative',)


@given(st.text(max_size=60), st.text(alphabet="0123456789.<>=|[](), x*~^-!v", max_size=30))
def test_any_text_is_a_range_or_an_error(anything: str, likely: str) -> None:
    for said in (anything, likely):
        try:
            for part in read_affected_range(said):
                part.contains(Version(1, 4, 2))
        except UpgradeError as error:
            assert "affected_range" in error.message


SPACE = [Version(1, minor, patch) for minor in range(3) for patch in range(4)]


@given(st.lists(st.tuples(st.sampled_from(SPACE), st.sampled_from(SPACE)), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_the_notations_mean_the_same(pairs: list[tuple[Version, Version]], random: Any) -> None:
    shuffled = random.sample(pairs, len(pairs))
    npm = " || ".join(f">={low} <{high}" for low, high in pairs)
    python = "||".join(f">={low},<{high}" for low, high in shuffled)
    maven = ",".join(f"[{low},{high})" for low, high in shuffled)
    for version in SPACE:
        expected = any(low <= version < high for low, high in pairs)
        for said in (npm, python, maven):
            assert any(part.contains(version) for part in read_affected_range(said)) == expected


@pytest.mark.parametrize(
    ("said", "found"),
    [("0.x", ["0.9.0"]), ("1.x", ["1.0.0-a", "1.9.9"]), ("2.x", ["2.0.0-a", "2.9.0", "2.10.0-a"]), ("2.9.x", ["2.9.0"]), ("2.8.x", [])],
)
def test_a_line_ends_before_the_next_one(said: str, found: list[str]) -> None:
    known = ["0.9.0", "1.0.0-a", "1.9.9", "2.0.0-a", "2.9.0", "2.10.0-a", "3.0.0-a", "4.0.0"]
    (part,) = read_affected_range(said)
    assert [text for text in known if part.contains(Version.parse(text))] == found
