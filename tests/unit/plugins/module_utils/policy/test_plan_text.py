# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Answers, Finding, Override, acknowledge
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.overrides import override
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan import build
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan_text import (
    WIDTH,
    answers_needed,
    duration,
    in_order,
    lines,
    refusal,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.doubles.plans import ANSWER, BLOCK, FACTS, NOTE, SAME, TWO_HOPS, WORD


def made(facts: Facts, findings: Sequence[Finding], acks: dict[str, str] | None = None) -> dict[str, Any]:
    return build(facts, acknowledge(findings, acks or {}), Answers(acks or {}))


def test_a_refused_plan() -> None:
    assert lines(made(FACTS, [NOTE, WORD, BLOCK])) == [
        "1.4.2 -> 1.5.0 (minor), at least 21 min",
        "  BLOCKS           skipped-minor   1.6.0  1.5.0 comes before 1.6.0.",
        "  needs an answer  word-remove     1.5.0  Removes a key.",
        "                                          1.5.0.md:7 [Changes] Removes a key.",
        "  note             prerelease 1.5.0-rc.1  It is a pre-release.",
        'to answer all: ampora_acks: {ack-1.5.0-word-remove: "true"}',
        "decision: blocked",
    ]


def test_a_path() -> None:
    found = [replace(WORD, hop=2, version="1.6.0")]
    assert lines(made(TWO_HOPS, found))[:3] == [
        "1.4.2 -> 1.5.0 -> 1.6.0 (minor), at least 22 min",
        "  1. 1.4.2 -> 1.5.0: go",
        "  2. 1.5.0 -> 1.6.0: acknowledgements needed",
    ]


@pytest.mark.parametrize(
    ("facts", "findings", "acks", "expected"),
    [
        (SAME, [], {}, "1.4.2 is what runs, with the digest asked for: nothing to do"),
        (replace(FACTS, resumes="r1"), [], {}, "1.4.2 -> 1.5.0 (minor), going on with run r1, at least 21 min"),
        (Facts(), [WORD], {}, "? -> ? (unknown change)"),
        (FACTS, [WORD], {}, "decision: acknowledgements needed"),
        (FACTS, [WORD], ANSWER, "  acknowledged  word-remove 1.5.0  Removes a key."),
        (FACTS, [WORD], ANSWER, "decision: go"),
    ],
    ids=["nothing to do", "going on", "nothing could be read", "an answer is needed", "answered", "answered: go"],
)
def test_lines(facts: Facts, findings: list[Finding], acks: dict[str, str], expected: str) -> None:
    assert expected in lines(made(facts, findings, acks))


@pytest.mark.parametrize(("until", "words"), [("", ""), ("2026-12-01", " (until 2026-12-01)")])
def test_an_override_is_shown_with_its_reason(until: str, words: str) -> None:
    chosen = Override(WORD.id, "agreed on with the team", until)
    shown = lines(build(FACTS, override([WORD], [chosen], 0.0), Answers(overrides=[chosen])))
    assert shown[1:3] == [
        "  overridden  word-remove 1.5.0  Removes a key.",
        f"                                 overridden: agreed on with the team{words}",
    ]
    assert shown[-1] == "decision: go"


def test_evidence_is_shown_in_part_and_counted() -> None:
    shown = lines(made(FACTS, [replace(WORD, evidence=tuple(f"place {number}" for number in range(9)))], ANSWER))
    assert [line.strip() for line in shown[2:-1]] == ["place 0", "place 1", "place 2", "place 3", "place 4", "and 4 more in the report"]


@given(st.text(alphabet="ab -", max_size=400), st.integers(80, 200))  # below that the column of the text keeps its 40
def test_no_word_is_lost_and_lines_are_as_wide_as_asked_for(text: str, width: int) -> None:
    shown = lines(made(FACTS, [replace(BLOCK, text=text)]), width)[1:-1]
    table = " ".join(" ".join(shown).split())
    assert table == " ".join(f"BLOCKS skipped-minor 1.6.0 {text}".split())
    assert all(len(line) <= width or len(line.split()) == 1 for line in shown)


def test_answers_needed_are_named_once() -> None:
    assert answers_needed(made(TWO_HOPS, [replace(WORD, hop=1), replace(WORD, hop=2), BLOCK])) == ["ack-1.5.0-word-remove"]
    assert answers_needed(made(FACTS, [WORD], ANSWER)) == []


def test_a_refusal_has_every_open_reason_and_no_other() -> None:
    answered = replace(WORD, id="word-rename", text="Renames a key.")
    plan = made(FACTS, [WORD, BLOCK, NOTE, answered], {"ack-1.5.0-word-rename": "true"})
    assert refusal(plan) == (
        "The upgrade is refused and nothing was changed. [skipped-minor] 1.5.0 comes before 1.6.0. [word-remove] Removes a key."
    )
    assert refusal(made(FACTS, [NOTE])) == ""


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (3599, "1 h 0 min"), (7500, "2 h 5 min")])
def test_duration(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_what_stands_in_the_way_comes_first_whatever_its_hop() -> None:
    plain = replace(WORD, id="plain", hop=9)
    answered = replace(plain, id="answered", acknowledged=True, hop=5)
    chosen = replace(plain, id="chosen", overridden=Override("chosen", "agreed on"), hop=7)
    found = [replace(NOTE, hop=1), answered, chosen, plain, replace(BLOCK, hop=11)]
    assert [item["id"] for item in in_order([one.to_dict() for one in found])] == [
        *("skipped-minor", "plain", "chosen", "answered", "prerelease"),
    ]


@pytest.mark.parametrize("more", range(3))
def test_lines_are_filled_to_the_width(more: int) -> None:
    """The column of the text begins after the 32 of the marks and the rule."""
    head = len("  BLOCKS  skipped-minor 1.6.0  ")
    first = "x" * (WIDTH - head - 2 + more)
    shown = lines(made(FACTS, [replace(BLOCK, text=f"{first} y")]))
    assert WIDTH == 120
    assert shown[1].endswith("x y") is (more == 0)


def test_the_text_keeps_forty_columns_beside_a_long_rule() -> None:
    name = "rule-" + "long" * 20
    shown = lines(made(FACTS, [replace(BLOCK, id=name, text="word " * 40)]), 80)[1:-1]
    head = len(f"  BLOCKS  {name} 1.6.0  ")
    assert max(len(line) for line in shown) == head + len("word " * 8) - 1
    assert len(shown) == 5


def test_a_word_is_not_broken_at_its_hyphen() -> None:
    head = len("  BLOCKS  skipped-minor 1.6.0  ")
    shown = lines(made(FACTS, [replace(BLOCK, text=f"{'x' * (WIDTH - head - 8)} server-side")]))
    assert [line.split()[-1] for line in shown[1:3]] == ["x" * (WIDTH - head - 8), "server-side"]


def test_five_places_are_all_of_them() -> None:
    shown = lines(made(FACTS, [replace(WORD, evidence=tuple(f"place {number}" for number in range(5)))], ANSWER))
    assert [line.strip() for line in shown[2:-1]] == ["place 0", "place 1", "place 2", "place 3", "place 4"]


def test_the_column_of_the_text_has_forty_columns_at_least() -> None:
    shown = lines(made(FACTS, [replace(BLOCK, text="y" * 100)]), 50)[1:-1]
    assert [line.count("y") for line in shown] == [40, 40, 20]


@pytest.mark.parametrize("change", ["patch", "downgrade"])
def test_a_change_whose_hops_are_not_known_is_not_nothing_to_do(change: str) -> None:
    assert lines(made(replace(FACTS, hops=[], change=change), []))[0] == f"1.4.2 -> 1.5.0 ({change})"
