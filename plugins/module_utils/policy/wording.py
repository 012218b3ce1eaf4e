# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the words of a release note say happened to the thing beside them: removed, renamed, deprecated, added, required.

When in doubt the more serious word wins: a finding too many is read and answered, one too few is an outage. All patterns
are of a text in lower case.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.lower_case import lower

What = Literal["removed", "renamed", "added", "deprecated", "changed-default", "required"]


def _any(*forms: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?<!-)(?:{'|'.join(forms)})(?![\w-])")


_GONE = r"removed|dropped|deleted|renamed|replaced|retired|discontinued|withdrawn"
# What would be read as its contrary: "not removed", "no longer deprecated", "(added in 1.3)".
_NOT_SAID = _any(
    r"(?:not|never|nothing|no keys?|none|isn't|aren't|wasn't)\s(?:(?:been|be|yet|being|was|is|are|were)\s)?"
    rf"(?:{_GONE}|deprecated|required|mandatory|needed)"
    r"|no longer\s(?:deprecated|required|mandatory|needed|experimental|ignored|fails?|crashes|logged|logs)"
    r"|(?:first\s)?(?:added|introduced|new)\s(?:in|since|with)\s(?:version\s)?v?\d[\w.]*"
    rf"|(?:accidentally|mistakenly|wrongly)\s(?:{_GONE})|(?:{_GONE})\s(?:in\s\S{{1,40}}\s)?by\s(?:mistake|accident|error)"
    r"|(?:restart|roll-?out|log-?in|tokens?|roles?|permissions?)\s(?:(?:is|are)\s)?(?:required|needed|mandatory)|not\srequire|without\s(?:restart|removing)"
)
_STAYS = _any(
    r"continues? to (?:work|function|be)|still (?:works?|supported|accepted|read|honou?red)|unaffected"
    r"|remains? (?:available|supported|as)|is kept"
)
_CONDITION = _any(r"when|if|once|unless|while|whenever")
_FUTURE_FORMS = (
    rf"(?:will|shall|may|might|going to|due to|planned to|scheduled to|about to|to)\s(?:then\s)?be\s(?:{_GONE})"
    r"|(?:scheduled|slated|planned|marked|due|candidates?)\sfor\sremoval|removal\s(?:is\s)?(?:planned|scheduled|due|follows|will|in|with)"
    r"|will\s(?:cease|stop|go away|disappear|no longer|not\sbe)|(?:will|to)\sgo\saway|end of life in"
)
_BACK_FORMS = r"restor(?:e|es|ed|ing)|reinstat\w{2,3}|re-?introduc\w{1,3}|brought back|works? again|is back|un-?deprecated|revert(?:ed|s)?"
_DEFAULT_FORMS = "defaults?"
_VERB_FORMS: dict[What, str] = {
    "removed": (
        r"remov(?:e|es|ed|al|als|ing)|drop(?:s|ped|ping)?|delet(?:e|es|ed|ing)|gone|discontinued|retired?|withdrawn|eliminat\w{1,3}|dead|"
        r"no longer (?:supported|read|available|accepted|honou?red|exists?|recogni[sz]ed|used|served|has|have|works?|evaluated|present"
        r"|understood|exposed|exported|part of|configurable|does|reads?|accepts?|supports?|exposes?|answers?|an?)"
        r"|(?:is|are) (?:now )?ignored|has no effect|have no effect|ceased to exist|ripped out|answers? (?:with )?(?:404|410)"
        r"|taken (?:out|away)"
    ),
    "renamed": r"re-?nam(?:e|es|ed|ing)|replaced|replaces|superseded|supersedes|moved|now (?:called|named|known as)|formerly",
    "deprecated": r"deprecat(?:e|es|ed|ing|ion|ions)|obsolete|legacy|discouraged",
    "added": (
        r"new|add(?:s|ed|ing|itions?)?|introduc(?:e|es|ed|ing)|configurable|(?:can|may) (?:now |optionally )?be "
        r"(?:set|configured|changed|tuned|switched|limited|enabled|disabled|chosen|given|named|turned)|now available|first time"
        r"|controlled by"
    ),
    "required": r"required|mandatory|compulsory|obligatory|must (?:now )?(?:be|set|have|contain)|requires?|needs? to be (?:set|given)",
}
_FUTURE, _BACK, _DEFAULT = _any(_FUTURE_FORMS), _any(_BACK_FORMS), _any(_DEFAULT_FORMS)
_VERBS = {what: _any(forms) for what, forms in _VERB_FORMS.items()}
# All that may make something of a clause: one search tells of most that they say nothing.
_SAYS = _any(*_VERB_FORMS.values(), _FUTURE_FORMS, _BACK_FORMS, _DEFAULT_FORMS)
_CHANGED = _any(
    r"now|chang(?:e|es|ed)|rais(?:e|es|ed)|lower(?:s|ed)?|increas(?:e|es|ed)|decreas(?:e|es|ed)|reduc(?:e|es|ed)|instead of|flipped"
    r"|switched"
)
_OPTIONAL = _any(r"optional(?:ly)?|not required|not mandatory|no longer required|no longer mandatory|need not")
_ONLY_THEN = re.compile(r"(?:required|mandatory|must be set|must set|needed)\W{1,3}(?:only|if|when|once|unless)\b")
_MANDATORY = _any(
    r"required|mandatory|compulsory|obligatory|must (?:now )?(?:be (?:set|given|provided|configured|present|added|filled)|set|have|contain)"
    r"|needs? to be (?:set|given|provided)|ha(?:s|ve) to be (?:set|given|provided)"
    r"|(?:does|do|will) not start without|refuses to start without|requires?\s(?:[a-z]+\s){0,4}(?=\0)"
)
_VALUE = r"[^\s,;()|]{1,80}"
_DEFAULT_VALUE = re.compile(
    rf"\bdefaults?(?:\svalue)?(?:\sof\s\0+)?(?:\s?[:=]|\s(?:is|are|to|of|now|remains|stays|was|has|been|changed|raised|lowered))*\s?"
    rf"(?:from\s(?P<old>{_VALUE})\sto\s)?(?P<value>{_VALUE})",
)
_FROM_TO = re.compile(rf"\bfrom\s{_VALUE}\sto\s(?P<value>{_VALUE})")
_NO_VALUE = {"is", "to", "value", "of", "for", "and", "or", "that", "now", "has", "changed", "the", "in", "on", "was", "are"}
_REMOVAL_VERSION = re.compile(
    r"\b(?:in|with|by|from|until|before|as of|for)\s(?:(?:version|release|ampora)\s){0,2}"
    r"(v?\d{1,6}\.\d{1,6}(?:\.\d{1,6})?|v\d{1,6}|(?<=ampora\s)\d{1,6}|(?<=version\s)\d{1,6})(?!\w)",
)
_ARROW = r"(?:→|⇒|➜|➔|[-=]{1,2}>)"
_ONLY_ARROW = re.compile(rf"\W{{0,4}}{_ARROW}\W{{0,4}}")
_TO_NEW = re.compile(
    rf"^{_ONLY_ARROW.pattern}$|\b(?:replaced\s(?:by|with)|superseded\sby|in\sfavou?r\sof|successor)\b"
    r"|\b(?:is\snow|are\snow|called|named|known\sas|becomes?)\s(?:just\s)?\W{0,3}$",
)
_TAKE = re.compile(r"\b(?:uses?|set|configure|migrate\sto|switch\sto|move\sto)\s(?:the\s)?(?:new\s)?(?:[a-z]+\s){0,2}\W{0,3}$")
_TAKES_OVER = re.compile(
    r"^\W{0,3}(?:is|are|as)\s(?:its|their|the)\s(?:new\s)?(?:successors?|replacements?)|^\W{0,3}(?:replaces|supersedes)\s(?:it|them)\b"
    r"|^\W{0,3}takes?\s(?:its|their)\splace|^\W{0,3}instead\b",
)
_RENAMED_TO = re.compile(r"\b(?:renamed|moved|changed|merged|folded|now)?\b[^.;]{0,40}?\b(?:to|into|as|by)\b")
_TO_OLD = re.compile(
    r"\b(?:replaces|supersedes|formerly|previously|instead\sof|rather\sthan|was\scalled|used\sto\sbe|takes\sthe\splace\sof|succeeds)\b",
)
_RENAMING = _any(r"re-?nam(?:e|es|ed|ing)|moved?|merged|folded")
_INSTEAD = _any(r"instead|use|switch to|migrate to|replacement|successor|set|replaces it|supersedes it|takes its place")


