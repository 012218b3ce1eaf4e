# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The four words of the Upgrades page, in all their forms, and in the other words that mean the same (docs/release-notes.md lists them)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.markdown import HIDDEN


@dataclass(frozen=True)
class Word:
    """One word; every form has one of its `stems`, and every sign one of its `marks`, which are cheaper to ask than the patterns."""

    name: str
    stems: tuple[str, ...]
    pattern: re.Pattern[str]  # of a text in lower case
    loose: re.Pattern[str]  # with the forms that mean it elsewhere than among the fixes
    marks: tuple[str, ...]
    sign: re.Pattern[str] | None  # what says the same without a word

    def stems_in(self, lowered: str) -> list[str]:
        return list(filter(lowered.__contains__, self.stems))

    def search(self, shown: str, lowered: str, *, fixes: bool = False) -> re.Match[str] | None:
        """The first of its forms in `lowered`, which is `shown` in lower case with code hidden; `fixes` is whether it stands among them."""
        word = (self.pattern if fixes else self.loose).search(lowered)
        if not self.sign or not any(map(lowered.__contains__, self.marks)):
            return word
        sign = next((hit for hit in self.sign.finditer(lowered) if _is_said(hit, shown)), None)
        return min((hit for hit in (word, sign) if hit), key=lambda hit: hit.start(), default=None)


def _is_said(hit: re.Match[str], shown: str) -> bool:
    """An arrow between two names renames; one between two numbers tells of values or versions."""
    return not hit[0].endswith(HIDDEN) or shown[hit.end() - 1].isalpha() or shown[hit.end() - 1] in "/_:"


def _word(name: str, stems: str, forms: str, *, loose: str = "", marks: str = "", signs: str = "") -> Word:
    patterns = _pattern(forms), _pattern(f"{forms}|{loose}" if loose else forms)
    return Word(name, tuple(stems.split()), *patterns, tuple(marks.split()), re.compile(signs) if signs else None)


def _pattern(forms: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{forms})(?![^\W_])")


# "feat!:" and "fix(api)!:" of conventional commits, and the explosion that stands for them.
_MARK = r"(?<![^\W_])[a-z]{2,20}(?:\([^()\n]{0,60}\))?!:|\U0001f4a5|:boom:"
_WARNING = r"\u26a0|:warning:"
# What asks something of whoever upgrades, without the word "breaking".
_DEMANDS = (
    r"must\snow|now\s(?:(?:[a-z]+ly|they|you|it)\s)?(?:must|requires?|required|mandatory|rejects?|rejected|refuses?|refused|forbids?|forbidden"
    r"|disallow(?:s|ed)?|den(?:y|ies|ied)|prohibit(?:s|ed)?)"
    r"|must\s(?:be\s(?:updated|migrated|changed|adapted|adjusted|converted|rewritten|recreated)|add|update|change|migrate|switch)"
    r"|action\srequired|manual\s(?:steps?|actions?|intervention|migrations?)|will\snot\sstart|refuses?\sto\sstart"
    r"|minimum\s[^.]{0,60}(?<![^\W_])(?:now|raised|increased|bumped)|affects?\sexisting"
    r"|behaviou?r(?:al)?\schanges?|behaviou?r\s(?:[^\s.]+\s){0,4}(?:now\s)?changed|chang(?:e|es|ed)\s(?:in|of|to)\s(?:the\s)?behaviou?r"
    r"|api\schanges?|(?:is|are|be)\s(?:rejected|refused|forbidden|disallowed)"
)
_BREAKING_STEMS = (
    "incompat compatible !: \U0001f4a5 :boom: now must required manual start minimum behavio affect api reject refuse forbid disallow"
)
_NO_LONGER = (
    r"(?:be|do(?:es)?|has|have|part|an?|the|possible|present|valid|configurable|maintained|bundled|working|exists?"
    r"|supports?|supported|available|accept(?:s|ed)?|reads?|honou?r(?:s|ed)?|respect(?:s|ed)?|recogni[sz]e[sd]?|used?|uses|served?|serves"
    r"|works?|evaluate[sd]?|underst(?:ands?|ood)|expose[sd]?|export(?:s|ed)?|answers?|includes?|included|ships?|shipped|provide[sd]?"
    r"|publish(?:es|ed)?|allow(?:s|ed)?|permit(?:s|ted)?|offer(?:s|ed)?|contains?|emit(?:s|ted)?|sends?|sent|writes?|written|listens?"
    r"|parse[sd]?|load(?:s|ed)?|install(?:s|ed)?|built|builds|set|sets|runs?\son|returns?(?!\s(?:an?\s|http\s)?(?:[45]\d\d|errors?|wrong|stale)))"
)
# Elsewhere than among the fixes, "no longer" and "stops" say that something is gone, except of a mistake or of a demand.
_NO_LONGER_ANYTHING = (
    r"no\slonger(?!\s(?:[a-z]+ly\s)?(?:crash|fail|panic|hang|leak|dead-?lock|los[et]|corrupt|count|flicker|overlap|freez|stall"
    r"|(?:gets?\s)?stuck|duplicat|times?\sout|throw|rais|causes?|blocks?(?![^\W_])|warn|truncat|overflow|grow|stop|ignor|experimental"
    r"|beta|alpha|deprecated|required?|needs?|needed|necessary|mandatory"
    r"|returns?\s(?:an?\s|http\s)?(?:[45]\d\d|errors?|wrong|stale)))"
)
_OFFERED = (
    r"(?:available|support|includ|ship|publish|releas|accept|read|work|serv|expos|print|sen[dt]|emit|contain|allow|appl(?:y|ies))[a-z]*"
)
_STOPS_ANYTHING = r"stop(?:s|ped)?\s(?!crash|fail|panic|hang|leak|flood|spam|los|during|nothing)(?:[a-z-]+\s)?[a-z]+ing"
_WITHHELD = (
    rf"(?:will\snot|won['\u2019]t)\s(?:be\s)?{_OFFERED}|now\sonly\s{_OFFERED}|(?:is|are)\s(?:[a-z]+\s)?not\ssupported"
    r"|(?:is|are|be)\s(?:now\s)?(?:ignored|dead|cleared|wiped|purged)|no\smore(?!\sthan)"
)
# Two names in code with an arrow or the like between them, and the words before "from X to Y" that make it more than a new value.
_CODE = rf"{HIDDEN}[\"'*]{{0,2}}"
_ARROW = r"(?:\u2192|\u21d2|\u279c|\u2794|[-=]{1,2}>|becomes?|became|is\snow|are\snow|(?:(?:is|was|has\sbeen)\s)?changed\sto)"
_NAMED = r"(?:names?|paths?|flags?|keys?|options?|fields?|labels?|metrics?|endpoints?|prefix|urls?|modules?|packages?|imports?|image)"

