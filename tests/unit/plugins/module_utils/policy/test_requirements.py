# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which minimum versions sentences of release notes state, and what they mean for a deployment."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.requirements import Requirement, highest, judge, requirements
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.doubles.note_items import item

STATED: list[tuple[str, list[str]]] = [
    ("Requires PostgreSQL 17.", ["postgresql 17"]),
    ("Ampora now requires PostgreSQL 16.4 or newer.", ["postgresql 16.4"]),
    ("PostgreSQL 17 is now required.", ["postgresql 17"]),
    ("PostgreSQL 17+ and Kubernetes 1.29+.", ["postgresql 17", "kubernetes 1.29"]),
    ("Minimum PostgreSQL version: 16", ["postgresql 16"]),
    ("The minimum version of Postgres was raised from 15 to 16.", ["postgresql 16"]),
    ("The oldest PostgreSQL server that works is 16.", ["postgresql 16"]),
    ("PostgreSQL 15 is no longer supported.", ["postgresql 16"]),
    ("PostgreSQL 14 and 15 are no longer supported.", ["postgresql 16"]),
    ("Dropped support for PostgreSQL 15 and older.", ["postgresql 16"]),
    ("PostgreSQL versions older than 16 are not supported.", ["postgresql 16"]),
    ("Does not require PostgreSQL 17.", []),
    ("It no longer requires PostgreSQL 17.", []),
    ("PostgreSQL 17 is recommended; 16 is required.", []),
    ("Tested with PostgreSQL 17.", []),
    ("Support for PostgreSQL 18.", []),
    ("PostgreSQL is required.", []),
    ("At least Kubernetes 1.29 is needed.", ["kubernetes 1.29"]),
    ("Kubernetes 1.29 or newer.", ["kubernetes 1.29"]),
    ("K8s v1.28 support removed.", ["kubernetes 1.29"]),
    ("Kubernetes 1.27.x and 1.28.x can no longer be used.", ["kubernetes 1.29"]),
    ("Kubernetes >= 1.30.2", ["kubernetes 1.30.2"]),
    ("Agents older than 0.110 must be updated first.", ["agent 0.110"]),
    ("Agents older than 0.110.0 are refused.", ["agent 0.110.0"]),
    ("OpenTelemetry Collector 0.120.0 or later is required.", ["agent 0.120.0"]),
    ("Collectors before v0.96 cannot connect.", ["agent 0.96"]),
    ("Collectors 0.95.1 no longer connect.", ["agent 0.95.2"]),
    ("Agents older than 0.110 log a warning.", []),
    ("Agents must reconnect within 90 seconds.", []),
    ("The agent needs 512 MB.", []),
]


def found(text: str, kind: str = "other", section: str = "") -> list[Requirement]:
    return requirements([item(text, kind, section)], "1.5.0")


@pytest.mark.parametrize(("text", "expected"), STATED, ids=[text for text, _expected in STATED])
def test_a_sentence_states(text: str, expected: list[str]) -> None:
    assert [f"{each.product} {each.stated()}" for each in found(text)] == expected


@pytest.mark.parametrize(
    ("kind", "section", "text", "expected"),
    [
        ("other", "Requirements", "PostgreSQL: 17", ["17"]),
        ("other", "Minimum versions", "PostgreSQL 17", ["17"]),
        ("removals", "Removals", "PostgreSQL 15", ["16"]),
        ("other", "Components", "PostgreSQL 17", []),
    ],
)
def test_the_heading_says_what_a_bare_version_means(kind: str, section: str, text: str, expected: list[str]) -> None:
    assert [each.stated() for each in found(text, kind, section)] == expected


BOTH = [*found("Requires PostgreSQL 17.2."), *found("Requires Kubernetes 1.29."), *found("Requires PostgreSQL 16.")]


