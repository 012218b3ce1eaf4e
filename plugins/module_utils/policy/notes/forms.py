# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The four words of the Upgrades page, in all their forms, and in the other words that mean the same (docs/release-notes.md lists them)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import HIDDEN


@dataclass(frozen=True)
class Word:
    """One word; `stems` are letters of which every form has some, which is cheaper to ask than the pattern."""

    name: str
    stems: tuple[str, ...]
    pattern: re.Pattern[str]

    def stems_in(self, lowered: str) -> list[str]:
        return [stem for stem in self.stems if stem in lowered]

    def search(self, shown: str, visible: str) -> re.Match[str] | None:
        """The first of its forms in `visible`, which is `shown` with code and addresses hidden."""
        return next((hit for hit in self.pattern.finditer(visible) if _is_said(hit, shown)), None)


def _is_said(hit: re.Match[str], shown: str) -> bool:
    """An arrow between two names renames; one between two numbers tells of values or versions."""
    return not hit[0].endswith(HIDDEN) or shown[hit.end() - 1].isalpha() or shown[hit.end() - 1] in "/_:"


def _word(name: str, stems: str, forms: str, *, signs: str = "") -> Word:
    pattern = rf"(?<![^\W_])(?:{forms})(?![^\W_])" + (f"|{signs}" if signs else "")
    return Word(name, tuple(stem.replace("_", " ") for stem in stems.split()), re.compile(pattern, re.IGNORECASE))


# "feat!:" and "fix(api)!:" of conventional commits, and the explosion that stands for them.
_MARK = r"(?<![^\W_])[a-z]{2,20}(?:\([^()\n]{0,60}\))?!:|\U0001f4a5|:boom:"
# What follows "no longer" where something is taken away; most bug fixes say it as well ("no longer crashes").
_NO_LONGER = (
    r"(?:be|do(?:es)?|has|have|part|an?|the|possible|present|valid|configurable|maintained|bundled|working|exists?"
    r"|supports?|supported|available|accept(?:s|ed)?|reads?|honou?r(?:s|ed)?|respect(?:s|ed)?|recogni[sz]e[sd]?|used?|uses|served?|serves"
    r"|works?|evaluate[sd]?|underst(?:ands?|ood)|expose[sd]?|export(?:s|ed)?|answers?|includes?|included|ships?|shipped|provide[sd]?"
    r"|publish(?:es|ed)?|allow(?:s|ed)?|permit(?:s|ted)?|offer(?:s|ed)?|contains?|emit(?:s|ted)?|sends?|sent|writes?|written|listens?"
    r"|parse[sd]?|load(?:s|ed)?|install(?:s|ed)?|built|builds|set|sets|runs?\son|returns?(?!\s(?:an?\s|http\s)?(?:[45]\d\d|errors?|wrong|stale)))"
)
_CODE = rf"{HIDDEN}[\"'*]{{0,2}}"
_ARROW = r"(?:\u2192|\u21d2|\u279c|\u2794|[-=]{1,2}>|becomes?|became|is\snow|are\snow)"

WORDS = (
    _word(
        "breaking",
        "break broke incompat compatible !: \U0001f4a5 :boom:",
        r"(?<!line\s)(?<!line-)(?<!page\s)breaks?|breaking|breakages?|broken?"
        r"|incompatib(?:le|ly|ility|ilities)"
        r"|(?:not|no\slonger)\s(?:[a-z]+[\s-]){0,2}compatible",
        signs=_MARK,
    ),
    _word(
        "remove",
        "remov drop delet discontinu retir gone withdr eliminat longer more unsupported of-support of_support life eol sunset"
        " commission phas taken away ceas ripped scrapped effect ignored dead stop 404 410",
        r"remov(?:e|es|ed|al|als|ing)|dropped|dropping|(?<!drag\sand\s)(?<!drag-and-)drops?(?!-?\s?(?:in|downs?|shadows?)(?![^\W_]))"
        r"|delet(?:e(?!\s/)|es|ed|ing|ions?)|discontinu(?:e|es|ed|ing|ation)|retir(?:e|es|ed|ing|ement)|gone|withdr(?:awn?|aws|ew|awal)"
        rf"|eliminat(?:e|es|ed|ing|ion)|no\slonger\s{_NO_LONGER}|(?:not|[a-z]{{2,6}}n['\u2019]t)\s(?:[^\s.]+\s){{1,4}}any\s?more"
        r"|unsupported|end[\s-]of[\s-]life|end-of-support|(?:end|out)\sof\ssupport"
        r"|eol|sunset(?:s|ted|ting)?|decommission(?:s|ed|ing)?|phas(?:e|es|ed|ing)[\s-]out"
        r"|taken\s(?:out|away)|(?:goes|go|going|went)\saway|ceas(?:e|es|ed)|ripped\sout|scrapped|ha(?:s|ve)\sno\seffect"
        r"|(?:is|are)\s(?:now\s)?(?:ignored|dead)|stop(?:s|ped)?\s(?:support|accept|read|honou?r|work|expos|serv)[a-z]*"
        r"|(?:answers?|returns?|responds?)\s(?:with\s)?(?:http\s)?(?:404|410)",
    ),
    _word(
        "rename",
        f"nam moved moving relocat replac supersed favor favour succe formerly called known merged folded consolidated {HIDDEN} lives",
        r"re-?nam(?:e|es|ed|ing|ings)|moved|mov(?:es?|ing)\s(?:to|into|under)|relocat(?:e|es|ed|ing|ion)|replac(?:es?|ed|ing)"
        r"|supersed(?:e|es|ed|ing)|in\sfavou?r\sof|succeeded\sby|successor|formerly|(?:now|previously|was|were|be|is|are)\s(?:called|named)"
        r"|(?:now|previously|better)\sknown\sas|now\slives|new\snames?|(?:merged|folded|consolidated)\sinto",
        signs=rf"{_CODE}\s?{_ARROW}\s?[\"'*]{{0,2}}{HIDDEN}",
    ),
    _word("policy", "polic", r"polic(?:y|ies)"),
)
# "Broken" and "breaks" are said of what is mended as well; these are said of the release itself.
BREAKS_PROMISE = _word(
    "breaking",
    "breaking incompat compatible !: \U0001f4a5 :boom:",
    r"(?<!non-)(?<!non )(?<!\bnot a )breaking|incompatib(?:le|ly|ility|ilities)|(?:not|no\slonger)\s(?:[a-z]+[\s-]){0,2}compatible",
    signs=_MARK,
)
