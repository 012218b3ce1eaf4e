# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.cvss import _round_up, base_score, severity, worst


# Scores of the calculator at first.org, and the examples of the specification's own document (CVE-2013-1937 and others).
@pytest.mark.parametrize(
    ("vector", "score", "word"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, "critical"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0, "critical"),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1, "medium"),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4, "medium"),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1, "low"),
        ("CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", 4.2, "medium"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", 7.5, "high"),
        ("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0, "none"),
        ("CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:H", 9.3, "critical"),
        ("CVSS:3.0/AV:N/AC:L/PR:H/UI:N/S:C/C:H/I:H/A:H", 9.1, "critical"),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:N/E:P/RL:O", 8.1, "high"),
    ],
)
def test_the_base_score_of_a_vector(vector: str, score: float, word: str) -> None:
    assert base_score(vector) == score
    assert severity(vector) == word


@pytest.mark.parametrize(
    "vector",
    [
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
        "CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
        "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:X/C:H/I:H/A:H",
        "AV:N/AC:L/Au:N/C:P/I:P/A:P",
    ],
)
def test_a_vector_that_is_not_counted(vector: str) -> None:
    assert base_score(vector) is None
    assert severity(vector) == ""


@pytest.mark.parametrize(
    ("said", "word"),
    [
        *(("HIGH", "high"), ("Moderate", "medium"), ("important", "high"), (" critical ", "critical")),
        *((0, "none"), (3.9, "low"), (4.0, "medium"), (6.9, "medium"), (7, "high"), (9.0, "critical"), (10, "critical")),
        *(("7.5", "high"), ("10.1", ""), (-1, ""), (11, ""), ("nan", ""), (float("inf"), ""), (float("nan"), "")),
        *(("urgent", ""), ("", ""), (None, ""), (True, ""), ([7.5], ""), ({}, ""), ("7" * 1000, "")),
    ],
)
def test_the_word_for_what_is_said(said: object, word: str) -> None:
    assert severity(said) == word


def test_the_worst() -> None:
    assert worst(["low", "", "critical", "high"]) == "critical"
    assert worst([]) == worst(["", ""]) == ""


@pytest.mark.parametrize(
    ("said", "word"),
    [("0", "none"), ("10", "critical"), ("9.5", "critical"), ("10.1", ""), ("-0.1", ""), ("0.1", "low"), ("nan", ""), ("9", "critical")],
)
def test_a_plain_score_is_from_0_to_10(said: str, word: str) -> None:
    assert severity(said) == word


@pytest.mark.parametrize(
    ("score", "rounded"), [(4.0, 4.0), (4.02, 4.1), (4.00001, 4.1), (4.000001, 4.0), (8.99, 9.0), (0.0, 0.0), (9.90001, 10.0)]
)
def test_scores_are_rounded_up_as_the_specification_does(score: float, rounded: float) -> None:
    assert _round_up(score) == rounded


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        ("AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
        ("AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4),
        ("AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1),
        ("AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9),
        ("AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 6.8),
        ("AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N", 4.6),
        ("AV:N/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N", 5.4),
        ("AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", 7.8),
        ("AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 8.8),
        ("AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N", 7.4),
        ("AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H", 9.6),
    ],
)
def test_the_examples_of_the_specification(vector: str, score: float) -> None:
    """From https://www.first.org/cvss/v3.1/examples."""
    assert base_score(f"CVSS:3.1/{vector}") == score


@pytest.mark.parametrize(("length", "word"), [(499, "high"), (500, "high"), (501, "")])
def test_a_text_is_read_up_to_its_limit(length: int, word: str) -> None:
    assert severity("7".rjust(length)) == word