class Verb(NamedTuple):
    what: What
    start: int


def verb(clause: str) -> Verb | None:
    """What a clause says happened, and where it says so; None when it says nothing of the kind."""
    lowered = lower(clause)
    if not _SAYS.search(lowered):
        return None
    said = _NOT_SAID.sub(lambda match: "\0" * len(match[0]), lowered)
    condition = _CONDITION.search(said)
    said = said[: condition.start()] if condition and condition.start() > 0 else "" if condition else said
    if back := _BACK.search(said):
        return Verb("added", back.start())
    if _STAYS.search(said):
        return None
    future = _FUTURE.search(said)
    if future:
        return Verb("deprecated", future.start())
    found = {what: match.start() for what, pattern in _VERBS.items() if (match := pattern.search(said))}
    if changed := _changed_default(said, found):
        return changed
    return next((Verb(what, start) for what, start in found.items()), None)


def _changed_default(said: str, found: dict[What, int]) -> Verb | None:
    """ "The default is now 5" changes one; "new key, default 5" does not."""
    default = _DEFAULT.search(said)
    if default and not set(found) & {"removed", "renamed", "deprecated", "added"} and _CHANGED.search(said):
        return Verb("changed-default", default.start())
    return None


def is_mandatory(sentence: str) -> bool:
    """Whether a sentence asks for a value: not when it calls it optional, nor when it is asked for in some case only."""
    text = lower(sentence)
    if not _MANDATORY.search(text) or _OPTIONAL.search(text) or _ONLY_THEN.search(text):
        return False
    return _MANDATORY.search(_NOT_SAID.sub("", text)) is not None