WORDS = (
    _word(
        "breaking",
        f"break broke \u26a0 :warning: {_BREAKING_STEMS}",
        r"(?<!line\s)(?<!line-)(?<!page\s)breaks?|breaking|breakages?|broken?"
        r"|incompatib(?:le|ly|ility|ilities)"
        rf"|(?:not|no\slonger)\s(?:[a-z]+[\s-]){{0,2}}compatible|{_DEMANDS}",
        marks="!: \U0001f4a5 :boom: \u26a0 :warning:",
        signs=rf"{_MARK}|{_WARNING}",
    ),
    _word(
        "remove",
        "remov drop delet discontinu retir gone withdr eliminat longer more support life eol sunset commission phas taken away ceas ripped"
        " scrapped effect ignored dead stop 404 410 will won only cleared wiped purged unexport revert",
        r"remov(?:e|es|ed|al|als|ing)|dropped|dropping|(?<!drag\sand\s)(?<!drag-and-)drops?(?!-?\s?(?:in|downs?|shadows?)(?![^\W_]))"
        r"|delet(?:e(?!\s/)|es|ed|ing|ions?)|discontinu(?:e|es|ed|ing|ation)|retir(?:e|es|ed|ing|ement)|gone|withdr(?:awn?|aws|ew|awal)"
        rf"|eliminat(?:e|es|ed|ing|ion)|no\slonger\s{_NO_LONGER}|(?:not|[a-z]{{2,6}}n['\u2019]t)\s(?:[^\s.]+\s){{1,4}}any\s?more"
        r"|unsupported|end[\s-]of[\s-]life|end-of-support|(?:end|out)\sof\ssupport"
        r"|eol|sunset(?:s|ted|ting)?|decommission(?:s|ed|ing)?|phas(?:e|es|ed|ing)[\s-]out"
        r"|taken\s(?:out|away)|(?:goes|go|going|went)\saway|ceas(?:e|es|ed)|ripped\sout|scrapped|ha(?:s|ve)\sno\seffect"
        r"|stop(?:s|ped)?\s(?:support|accept|read|honou?r|work|expos|serv)[a-z]*"
        rf"|{_WITHHELD}|unexport(?:s|ed)?|revert(?:s|ed|ing)?"
        r"|(?:answers?|returns?|responds?)\s(?:with\s)?(?:http\s)?(?:404|410)",
        loose=rf"{_NO_LONGER_ANYTHING}|{_STOPS_ANYTHING}",
    ),
    _word(
        "rename",
        "nam move moving instead relocat replac supersed favor favour succe formerly called known merged folded consolidated lives"
        " \u2192 \u21d2 \u279c \u2794 -> => become became now changed from",
        r"re-?nam(?:e|es|ed|ing|ings)|moved|mov(?:es?|ing)\s(?:to|into|under)|relocat(?:e|es|ed|ing|ion)|replac(?:es?|ed|ing)"
        r"|moves?\s(?:[\w-]+\s){1,5}(?:to|into|under)|chang(?:e|es|ed|ing)\s(?:[\w-]+\s){0,4}names?"
        r"|names?\s(?:[^\s.]+\s){0,4}changed|now\s[^.]{1,80}\sinstead\sof"
        r"|supersed(?:e|es|ed|ing)|in\sfavou?r\sof|succeeded\sby|successor|formerly|(?:now|previously|was|were|be|is|are)\s(?:called|named)"
        r"|(?:now|previously|better)\sknown\sas|now\slives|new\snames?|(?:merged|folded|consolidated)\sinto",
        marks="\u2192 \u21d2 \u279c \u2794 -> => become became now changed from",
        signs=rf"(?:{_CODE}\s?{_ARROW}|(?<![^\W_]){_NAMED}\s[^.]{{0,60}}?from\s{HIDDEN}+\s?to)\s?[\"'*]{{0,2}}{HIDDEN}",
    ),
    _word("policy", "polic", r"polic(?:y|ies)"),
)
# "Broken" and "breaks" are said of what is mended as well; these are said of the release itself.
BREAKS_PROMISE = _word(
    "breaking",
    f"breaking {_BREAKING_STEMS}",
    r"(?<!non-)(?<!non )(?<!\bnot a )breaking|incompatib(?:le|ly|ility|ilities)|(?:not|no\slonger)\s(?:[a-z]+[\s-]){0,2}compatible"
    rf"|{_DEMANDS}",
    marks="!: \U0001f4a5 :boom:",
    signs=_MARK,
)
