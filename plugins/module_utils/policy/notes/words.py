# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What in a release note a person must read: the four words of the Upgrades page, in all their forms."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import (
    LARGEST_NOTE,
    Block,
    ReleaseNote,
    one_line,
    short,
    too_large,
)

_MOST_EVIDENCE = 20


def _word(forms: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{forms})(?![^\W_])", re.IGNORECASE)


# The words for which the product's Upgrades page tells people to skim the notes, in all their forms.
_WORDS = {
    "breaking": _word(r"break|breaks|breaking|breakages?|broken?"),
    "remove": _word(r"remov(?:e|es|ed|al|als|ing)"),
    "rename": _word(r"re-?nam(?:e|es|ed|ing|ings)"),
    "policy": _word(r"polic(?:y|ies)"),
}
_STEMS = ("break", "broke", "remov", "renam", "polic")
_SUBJECT = r"(?:(?:known )?(?:breaking (?:api |config |configuration |schema )?changes?|removals?|renam(?:es?|ings?)|policy changes?))"
_DENIAL = re.compile(
    rf"(?:(?:there (?:are|is|were) |this (?:release|version) has )?no {_SUBJECT}(?:(?:, and |, or |, | and | or )(?:no )?{_SUBJECT})*"
    rf"(?: (?:in|with) this (?:release|version))?|{_SUBJECT}: none)[.!]?",
    re.IGNORECASE,
)
_NONE = re.compile(r"(?:none|nothing|n/a)(?: in this (?:release|version))?[.!]?", re.IGNORECASE)


def scan(note: ReleaseNote) -> list[Finding]:
    """One finding to acknowledge for each of the page's words that the note uses, with every place as evidence."""
    if len(note.text) > LARGEST_NOTE:
        return [Finding("note-too-large", "block", too_large(note), note.version)]
    if not _may_hold_words(note.text):
        return []  # parsing is what costs, and many notes need none
    places: dict[str, list[str]] = {word: [] for word in _WORDS}
    found = note.blocks
    for number, block in enumerate(found):
        if block.is_heading and _says_none(found, number):
            continue
        for offset, shown, visible in block.sentences():
            if _DENIAL.fullmatch(one_line(visible)):
                continue
            for word, pattern in _WORDS.items():
                hit = pattern.search(visible)
                if hit:
                    line = block.line + block.open.count("\n", 0, offset + hit.start())
                    places[word].append(f"{note.source}:{line} [{block.section}] {short(shown)}")
    return [_word_finding(note, word, where) for word, where in places.items() if where]


def _word_finding(note: ReleaseNote, word: str, places: list[str]) -> Finding:
    finding_id = f"word-{word}"
    key = Finding(finding_id, "ack", "", note.version).ack_key
    count = "one place" if len(places) == 1 else f"{len(places)} places"
    text = f'The release notes of {note.version} use the word "{word}" in {count}: read them, then set {key}: "true" in ampora_acks.'
    rest = len(places) - _MOST_EVIDENCE
    evidence = tuple(places[:_MOST_EVIDENCE]) + ((f"{note.source}: and {rest} more places",) if rest > 0 else ())
    return Finding(finding_id, "ack", text, note.version, evidence)


def _says_none(found: Sequence[Block], heading: int) -> bool:
    """Whether all that stands under a heading is "None.": the kinds of the page are listed even when they are empty."""
    body = list(itertools.takewhile(lambda block: not block.is_heading, found[heading + 1 :]))
    text = one_line(body[0].open) if len(body) == 1 else ""
    return bool(_NONE.fullmatch(text) or _DENIAL.fullmatch(text))


def _may_hold_words(text: str) -> bool:
    """Whether the letters of a word stand anywhere, be there markup between them; an entity may be any letter."""
    joined = re.sub(r"<[^<>]*>|\]\([^()]*\)", "", text)
    letters = re.sub(r"[\W\d_]+", "", f"{text} {joined}").lower()
    return "&" in text or any(stem in letters for stem in _STEMS)
