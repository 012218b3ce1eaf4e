# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What in a release note a person must read: the four words of the Upgrades page, in all their forms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.denials import is_empty, without_denials
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import (
    Block,
    ReleaseNote,
    sentences,
    short,
    too_large,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.forms import BREAKS_PROMISE, WORDS, Word

_MOST_EVIDENCE = 20


def scan(note: ReleaseNote) -> list[Finding]:
    """One finding to acknowledge for each of the page's words that the note uses, with every place as evidence."""
    if not note.readable:
        return [Finding("note-too-large", "block", too_large(note), note.version)]
    places: dict[str, list[str]] = {word.name: [] for word in WORDS}
    for name, place in _places(note, WORDS):
        places[name].append(place)
    return [_word_finding(note, word, where) for word, where in places.items() if where]


def breaking_places(note: ReleaseNote) -> list[str]:
    """Where a note says of the release that it breaks something; "fixed the broken link" says it of another one."""
    return [place for _name, place in _places(note, (BREAKS_PROMISE,))]


def _places(note: ReleaseNote, wanted: Sequence[Word]) -> Iterator[tuple[str, str]]:
    """(word, place) of each sentence that says one of the wanted words and does not deny it."""
    present = [(word, stems) for word in wanted if (stems := word.stems_in(note.lowered))]
    for number, block in enumerate(note.blocks if present else ()):
        words = [(word, stems) for word, stems in present if any(map(block.lowered.__contains__, stems))]
        following = note.blocks[number + 1].lowered if number + 1 < len(note.blocks) else ""
        said = list(_said(block, words, following)) if words else []
        for word, line, shown in [] if said and is_empty(note, number) else said:
            yield word, f"{note.source}:{line} [{block.section}] {short(shown)}"


def _said(block: Block, words: list[tuple[Word, list[str]]], following: str) -> Iterator[tuple[str, int, str]]:
    """(word, line, sentence)."""
    fixes = block.kind == "fixes"
    for start, end in sentences(block.open):
        shown, lowered = block.shown[start:end], block.lowered[start:end]
        # Most sentences say none of the words: only where one does, what it denies is looked for.
        alone = len(lowered) == len(block.lowered)
        hinted = [word for word, stems in words if alone or any(map(lowered.__contains__, stems))]
        used = [word for word in hinted if word.search(shown, lowered, fixes=fixes)]
        said = without_denials(lowered, block.lowered[end:] or following) if used else ""
        for word in used:
            hit = word.search(shown, said, fixes=fixes)
            if hit:
                yield word.name, block.line + block.open.count("\n", 0, start + hit.start()), shown


def _word_finding(note: ReleaseNote, word: str, places: list[str]) -> Finding:
    finding_id = f"word-{word}"
    key = Finding(finding_id, "ack", "", note.version).ack_key
    count = "one place" if len(places) == 1 else f"{len(places)} places"
    text = f'The release notes of {note.version} use the word "{word}" in {count}: read them, then set {key}: "true" in ampora_acks.'
    rest = len(places) - _MOST_EVIDENCE
    evidence = tuple(places[:_MOST_EVIDENCE]) + ((f"{note.source}: and {rest} more places",) if rest > 0 else ())
    return Finding(finding_id, "ack", text, note.version, evidence)
