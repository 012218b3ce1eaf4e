# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The items of a release note, each with its kind and its place."""

from __future__ import annotations

import functools
from typing import NamedTuple

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import Block, ReleaseNote, one_line, short
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.lower_case import lower
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.sections import KINDS


class Item(NamedTuple):
    """A list item, paragraph or cell; `open` is `text` with code and addresses hidden, `lowered` in lower case, both equally long."""

    kind: str
    section: str  # the heading as written
    line: int
    text: str
    open: str
    source: str
    lowered: str

    def place(self) -> str:
        """Where it stands, and what it says, as one line of evidence."""
        return f"{self.source}:{self.line} [{self.section}] {short(self.text)}"


def items(note: ReleaseNote) -> list[Item]:
    """All items in the note's order, headings left out."""
    return list(_items(note))


@functools.cache
def _items(note: ReleaseNote) -> tuple[Item, ...]:
    return tuple(_item(block, note.source) for block in note.blocks if not block.is_heading)


def _item(block: Block, source: str) -> Item:
    text = one_line(block.shown)
    visible = text if block.open == block.shown else one_line(block.open)
    return Item(block.kind, block.section, block.line, text, visible, source, lower(text))


def sections(note: ReleaseNote) -> dict[str, list[str]]:
    """The items' texts by the kinds of the Upgrades page."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for item in items(note):
        found[item.kind].append(item.text)
    return found
