# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release note as Markdown: its headings, paragraphs, list items and table cells, with code and addresses told apart."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, need, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.lower_case import lower
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.sections import Outline

try:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
except ImportError:
    MarkdownIt = None  # type: ignore[assignment, misc]

LARGEST_NOTE = 1024 * 1024  # characters; a release note is a page, and more than this is something else
_LARGEST_BLOCK = 20_000  # a longer paragraph is judged as it stands, without parsing its markup
_LONGEST_SENTENCE = 240
HIDDEN = "\0"  # stands for text that is code or an address, so that no word is found in it
# What a rule of the parser finds nothing without: it asks each of its rules at each line, so those that have nothing to find stay out.
_MARKS = {
    "table": re.compile(r"\|"),
    "code": re.compile(r"\t|    "),
    "hr": re.compile(r"([*_-])[ \t]*\1[ \t]*\1"),
    "fence": re.compile("```|~~~"),
    "blockquote": re.compile(">"),
    "reference": re.compile(r"\]:"),
    "html_block": re.compile("<"),
    "lheading": re.compile(r"[\r\n][ \t>]*(?:=+|-+)[ \t]*(?:[\r\n]|$)"),
}
# All but single backticks and the underscores within words, which notes are full of and which need no parser. It begins with the
# characters of which one must be there, since looking for those is what a pattern does fast.
_INLINE_MARKUP = re.compile(r"[\\*\[<&`_](?:(?<=[\\*\[<&])|(?<=`)`|(?<=_)(?:(?![^\W_])|(?<![^\W_]_)))")
_CODE_SPAN = re.compile(r"`([^`]+)`")
# Also at an empty line, and before a line that begins as a commit's or with a label ("feat: ...", "REMOVED: ...").
_SENTENCE_END = re.compile(
    r"[.!?][)\"'\u201d]?\s+|\n[ \t]*\n\s*|\n(?=[ \t]{0,8}(?:[A-Z][A-Z -]{2,30}|[a-z]{2,20}(?:\([^()\n]{0,60}\))?!?):\s)"
)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_COMMENT_OR_TAG = re.compile(r"<!--.*?-->|" + _TAG.pattern, re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class ReleaseNote:
    """What was published about one version; `first_line` is where its text begins in the source."""

    version: str
    text: str
    source: str
    first_line: int = 1

    @property
    def readable(self) -> bool:
        """Whether it is small enough to be taken apart."""
        return len(self.text) <= LARGEST_NOTE

    @functools.cached_property
    def lines(self) -> list[str]:
        return lines_of(self.text)

    @functools.cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Its text taken apart: once, since parsing is what costs and everything that judges a note goes over it."""
        return tuple(_blocks(self))

    @functools.cached_property
    def lowered(self) -> str:
        """All that is read of it in lower case: whether a word stands anywhere is asked before the blocks are gone through."""
        return "\n".join(block.lowered for block in self.blocks)


class Block(NamedTuple):
    """A heading, paragraph, list item or table cell: `shown` is what a person reads, `open` the same with code and addresses hidden."""

    line: int
    section: str
    kind: str
    shown: str
    open: str
    lowered: str  # `open` in lower case, equally long
    level: int = 0  # of a heading; 0 for anything else

    @property
    def is_heading(self) -> bool:
        return bool(self.level)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each sentence."""
    start = 0
    for end in [*(m.end() for m in _SENTENCE_END.finditer(text)), len(text)]:
        if end > start:
            yield start, end
        start = end


def _blocks(note: ReleaseNote) -> list[Block]:
    need(MarkdownIt, "markdown-it-py")
    if not note.readable:
        raise UpgradeError(too_large(note))
    environment: dict[str, Any] = {}
    found: list[Block] = []
    section, heading_level, outline = "top", 0, Outline()
    for token in parse_blocks(note.text, environment):
        if token.type == "heading_open":
            heading_level = int(token.tag[1:])
        elif token.type in ("inline", "html_block", "fence"):
            shown, visible = _text(token, note, environment)
            if heading_level:
                section = short(shown)
                outline.enter(heading_level, visible)
            line = note.first_line + (token.map[0] if token.map else 0) + (token.type == "fence")
            found.append(Block(line, section, outline.kind, shown, visible, lower(visible), heading_level))
            heading_level = 0
    return [block for block in found if block.shown.strip()]


def too_large(note: ReleaseNote) -> str:
    return (
        f"The release note {quote(note.source)} of {note.version} has {len(note.text)} characters, more than the limit of {LARGEST_NOTE}: "
        "give the note itself, not a bundle."
    )


def parse_blocks(text: str, environment: dict[str, Any]) -> list[Token]:
    """Blocks only: inline markup is parsed where it matters, which keeps a changelog of a thousand versions cheap."""
    return _block_parser(frozenset(rule for rule, marks in _MARKS.items() if not marks.search(text))).parse(text, environment)


@functools.cache
def _block_parser(without: frozenset[str]) -> MarkdownIt:
    return MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").disable(["inline", "text_join", *without])


@functools.cache
def _inline_parser() -> MarkdownIt:
    return MarkdownIt("commonmark")


def lines_of(text: str) -> list[str]:
    """Lines as Markdown and editors count them, not as str.splitlines() does."""
    return re.split(r"\r\n|\r|\n", text)


def _text(token: Any, note: ReleaseNote, environment: dict[str, Any]) -> tuple[str, str]:
    """(shown, open) of a block, equally long."""
    content: str = token.content
    if token.type == "fence":
        # A fence that nobody closed hides the rest of the note by mistake: its text is judged.
        return (content, content) if _unclosed(token, note.lines) else ("", "")
    if token.type == "html_block":
        text = without_markup(content)
        return text, _without_addresses(text)
    if len(content) > _LARGEST_BLOCK:
        return content, _without_addresses(content)
    if not _INLINE_MARKUP.search(content):
        if "`" not in content:
            return content, _without_addresses(content)
        return _CODE_SPAN.sub(_code, content), _without_addresses(_CODE_SPAN.sub(lambda match: _hidden(_code(match)), content))
    shown, visible = [], []
    in_autolink = False
    for child in _inline_parser().parseInline(content, environment)[0].children or []:
        if child.type in ("link_open", "link_close"):
            in_autolink = child.type == "link_open" and child.markup == "autolink"
        text = "\n" if child.type in ("softbreak", "hardbreak") else child.content
        if child.type == "html_inline":
            text = "\n" * text.count("\n")
        shown.append(text)
        visible.append(_hidden(text) if child.type == "code_inline" or in_autolink else text)
    return "".join(shown), _without_addresses("".join(visible))


def without_markup(text: str) -> str:
    """HTML without its tags and comments, equally long."""
    # Behind the last end of a comment none begins: looking for its end from every beginning takes the square of the time.
    head, end, tail = text.rpartition("-->")
    blank = functools.partial(re.sub, r"[^\n]", " ")
    return _COMMENT_OR_TAG.sub(lambda match: blank(match[0]), head + end) + _TAG.sub(lambda match: blank(match[0]), tail)


def _code(span: re.Match[str]) -> str:
    """What a span shows: one space at both ends belongs to the backticks."""
    text = span[1]
    return text[1:-1] if text[0] == text[-1] == " " and text.strip() else text


def _hidden(text: str) -> str:
    return "\n".join(HIDDEN * len(line) for line in text.split("\n"))


def _without_addresses(text: str) -> str:
    if "://" not in text:
        return text
    return re.sub(r"https?://[^\s<>()]+", lambda match: HIDDEN * len(match[0]), text, flags=re.IGNORECASE)


def _unclosed(token: Any, lines: list[str]) -> bool:
    last = lines[token.map[1] - 1].strip("> \t")
    return len(last) < len(token.markup) or bool(last.strip(token.markup[0]))


def one_line(text: str) -> str:
    return " ".join(text.split())


def short(text: str) -> str:
    """One printable line for evidence."""
    return quote(one_line(text), _LONGEST_SENTENCE).removeprefix('"').removesuffix('"')
