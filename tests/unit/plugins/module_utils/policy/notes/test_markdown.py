# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a text is read, and what is code, an address or a comment."""

from __future__ import annotations

import re

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.markdown import (
    HIDDEN,
    Passage,
    lines_of,
    passages,
    without_markup,
)
from hypothesis import given
from hypothesis import strategies as st


def read(text: str) -> list[Passage]:
    return [passage for passage in passages(text) if passage.shown.strip()]


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
    (passage,) = read(text)
    place = passage.shown.index(hidden) if hidden else len(passage.shown)
    assert passage.open == passage.shown[:place] + HIDDEN * len(hidden)


@pytest.mark.parametrize(
    ("fence", "shown"),
    [
        ("```\nremoved\n```\n", []),
        ("```\nremoved\n`````\n", []),
        ("```yaml\nremoved\n```\n", []),
        ("- ```yaml title\n  removed\n  ```\n", []),
        ("````\nremoved\n```\n", ["removed\n```\n"]),
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
    assert [passage.shown for passage in read(f"Text.\n\n{fence}")[1:]] == shown


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
    assert read(f"x {written} x")[0].shown == f"x {shown} x"


def test_the_text_of_html_is_read_as_it_stands() -> None:
    """Backticks and stars are no markup within a block of HTML."""
    (passage,) = read("<p>\n`removed` *now*, see https://a.example/removed\n</p>\n")
    assert passage.shown.strip() == "`removed` *now*, see https://a.example/removed"
    assert passage.open.strip() == f"`removed` *now*, see {HIDDEN * len('https://a.example/removed')}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# A\n\nB\nb\n", [(0, "A", 1, False), (2, "B\nb", 0, False)]),
        ("A\n===\nB\n---\n", [(0, "A", 1, False), (2, "B", 2, False)]),
        ("- a\n\n  b\n  - c\n- d\n", [(0, "a", 0, True), (2, "b", 0, True), (3, "c", 0, True), (4, "d", 0, True)]),
        ("> # A\n>\n> b\n\nc\n", [(0, "A", 1, True), (2, "b", 0, True), (4, "c", 0, False)]),
        ("a | b\n- | -\nc | d\n", [(0, "a", 0, False), (0, "b", 0, False), (2, "c", 0, False), (2, "d", 0, False)]),
        ("a\n\n---\n\n    code\n\nb\n", [(0, "a", 0, False), (6, "b", 0, False)]),
        ("[a]: https://b.example\n\n[a] ![b](c) &amp; \\* <b>d</b>", [(2, "a b & * d", 0, False)]),
        ("a  \nb\\\nc <!-- d\ne --> f\ng", [(0, "a\nb\nc \n f\ng", 0, False)]),
    ],
)
def test_each_passage_has_its_line_its_level_and_its_place(text: str, found: list[tuple[int, str, int, bool]]) -> None:
    assert [(passage.line, passage.shown, passage.level, passage.nested) for passage in read(text)] == found


def test_a_heading_without_text_is_told_since_it_ends_a_section() -> None:
    assert [(passage.line, passage.shown, passage.level) for passage in passages("# A\n\n##\n")] == [(0, "A", 1), (2, "", 2)]


def test_what_is_behind_a_code_span_over_two_lines_stays_in_its_line() -> None:
    (passage,) = read("a `b c\nd` e\nf removed")
    assert passage.shown[: passage.shown.index("removed")].count("\n") == 2
    assert passage.open.count("\n") == 2 and len(passage.open) == len(passage.shown)


@pytest.mark.parametrize("before", ["Renamed keys:\n", "- Renamed keys:\n  ", "> Renamed keys:\n> "])
def test_a_table_right_under_a_line_of_text_is_one(before: str) -> None:
    """As GitHub shows it, and as the best known changelogs are written."""
    indent = before.rpartition("\n")[2]
    text = before + f"\n{indent}".join(("Old | New", "--- | ---", "`A:B` | `C:D`", "", "after"))
    first, *cells, after = read(text)
    assert (first.line, first.shown, first.open) == (0, "Renamed keys:", "Renamed keys:")
    hidden = HIDDEN * 3
    assert [(cell.line, cell.shown, cell.open) for cell in cells] == [
        (1, "Old", "Old"),
        (1, "New", "New"),
        (3, "A:B", hidden),
        (3, "C:D", hidden),
    ]
    assert (after.line, after.shown) == (5, "after")


@pytest.mark.parametrize("text", ["a | b\nc | d\ne", "a\n<div>\nb | c\n-|-\n</div>"])
def test_what_is_no_table_stays_whole(text: str) -> None:
    assert " | " in read(text)[-1].shown


@pytest.mark.parametrize(
    ("text", "shown"), [("a\0b", "a\ufffdb"), ("a\ud800b", "a?b"), ("\ufeffa", "a"), ("\0", "\ufffd"), ("> \r- \r<!--", "<!--")]
)
def test_characters_that_are_none_are_read_as_such(text: str, shown: str) -> None:
    """The mark for what is hidden comes from nobody else, half a pair of UTF-16 is no character."""
    assert [passage.shown for passage in read(text)] == [shown]


WORDS = st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), min_size=1, max_size=4).map(" ".join)
BLOCKS = st.lists(st.tuples(st.sampled_from(["", "# ", "- ", "> ", "1. ", "> - ", "é "]), WORDS), max_size=6)


@given(BLOCKS, st.sampled_from(["\n", "\r\n", "\r"]))
def test_a_passage_is_found_in_the_line_that_it_names(blocks: list[tuple[str, str]], end: str) -> None:
    text = f"{end}{end}".join(mark + words for mark, words in blocks)
    lines = lines_of(text)
    found = read(text)
    assert all(passage.shown in lines[passage.line] for passage in found)
    assert len(found) == len(blocks)
