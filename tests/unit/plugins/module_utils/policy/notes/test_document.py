# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a note is text that is read, and what is code, an address or a comment."""

from __future__ import annotations

import re

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import (
    HIDDEN,
    Block,
    ReleaseNote,
    sentences,
    without_markup,
)


def blocks(text: str) -> tuple[Block, ...]:
    return ReleaseNote("1.5.0", text, "1.5.0.md").blocks


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("It was removed", ""),
        ("It was `removed`", "removed"),
        ("It *was* `removed`", "removed"),
        ("Mail <mailto:breaking@example.com>", "mailto:breaking@example.com"),
        ("See <https://example.com/removed>", "https://example.com/removed"),
        ("See https://example.com/removed", "https://example.com/removed"),
    ],
)
def test_code_and_addresses_are_shown_and_not_read(text: str, hidden: str) -> None:
    (block,) = blocks(text)
    place = block.shown.index(hidden) if hidden else len(block.shown)
    assert block.open == block.shown[:place] + HIDDEN * len(hidden)


@pytest.mark.parametrize(
    ("fence", "shown"),
    [
        ("```\nremoved\n```\n", []),
        ("```\nremoved\n`````\n", []),
        ("~~~~\nremoved\n~~~\n", ["removed\n~~~\n"]),
        ("```\nremoved\n", ["removed\n"]),
    ],
)
def test_only_a_fence_that_is_closed_hides_its_lines(fence: str, shown: list[str]) -> None:
    assert [block.shown for block in blocks(f"Text.\n\n{fence}")[1:]] == shown


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a <!-- b\nc --> <b>d</b>", ["a", "d"]),
        ("no markup", ["no", "markup"]),
        ("<I>d</I> e", ["d", "e"]),
        ("--> <!-- open <b>x", ["-->", "<!--", "open", "x"]),
        ("<!-- one --> two <!-- three --> four", ["two", "four"]),
    ],
)
def test_markup_is_blanked_in_its_place(text: str, left: list[str]) -> None:
    blanked = without_markup(text)
    assert (len(blanked), blanked.count("\n")) == (len(text), text.count("\n"))
    assert [(found.start(), found[0]) for found in re.finditer(r"\S+", blanked)] == [(text.index(word), word) for word in left]


@pytest.mark.parametrize(
    ("written", "shown"),
    [("` a `", "a"), ("`a `", "a "), ("` a`", " a"), ("`  a  `", " a "), ("` `", " "), ("`a`", "a"), ("`ab`", "ab")],
)
def test_one_space_at_both_ends_of_code_belongs_to_its_marks(written: str, shown: str) -> None:
    """As CommonMark has it; between other words, so that no end of the paragraph is stripped."""
    assert blocks(f"x {written} x")[0].shown == f"x {shown} x"


def test_a_sentence_is_never_empty() -> None:
    assert list(sentences("One. Two. ")) == [(0, 5), (5, 10)]
    assert list(sentences("")) == []


def test_code_is_hidden_in_a_paragraph_up_to_its_limit() -> None:
    code = " *and* `removed`"
    (largest,), (larger,) = (blocks("x" * (20_000 + more - len(code)) + code) for more in (0, 1))
    assert "removed" not in largest.open and largest.shown.endswith("and removed")
    assert larger.shown == larger.open and larger.open.endswith(code)


def test_what_is_no_heading_has_no_level() -> None:
    assert [(block.level, block.is_heading) for block in blocks("# A\n\nb\n\n## C\n")] == [(1, True), (0, False), (2, True)]
