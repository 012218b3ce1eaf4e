# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release note as Markdown: its headings, paragraphs, list items and table cells, with code and addresses told apart."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.lower_case import lower
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.markdown import lines_of, passages
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.sections import Outline

LARGEST_NOTE = 1024 * 1024  # characters; a release note is a page, and more than this is something else
_LONGEST_SENTENCE = 240
# Also at an empty line, and before a line that begins as a commit's or with a label ("feat: ...", "REMOVED: ...").
_SENTENCE_END = re.compile(
    r"[.!?\n](?:(?<!\n)[)\"'\u201d]?\s+"
    r"|(?<=\n)(?:[ \t]*\n\s*|(?=[ \t]{0,8}(?:[A-Z][A-Z -]{2,30}|[a-z]{2,20}(?:\([^()\n]{0,60}\))?!?):\s)))"
)


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


def _blocks(note: ReleaseNote) -> Iterator[Block]:
    if not note.readable:
        raise UpgradeError(too_large(note))
    section, outline = "top", Outline()
    for passage in passages(note.text):
        if passage.level:
            section = short(passage.shown)
            outline.enter(passage.level, passage.open)
        if passage.shown.strip():
            line = note.first_line + passage.line
            yield Block(line, section, outline.kind, passage.shown, passage.open, lower(passage.open), passage.level)


def too_large(note: ReleaseNote) -> str:
    return (
        f"The release note {quote(note.source)} of {note.version} has {len(note.text)} characters, more than the limit of {LARGEST_NOTE}: "
        "give the note itself, not a bundle."
    )


def one_line(text: str) -> str:
    return " ".join(text.split())


def short(text: str) -> str:
    """One printable line for evidence."""
    return quote(one_line(text), _LONGEST_SENTENCE).removeprefix('"').removesuffix('"')
