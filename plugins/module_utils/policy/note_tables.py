# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of tables in release notes as sentences: what a cell means stands in the head of its column."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.lower_case import lower
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.subjects import find

if TYPE_CHECKING:
    from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import Item

_BETWEEN = " | "
_DEFAULT = re.compile(r"\bdefaults?\b", re.IGNORECASE)
_REQUIRED = re.compile(r"\b(?:required|mandatory)\b", re.IGNORECASE)
_NEW = re.compile(r"\b(?:new|now|use|instead|replacement|replaced by|successor|after)\b", re.IGNORECASE)
_OLD = re.compile(r"\b(?:old|formerly|previous(?:ly)?|replaces|before)\b", re.IGNORECASE)
_YES = re.compile(r"\W*(?:yes|y|true|required|mandatory|x|always)\W*|[✓✔✅☑]\ufe0f?", re.IGNORECASE)
_EMPTY = re.compile(r"\W*(?:none|n/a|empty)?\W*", re.IGNORECASE)


def table_rows(items: Iterable[Item]) -> Iterator[tuple[Item, Item]]:
    """(what stands in the note, what it says): the cells of one row as one item; whatever is no table twice as it is."""
    head: list[str] = []
    for _place, line in itertools.groupby(items, key=lambda item: (item.source, item.line, item.section)):
        found = list(line)
        row = _joined(found)
        cells = row.text.split(_BETWEEN)
        if len(cells) < 2:
            head = []
            yield from ((item, item) for item in found)
        elif find(row.text, row.open):
            text = _BETWEEN.join(_said(cells, head, row))
            yield row, row._replace(text=text, lowered=lower(text))
        else:
            head = cells
            yield row, row


def _joined(items: list[Item]) -> Item:
    if len(items) == 1:
        return items[0]
    text, visible = (_BETWEEN.join(parts) for parts in ([item.text for item in items], [item.open for item in items]))
    return items[0]._replace(text=text, open=visible, lowered=lower(text))


def _said(cells: list[str], head: list[str], row: Item) -> Iterator[str]:
    heads = head if len(head) == len(cells) else [""] * len(cells)
    for number, (name, cell) in enumerate(zip(heads, cells, strict=True)):
        if _DEFAULT.search(name):
            yield "" if _EMPTY.fullmatch(cell) else f"default {cell}"
        elif _REQUIRED.search(name):
            yield "required" if _YES.fullmatch(cell) else "optional"
        elif number and _OLD.search(name):
            yield f"formerly {cell}"
        elif number and (_NEW.search(name) or (row.kind in {"removals", "deprecations"} and _is_one_thing(cell))):
            yield f"successor {cell}"
        else:
            yield cell


def _is_one_thing(cell: str) -> bool:
    return [found.name for found in find(cell, "")] == [cell.strip()]
