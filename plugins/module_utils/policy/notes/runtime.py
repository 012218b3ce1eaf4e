# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runtimes that a release note estimates, in seconds (docs/release-notes.md says which forms are recognised)."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote, sentences
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.lower_case import lower

_UNIT_SECONDS = {"h": 3600, "m": 60, "s": 1}
_WORDS: dict[str, float] = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_WORDS |= {"a couple of": 2, "a few": 5, "some": 5, "several": 5, "a half": 0.5, "half a": 0.5, "half an": 0.5, "a quarter of an": 0.25}
_WORDS |= {"three quarters of an": 0.75}
_WORDS |= {"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "sixty": 60, "ninety": 90}
_AMOUNT = rf"\d{{1,6}}(?:[.,]\d{{1,3}})?|{'|'.join(sorted(_WORDS, key=len, reverse=True))}"
_UNIT = r"h(?:(?:ou)?rs?)?|min(?:ute)?s?|s(?:ec(?:ond)?s?)?"
_HYPHENATED = "|".join(word for word in _WORDS if "-" in word)
_DURATION = re.compile(
    # The lower end of a range; "1 hour and 30 minutes" is none, nor is the hyphen of "forty-five minutes".
    rf"(?<![\w.,:/])(?!a\ssecond)(?:(?!(?:{_HYPHENATED})\s?(?:{_UNIT}))(?:{_AMOUNT})(?:(?:[\s-]?(?:{_UNIT}))?\s?"
    r"(?:-|\u2013|\u2014|to|or)\s?|\sand\s(?!a\shalf)))?"
    rf"(?P<high>{_AMOUNT})(?:\s(?P<and_half>and\sa\shalf))?(?:[\s-]|(?<=\d))(?:(?P<unit>{_UNIT})|(?P<go>(?-i:m))(?![\s-]))(?![^\W\d_])"
    r"(?P<half>\sand\sa\shalf)?(?:,?\s?(?:and\s)?(?P<more>\d{1,6})\s?(?P<small>m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)(?![^\W_]))?",
    re.IGNORECASE,
)
# What every duration has, in a text in lower case; cheaper to ask than its pattern.
_UNITS = re.compile(rf"[\d\s-](?:{_UNIT}|m(?![\s-]))(?![^\W\d_])")
# How long something takes is said either so ("about", "takes") ...
_HEDGE = re.compile(
    r"(?:(?<![^\W_])(?:about|around|approximately|approx\.?|roughly|circa|ca\.|up to|between|at most|takes?|lasts?"
    r"|needs?)|[~\u2248])\s{0,2}$",
    re.IGNORECASE,
)
# ... or in a sentence about work on stored data, or under a heading about runtimes.
_WORK = re.compile(
    r"(?<![^\W_])(?:run-?\s?times?|durations?|estimat(?:e|es|ed|ion)|expect|downtime|maintenance windows?"
    r"|migrat(?:es?|ions?|ing)|upgrade takes"
    r"|re-?writ(?:es?|ing)|re-?index(?:es|ing)?|back-?fill(?:s|ing)?|re-?build(?:s|ing)?|conver(?:ts?|ting|sion)|re-?encrypt(?:s|ing|ion)?"
    r"|takes?|took|lasts?)(?![^\W_])",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"\W*(?:(?:estimated|expected|approximate) )?(?:run-?\s?times?|durations?|downtime)\W*(?:\([^()]*\)\W*)?", re.IGNORECASE
)
_SETTING = (
    r"time-?outs?|time limits?|intervals?|ttls?|cach(?:e|es|ed|ing)|expir(?:e|es|ed|y)|retention|lifetimes?"
    r"|poll(?:s|ed|ing)?|refresh(?:es|ed)?"
    r"|heartbeats?|keep-?alives?|retr(?:y|ies|ied)|back-?offs?|(?<!maintenance )windows?|debounce|grace periods?"
    r"|lease|scrape[sd]?|flush(?:es|ed)?"
    r"|delay(?:s|ed)?|sessions?|tokens?|older|ago|late|later|earlier|faster|slower|shorter"
)
_OF_SETTING = re.compile(rf"(?<![^\W_])(?:{_SETTING})(?![^\W_])", re.IGNORECASE)
# What makes a duration a setting, a rate or the past, whatever the sentence is about: words just before or just after it.
_BEFORE = re.compile(
    r"(?<![^\W_])(?:(?:every|each|per|instead of|rather than|down from|used to take|no longer (?:takes?|needs?|lasts?)|last|past)\W{1,3}"
    r"|(?:time-?outs?|intervals?|ttl|retention|lifetime|delay|cach(?:e|ed)|poll(?:s|ed)?|retr(?:y|ies|ied)|expires?"
    r"|refresh(?:es|ed)?|older)"
    rf"\W{{1,3}}(?:\w{{1,12}}\W{{1,3}}){{0,4}})(?:(?:about|around|up to|than)\s|{_HEDGE.pattern})?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[\s-]{1,2}(?:\w{1,12}\s)?(?:time-?outs?|time limits?|intervals?|ttl|cache|retention|delay"
    r"|(?<!maintenance )window|grace|periods?|lease"
    r"|ago|late|later|earlier|faster|shorter|old)(?![^\W_])",
    re.IGNORECASE,
)
_SIZE = re.compile(r"\W{0,3}(?:on|for|with|per|at)\s(?:[a-z]+\s){0,2}(?:\d|millions?|thousands?|small|large|big)", re.IGNORECASE)
_NEAR = 60  # characters before a duration in which the words stand that belong to it


def runtime_seconds(note: ReleaseNote) -> int:
    """The sum of the runtimes that the note estimates."""
    return _runtime_seconds(note)


@functools.cache
def _runtime_seconds(note: ReleaseNote) -> int:
    if not _UNITS.search(note.lowered):
        return 0
    return round(sum(_seconds_in(block.open, block.lowered, block.section) for block in note.blocks))


def seconds_in(visible: str, heading: str = "") -> float:
    """The runtimes that a text without code estimates, under its heading; 0 when it estimates none."""
    return _seconds_in(visible, lower(visible), heading)


def _seconds_in(visible: str, lowered: str, heading: str) -> float:
    if not _UNITS.search(lowered):
        return 0
    units = (visible[start:end] for start, end in sentences(visible) if _UNITS.search(lowered, start, end))
    return sum(_of_sentence(sentence, heading) for sentence in units)


def _of_sentence(sentence: str, heading: str) -> float:
    """Several durations are added, unless they are told for several sizes: then the longest counts."""
    durations = list(_DURATION.finditer(sentence))
    found = list(_estimates(sentence, durations, heading)) if durations else []
    amounts = [_seconds(match) for match in found]
    sizes = any(_SIZE.match(sentence, match.end()) for match in found)
    return max(amounts) if sizes else sum(amounts)


def _estimates(sentence: str, durations: Iterable[re.Match[str]], heading: str) -> Iterator[re.Match[str]]:
    about_work = _WORK.search(sentence) is not None or _HEADING.fullmatch(heading) is not None
    about_setting = not about_work and _OF_SETTING.search(sentence) is not None
    for match in durations:
        before = sentence[max(0, match.start() - _NEAR) : match.start()]
        if _BEFORE.search(before) or _AFTER.match(sentence, match.end()):
            continue
        if about_work or (not about_setting and _HEDGE.search(before)):
            yield match


def _seconds(match: re.Match[str]) -> float:
    """The upper end of a range, and both parts of "1 h 30 min"."""
    unit = _UNIT_SECONDS[(match["unit"] or match["go"])[0].lower()]
    total = _amount(match["high"]) * unit + (0.5 * unit if match["half"] or match["and_half"] else 0)
    return total + (_amount(match["more"]) * _UNIT_SECONDS[match["small"][0].lower()] if match["more"] else 0)


def _amount(number: str) -> float:
    """1.5 and 1,5 are one and a half; 1,200 is twelve hundred."""
    words = " ".join(number.lower().split())
    return _WORDS[words] if words in _WORDS else float(number.replace(",", "" if re.search(r",\d{3}$", number) else "."))
