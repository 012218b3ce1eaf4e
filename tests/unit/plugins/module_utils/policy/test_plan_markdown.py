# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Answers
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan import build
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan_markdown import escape, markdown
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.unit.doubles.plans import ANSWERS, BLOCK, FACTS, NOTE, TWO_HOPS, WORD

PARSER = MarkdownIt("gfm-like", {"linkify": False})
HARMLESS = {
    "heading",
    "paragraph",
    "inline",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "bullet_list",
    "list_item",
    "fence",
    "text",
    "strong",
}


def kinds(text: str) -> set[str]:
    """Every kind of element that a Git host would make of the text."""
    tokens = PARSER.parse(text)
    every = [*tokens, *(child for token in tokens for child in token.children or [])]
    return {token.type.removesuffix("_open").removesuffix("_close") for token in every}


def test_a_refused_plan() -> None:
    text = markdown(build(FACTS, [NOTE, WORD, BLOCK], Answers()))
    assert text.startswith(
        "# Upgrade of ampora/ampora-web\n\n1.4.2 -\\> 1.5.0 \\(minor\\), at least 21 min\n\n**Decision: blocked**\n\n## Answers"
    )
    assert 'ampora_acks:\n  ack-1.5.0-word-remove: "true"\n```' in text
    assert "| 1 | 1.4.2 | 1.5.0 | minor | 21 min | blocked |" in text
    assert "| BLOCKS | skipped-minor | 1.6.0 | 1.5.0 comes before 1.6.0. |\n| needs an answer | word-remove" in text
    assert "### word-remove 1.5.0\n\n- 1.5.0.md\\:7 \\[Changes\\] Removes a key." in text
    assert "## Release notes 1.5.0\n\n**other**\n\n- The migration takes about 20 minutes." in text
    assert kinds(text) <= HARMLESS


def test_a_plan_without_findings() -> None:
    text = markdown(build(replace(TWO_HOPS, watch_seconds=0, notes=[]), [], ANSWERS))
    assert "## Findings\n\nNone." in text
    assert "| 2 | 1.5.0 | 1.6.0 | minor |  | go |" in text
    assert "Answers needed" not in text and "Release notes" not in text


@given(st.text(max_size=200) | st.text(alphabet="[](){}<>!`*_|\\@#\n-+~&;:/.ahtps w", max_size=200))
def test_text_of_unknown_origin_makes_no_element_of_its_own(text: str) -> None:
    hostile = replace(WORD, text=text, evidence=(text,))
    shown = markdown(build(replace(FACTS, deployment={"namespace": text, "name": text}), [hostile], Answers()))
    assert kinds(shown) <= HARMLESS
    rows = [token for token in PARSER.parse(shown) if token.type == "tr_open"]
    assert len(rows) == 4, "two tables, each with its head and one row"


@pytest.mark.parametrize("text", ["-", "--", "- --", "- a", "1.", "1. a", "999999999. a"])
def test_a_place_that_looks_like_a_list_or_a_line_is_text(text: str) -> None:
    shown = markdown(build(FACTS, [replace(WORD, evidence=(text,))], Answers()))
    assert "<li>" + text + "</li>" in PARSER.render(shown)


def test_a_mention_wakes_nobody() -> None:
    assert escape("by @everyone, see http://evil.example") == "by @\u200deveryone, see http\\://evil.example"


def test_twenty_places_are_shown() -> None:
    shown = markdown(build(FACTS, [replace(WORD, evidence=tuple(f"place {number}" for number in range(25)))], Answers()))
    assert [line for line in shown.splitlines() if line.startswith("- place")][-1] == "- place 19"
