# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a note says that there is no breaking change, removal, rename or policy change.

Only plain forms count, and none of them beside a word of exception: a denial that is missed is read by a person, a statement that is
taken for a denial is read by nobody. All patterns are of a text in lower case.
"""

from __future__ import annotations

import re

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote, one_line
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.markdown import HIDDEN, without_markup

_KIND = r"(?:(?:known|further|other|user-facing|backwards?[ -])\s?){0,2}"
_SUBJECT = (
    rf"(?:{_KIND}(?:breaking|incompatible) (?:(?:api|config|configuration|schema|database) )?changes?|breakages?|incompatibilities"
    r"|removals?|renam(?:es?|ings?)|deletions?|policy changes?"
    r"|(?:behaviou?r(?:al)?|api) changes?|manual (?:steps?|actions?|intervention|migrations?)|actions?(?= required))"
)
_THIS = r"(?:this|the) (?:release|version|update|patch)"
_SUBJECTS = rf"{_SUBJECT}(?:(?:, (?:and |or |nor )?| and | or | nor )(?:no )?{_SUBJECT}){{0,8}}"
_THINGS = (
    r"(?:(?:configuration|config|api|public|existing) )?"
    r"(?:keys?|settings?|options?|endpoints?|metrics?|features?|apis?|columns?|tables?|fields?)"
)
_GONE = r"(?:removed|renamed|dropped|deleted)"
_END = r"(?=\s?(?:[.!;,)\]]|$))"
_PHRASE = re.compile(
    r"(?<![^\W_])(?:"
    rf"(?:there (?:are|is|were|have been) |{_THIS} (?:has|have|contains?|includes?|introduces?|brings?|comes with) )?"
    rf"(?:no|zero|without(?: any)?) {_SUBJECTS}(?:(?: (?:is|are))? (?:required|needed|necessary))?(?: (?:in|with|for|by) {_THIS})?"
    rf"|{_SUBJECT}(?: in {_THIS})?\s?(?:[:\u2013\u2014-]|(?:is|are))\s?(?:none|no|nothing|n/a|not applicable|0)"
    rf"|(?:nothing|no {_THINGS}) (?:was|were|is|are|has been|have been) {_GONE}(?:(?:, | or | and | nor ){_GONE}){{0,4}}(?: in {_THIS})?"
    rf"){_END}",
)
_DENYING = re.compile(r"(?<![^\W_])(?:no|not|none|nothing|zero|without|n/a|0)(?![^\W_])")
_EXCEPTION = re.compile(
    r"(?<![^\W_])(?:but|unless|except(?:ions?|ing)?|however|apart|aside|besides|although|though|if|when|most|almost|other than|save for|yet"
    r"|still|nevertheless|so far)(?![^\W_])",
)
_NONE = re.compile(
    rf"(?:\[x\] )?(?:there (?:are|is) )?(?:none|nothing|no|n\.?/?a\.?|not applicable|nil|[-\u2013\u2014])(?: in {_THIS})?[.!]?",
)
_ALONE = re.compile(rf"[\W_]{{0,4}}{_SUBJECT}[\s:?]{{0,3}}")
# A template for merge requests that nobody ticked: "[ ] Breaking change (something that ...)". Another open box may be a thing to do.
_UNTICKED = re.compile(
    rf"\[ \] [\W_]{{0,4}}(?:(?:this|it|the change) (?:is|has|contains|introduces|includes) )?(?:an? |any )?{_SUBJECT}"
    r"(?:\s?\([^()]{0,200}\)|\s?[:\u2013\u2014-]\s?(?:fix|a change|change|feature)[^.]{0,200})?[.?!]?",
)
_SPACE = re.compile(r"\s")
_RULE = re.compile(r"^[ =*_-]+$", re.MULTILINE)  # also the line under a heading


def without_denials(sentence: str, following: str) -> str:
    """A sentence in lower case with what it denies hidden, equally long; `following` is what comes after it."""
    if "[ ]" in sentence and _UNTICKED.fullmatch(one_line(sentence)):
        return HIDDEN * len(sentence)
    if not _DENYING.search(sentence):  # cheaper to ask than the phrases
        return sentence
    line = _SPACE.sub(" ", sentence)  # equally long, so that a denial may go over the end of a line
    denial = _PHRASE.search(line)
    if not denial or _EXCEPTION.search(line) or "only" in line[denial.end() :] or _EXCEPTION.match(following):
        return sentence
    return _PHRASE.sub(lambda match: HIDDEN * len(match[0]), line)


def is_empty(note: ReleaseNote, number: int) -> bool:
    """Whether a heading, a line or a cell only names a kind of change and then says that there is none of it."""
    block, *after = note.blocks[number : number + 3]
    if block.is_heading and (not after or after[0].is_heading):
        return bool(after) and after[0].level <= block.level and _is_blank(note, block.line, after[0].line)
    if not after or not (block.is_heading or _ALONE.fullmatch(one_line(block.lowered))):
        return False
    texts = [one_line(other.lowered) for other in after]
    if block.is_heading and len(after) > 1 and not after[1].is_heading:
        return False
    return _is_none(texts[0]) and not any(_EXCEPTION.match(text) for text in texts[1:])


def _is_none(text: str) -> bool:
    return _NONE.fullmatch(text) is not None or _PHRASE.fullmatch(text.rstrip(".!")) is not None


def _is_blank(note: ReleaseNote, heading: int, following: int) -> bool:
    """Whether nothing but comments stands between two headings; the last one of a note may have been cut off, so it is not asked."""
    between = "\n".join(note.lines[heading - note.first_line + 1 : following - note.first_line])
    return not _RULE.sub("", without_markup(between)).strip()
