# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Markdown as its passages, one after another, with code and addresses told apart from what is said."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import need

try:
    import pyromark
except ImportError:
    pyromark = None  # type: ignore[assignment]

ADDRESS = re.compile(r"https?://[^\s<>()]+", re.IGNORECASE)
HIDDEN = "\0"  # stands for text that is code or an address, so that no word is found in it
# Tags of the parser that begin no passage of their own, what they hold belongs to the passage around them.
_INLINE = frozenset({"Emphasis", "Strong", "Link", "Image"})
_SPANS = frozenset({"Code", "InlineHtml"})
_CONTAINERS = frozenset({"BlockQuote", "Item"})
_ADDRESSES = frozenset({"Autolink", "Email"})
# What the parser says by a word alone: breaks of lines are text, and a rule between paragraphs says nothing.
_BREAKS = {"SoftBreak": ("Text", "\n"), "HardBreak": ("Text", "\n"), "Rule": ("Text", "")}
_VERBATIM = frozenset({"CodeBlock", "HtmlBlock"})
_RULER = re.compile(r"\n(?=[^\n]*\|)(?=[^\n]*-)[|: \t-]+(?=\n|\Z)")  # the line under a table's head
_CELL = re.compile(r"[^|\s](?:[^|\n]*[^|\s])?")
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_COMMENT_OR_TAG = re.compile(r"<!--.*?-->|" + _TAG.pattern, re.DOTALL | re.IGNORECASE)


class Passage(NamedTuple):
    """A heading, paragraph, list item, table cell, block of HTML, or a fence that nobody closed.

    `line` counts from 0; `shown` is what a person reads, `open` the same with code and addresses hidden, equally long;
    `level` is that of a heading and 0 for anything else; `nested` is within a list or a quotation.
    """

    line: int
    shown: str
    open: str
    level: int
    nested: bool


def passages(text: str) -> Iterator[Passage]:
    """What a person reads of a text, in its order; closed fences and indented code are not among it."""
    need(pyromark, "pyromark")
    return _Reader(text).read()


@functools.cache
def _parser() -> pyromark.Markdown:
    return pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES)


class _Reader:
    """Gathers the parser's events into passages; its places are bytes of UTF-8."""

    def __init__(self, text: str) -> None:
        self._source = _with_one_end(text.removeprefix("\ufeff")).replace(HIDDEN, "\ufffd").encode("utf-8", "replace")
        self._counted = self._line = 0  # how far lines were counted, and how many
        self._begin, self._shown, self._open = 0, list[str](), list[str]()
        self._level = self._depth = 0
        self._html = self._unread = self._address = False

    def read(self) -> Iterator[Passage]:
        events: Iterable[tuple[Any, Any]] = _parser().events_with_range(self._source.decode(), merge_text=True)
        for event, place in events:
            kind, value = _BREAKS[event] if isinstance(event, str) else event.popitem()  # each has one entry
            if kind in ("Start", "End"):
                starts = kind == "Start"
                tag, details = (value, {}) if isinstance(value, str) else value.popitem()
                if tag in _INLINE:
                    self._address = starts and tag == "Link" and details["link_type"] in _ADDRESSES
                    continue
                if self._shown:
                    passage = self._passage()
                    yield from _with_rows(passage) if "|" in passage.open and tag not in _VERBATIM else (passage,)
                if tag != "Paragraph":
                    self._enter(starts, tag, details, place)
            elif value and not self._unread:
                self._add(kind, value, place)

    def _enter(self, starts: bool, tag: str, details: Any, place: Any) -> None:
        if tag in _CONTAINERS:
            self._depth += 1 if starts else -1
        elif tag == "Heading":
            self._level = int(details["level"][1:]) if starts else 0
            if starts:
                self._begin, self._shown, self._open = place["start"], [""], [""]  # one without text ends a section, too
        elif tag == "HtmlBlock":
            self._html = starts
        elif tag == "CodeBlock":
            # A fence that nobody closed hides the rest of the note by mistake: its text is judged.
            self._unread = starts and (details == "Indented" or _closed(self._source[place["start"] : place["end"]].decode()))

    def _add(self, kind: str, text: str, place: Any) -> None:
        if not self._shown:
            self._begin = place["start"]
        if kind in _SPANS:
            # The line's end of a code span is told as a space, and what is behind it must stay in its line.
            breaks = self._source.count(b"\n", place["start"], place["end"])
            text = "\n" * breaks if kind == "InlineHtml" else text.replace(" ", "\n", breaks)
        self._shown.append(text)
        self._open.append(_hidden(text) if kind == "Code" or self._address else text)

    def _passage(self) -> Passage:
        self._line += self._source.count(b"\n", self._counted, self._begin)
        self._counted = self._begin
        shown, visible = "".join(self._shown), "".join(self._open)
        self._shown, self._open = [], []
        if self._html:
            shown = visible = without_markup(shown)
        return Passage(self._line, shown, _without_addresses(visible), self._level, self._depth > 0)


def _with_rows(passage: Passage) -> Iterator[Passage]:
    """A table right under a line of text, which GitHub shows as a table and the parser takes for more lines of that text."""
    ruler = _RULER.search(passage.open)
    head = passage.open.rfind("\n", 0, ruler.start()) + 1 if ruler else 0
    if not ruler or not head:
        yield passage
        return
    yield passage._replace(shown=passage.shown[: head - 1], open=passage.open[: head - 1])
    line, counted = passage.line, 0
    for cell in _CELL.finditer(passage.open, head):
        start, end = cell.span()
        line, counted = line + passage.open.count("\n", counted, start), start
        if not ruler.start() < start < ruler.end():
            yield passage._replace(line=line, shown=passage.shown[start:end], open=passage.open[start:end])


def lines_of(text: str) -> list[str]:
    """Lines as Markdown and editors count them, not as str.splitlines() does."""
    return _with_one_end(text).split("\n")


def _with_one_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def without_markup(text: str) -> str:
    """HTML without its tags and comments, equally long."""
    # Behind the last end of a comment none begins: looking for its end from every beginning takes the square of the time.
    head, end, tail = text.rpartition("-->")
    blank = functools.partial(re.sub, r"[^\n]", " ")
    return _COMMENT_OR_TAG.sub(lambda match: blank(match[0]), head + end) + _TAG.sub(lambda match: blank(match[0]), tail)


def _hidden(text: str) -> str:
    return "\n".join(HIDDEN * len(line) for line in text.split("\n")) if "\n" in text else HIDDEN * len(text)


def _without_addresses(text: str) -> str:
    if "://" not in text:
        return text
    return ADDRESS.sub(lambda match: HIDDEN * len(match[0]), text)


def _closed(fence: str) -> bool:
    """Whether a fence has its end: a last line of as many marks as the first begins with."""
    lines = fence.splitlines()
    marks = lines[0][: len(lines[0]) - len(lines[0].lstrip(lines[0][0]))]
    last = lines[-1].strip("> \t")
    return len(last) >= len(marks) and not last.strip(marks[0])