@pytest.mark.parametrize(
    ("database", "kubernetes", "expected"),
    [
        (170002, "v1.29.0", []),
        (180000, "v2.0.0", []),
        (170001, "v1.30.1+k3s1", ["database-too-old-for-release"]),
        (169999, "1.29", ["database-too-old-for-release"]),
        (0, "1.28.9", ["kubernetes-too-old"]),
        (170002, "", ["kubernetes-version-unknown"]),
        (150000, "?", ["database-too-old-for-release", "kubernetes-version-unknown"]),
    ],
)
def test_what_is_too_old_is_named(database: int, kubernetes: str, expected: list[str]) -> None:
    assert [finding.id for finding in judge(BOTH, database, kubernetes)] == expected


def test_the_findings_say_what_to_do() -> None:
    place = "1.5.0.md:1 [Other] Requires {} {}."
    old, cluster = judge(BOTH, 160004, "v1.28.3")
    assert (old.severity, old.version, old.evidence) == ("block", "1.5.0", (place.format("PostgreSQL", "17.2"),))
    assert old.text == (
        "PostgreSQL 16.4 serves the database and the release notes of 1.5.0 ask for 17.2 or newer: update PostgreSQL first."
    )
    assert (cluster.severity, cluster.version, cluster.evidence) == ("block", "1.5.0", (place.format("Kubernetes", "1.29"),))
    assert cluster.text == (
        "Kubernetes 1.28 runs this deployment and the release notes of 1.5.0 ask for 1.29 or newer: update the cluster first."
    )
    (unknown,) = judge(BOTH, 0, "")
    assert (unknown.severity, unknown.version) == ("ack", "1.5.0")
    assert 'set ack-1.5.0-kubernetes-version-unknown: "true" in ampora_acks' in unknown.text


def test_a_whole_number_is_enough_for_a_minor_version() -> None:
    assert judge(found("Requires PostgreSQL 17."), 170000, "") == []


def test_the_highest_requirement_of_a_path_holds() -> None:
    stated = [*found("Requires PostgreSQL 16."), *found("Requires PostgreSQL 17.")]
    assert highest(stated, "postgresql") == stated[1]
    assert highest(stated[::-1], "postgresql") == stated[1]
    assert highest(stated, "agent") is None


WORDS = ["PostgreSQL", "Kubernetes", "agents", "16", "1.29", "older than", "requires", "no longer", "to", "dropped", ".", "+", "0.110.0"]


@given(st.text() | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), st.integers(0, 200000), st.text(max_size=8))
def test_no_text_breaks_it(text: str, database: int, kubernetes: str) -> None:
    stated = found(text)
    assert all(requirement.minimum for requirement in stated)
    assert judge(stated, database, kubernetes) == judge(stated[::-1], database, kubernetes)


@pytest.mark.parametrize(("between", "minimum"), [(" of any kind", [(17,)]), (" of any kind" * 30, [])])
def test_a_version_far_behind_the_name_is_not_the_products(between: str, minimum: list[tuple[int, ...]]) -> None:
    assert [one.minimum for one in found(f"Requires PostgreSQL{between} 17.")] == minimum


@pytest.mark.parametrize(
    ("text", "minimum"),
    [
        ("Agents 0.109.2 are no longer supported.", (0, 109, 3)),
        ("Agents 0.109 are no longer supported.", (0, 110)),
        ("PostgreSQL 15.4 is no longer supported.", (16,)),
    ],
)
def test_the_version_after_the_last_that_is_not_taken(text: str, minimum: tuple[int, ...]) -> None:
    assert [one.minimum for one in found(text)] == [minimum]


@pytest.mark.parametrize(("before", "expected"), [(89, ["17"]), (90, [])])
def test_a_version_begins_within_ninety_characters_and_is_read_whole(before: int, expected: list[str]) -> None:
    assert [one.stated() for one in found(f"Requires PostgreSQL{' ' * before}17.")] == expected


def test_an_item_is_read_up_to_its_limit() -> None:
    asked = " Requires Kubernetes 1.29"
    for length, expected in ((20_000, ["1.29"]), (20_004, [])):
        assert [one.stated() for one in found("x" * (length - len(asked)) + asked)] == expected