def is_optional(sentence: str) -> bool:
    return _OPTIONAL.search(lower(sentence)) is not None


def default_value(sentence: str) -> str:
    """The default that a sentence states."""
    text = lower(sentence)
    for pattern in (_DEFAULT_VALUE, _FROM_TO) if _DEFAULT.search(text) else ():
        for match in pattern.finditer(text):
            value = sentence[match.start("value") : match.end("value")].strip("\"'`.:!?")
            if value and value.lower() not in _NO_VALUE and "\0" not in value:
                return value
    return ""


def removal_version(sentence: str) -> str:
    """The version in which a sentence says that something will go ("will be removed in 1.7")."""
    text = lower(sentence)
    future = _FUTURE.search(text)
    named = _REMOVAL_VERSION.search(text, future.start()) if future else None
    return named[1].lstrip("v") if named else ""


def says_it_stays(sentence: str) -> bool:
    """Whether a sentence says that the thing works on for now."""
    text = lower(sentence)
    return _STAYS.search(text) is not None or _FUTURE.search(text) is not None


def says_future(sentence: str) -> bool:
    return _FUTURE.search(lower(sentence)) is not None


def leads_to_new(between: str, sentence: str, *, going: bool) -> bool:
    """Whether the words between two things say that the second takes the place of the first; advice counts for what is `going`."""
    text = lower(between)
    if _TO_NEW.search(text) or (going and _TAKE.search(text)):
        return True
    return _RENAMED_TO.search(text) is not None and _RENAMING.search(lower(sentence)) is not None


def is_arrow(between: str) -> bool:
    return _ONLY_ARROW.fullmatch(between) is not None


def leads_to_old(between: str) -> bool:
    """Whether the words between two things say that the first takes the place of the second."""
    return _TO_OLD.search(lower(between)) is not None


def takes_over(after: str) -> bool:
    """Whether the words after a thing say that it takes the place of the one before it ("is its successor")."""
    return _TAKES_OVER.search(lower(after)) is not None


def names_replacement(sentence: str) -> bool:
    """Whether a sentence tells what to use ("Use X instead")."""
    return _INSTEAD.search(lower(sentence)) is not None
