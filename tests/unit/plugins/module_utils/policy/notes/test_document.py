# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a note is taken apart into."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import (
    LARGEST_NOTE,
    Block,
    ReleaseNote,
    sentences,
    short,
)


def blocks(text: str) -> tuple[Block, ...]:
    return ReleaseNote("1.5.0", text, "1.5.0.md").blocks


def test_a_sentence_is_never_empty() -> None:
    assert list(sentences("One. Two. ")) == [(0, 5), (5, 10)]
    assert list(sentences("")) == []


def test_what_is_no_heading_has_no_level() -> None:
    assert [(block.level, block.is_heading) for block in blocks("# A\n\nb\n\n## C\n")] == [(1, True), (0, False), (2, True)]


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
