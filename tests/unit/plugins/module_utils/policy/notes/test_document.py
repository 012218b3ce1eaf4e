# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a note is text that is read, and what is code, an address or a comment."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import (
    HIDDEN,
    LARGEST_NOTE,
    Block,
    ReleaseNote,
    parse_blocks,
    sentences,
    short,
    without_markup,
)
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.tools.repository import ROOT

NOTES = ROOT / "tests" / "unit" / "fixtures" / "notes"


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
        ("```\nremoved\n``\n", ["removed\n``\n"]),
        ("```\nremoved\n```x\n", ["removed\n```x\n"]),
        ("> ```\n> removed\n> ```\n", []),
        ("```", []),
        ("```\n```", []),
    ],
)
def test_only_a_fence_that_is_closed_hides_its_lines(fence: str, shown: list[str]) -> None:
    assert [block.shown for block in blocks(f"Text.\n\n{fence}")[1:]] == shown


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a <!-- b\nc --> <b>d</b>", ["a", "d"]),
        ("no markup", ["no", "markup"]),
        ("<!-- a -->b", ["b"]),
        ("a --><b>c", ["a", "-->", "c"]),
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
    [("` a `", "a"), ("`a `", "a "), ("` a`", " a"), ("`  a  `", " a "), ("` `", " "), ("`a`", "a"), ("`ab`", "ab"), ("`\ta\t`", "\ta\t")],
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


def test_the_text_of_html_is_read_as_it_stands() -> None:
    """Backticks and stars are no markup within a block of HTML."""
    (block,) = blocks("<p>\n`removed` *now*, see https://a.example/removed\n</p>\n")
    assert block.shown.strip() == "`removed` *now*, see https://a.example/removed"
    assert block.open.strip() == f"`removed` *now*, see {HIDDEN * len('https://a.example/removed')}"


def test_a_line_of_evidence_has_240_characters() -> None:
    assert short("x" * 240) == "x" * 240
    assert len(short("x" * 241)) < 250 and short("x" * 241) != "x" * 241


def test_a_note_has_a_million_characters_at_most() -> None:
    assert LARGEST_NOTE == 1_048_576
    with pytest.raises(UpgradeError) as error:
        blocks("x" * (LARGEST_NOTE + 1))
    assert str(error.value) == (
        'The release note "1.5.0.md" of 1.5.0 has 1048577 characters, more than the limit of 1048576: give the note itself, not a bundle.'
    )


def test_each_block_has_its_line_its_section_and_its_kind() -> None:
    text = "intro\n\n# Ampora\n\n## Removals\n\n- a\n- b\n\n### Keys\n\nc\n\n## Thanks\n\n```\nnever closed\n"
    assert [(block.line, block.section, block.kind, block.shown.strip()) for block in blocks(text)] == [
        (1, "top", "other", "intro"),
        (3, "Ampora", "other", "Ampora"),
        (5, "Removals", "removals", "Removals"),
        (7, "Removals", "removals", "a"),
        (8, "Removals", "removals", "b"),
        (10, "Keys", "removals", "Keys"),
        (12, "Keys", "removals", "c"),
        (14, "Thanks", "other", "Thanks"),
        (17, "Thanks", "other", "never closed"),
    ]


WHOLE = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").disable("inline")
# What blocks begin, continue and end with, in lines that Hypothesis puts together.
INDENTS = (" ", "  ", "    ", "\t", "- ", "* ", "1. ", "> ", ">")
MARKUP = ("# ", "|", "|-|", "---", "===", "-", "=", ":", "```", "~~~", "<p>", "<!--", "-->", "[a]: /b", "[a", "]:", "a", "b")
LINES = st.lists(st.lists(st.sampled_from(INDENTS + MARKUP), max_size=5).map("".join), max_size=8)


@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]))
def test_what_is_left_out_of_the_parser_would_have_found_nothing(lines: list[str], end: str) -> None:
    text = end.join(lines)
    assert parse_blocks(text, {}) == WHOLE.parse(text)


@pytest.mark.parametrize("note", sorted(NOTES.glob("*.md")), ids=lambda note: str(note.stem))
def test_nor_in_real_notes(note: Path) -> None:
    text = note.read_text(encoding="utf-8")
    assert parse_blocks(text, {}) == WHOLE.parse(text)
