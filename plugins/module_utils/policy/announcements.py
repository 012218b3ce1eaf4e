# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the items of a release note announce: which key or endpoint is removed, renamed, added, deprecated or required."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ansible_collections.ampora.upgrades.plugins.module_utils.policy import wording
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.note_tables import table_rows
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.subjects import LONGEST, Kind, Subject, covers, find
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.wording import What

if TYPE_CHECKING:
    from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import Item

# Each begins with the characters of which one must be there, since looking for those is what a pattern does fast.
_SENTENCE_END = re.compile(r"[.!?;](?:(?<=;)\s|(?<!;)[)\"'\u201d]?\s+(?=\S))")
_CLAUSE_END = re.compile(
    r"[,:\s](?:(?<=,)\s(?:and\s|but\s|while\s|whereas\s)?|(?<=:)\s|(?<=\s)(?:and|but|while|whereas|then|[\u2013\u2014-])\s)"
)
_ADR = re.compile(r"\bADRs?[-\s#:]{0,2}\d{1,5}(?:\s?(?:,|/|and|&)\s?(?:ADR[-\s#]?)?\d{1,5}(?![\w.]))*", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_BLANK = "\0"  # stands for each character of a thing
_BY_SECTION: dict[str, What] = {"removals": "removed", "deprecations": "deprecated"}


class Announcement(NamedTuple):
    """One thing that a note says of one subject; `subject` is the comparable form, `name` the one that stands in the note."""

    what: What
    subject: str
    kind: Kind
    item: Item
    version: str
    name: str = ""
    replacement: str = ""
    default: str = ""
    mandatory: bool = False
    removal_version: str = ""

    def about(self) -> Subject:
        return Subject(self.kind, self.name, self.subject)


@dataclass(frozen=True)
class AdrReference:
    """A decision record that an item names."""

    adr: str  # "ADR-016", with the digits that the note gives
    item: Item
    version: str

    def to_dict(self) -> dict[str, str]:
        return {"adr": self.adr, "version": self.version, "text": self.item.text}


@dataclass
class _Said:
    """A sentence: its words with the things in it blanked out, and where they stand."""

    text: str
    subjects: list[Subject]

    def between(self, first: Subject, second: Subject) -> str:
        return self.text[first.end : second.start]


class _Clause(NamedTuple):
    """A part of a sentence: where it ends, what its verb says, and whether that leads its things (None: one is missing)."""

    end: int
    what: What | None
    leads: bool | None


def announcements(items: Iterable[Item], version: str) -> list[Announcement]:
    """Everything that the items of a version's note announce, each once."""
    found: dict[Announcement, None] = {}
    for item, sentence in table_rows(items):
        for announced in _of_item(sentence, version):
            found[announced if item is sentence else announced._replace(item=item)] = None
    return list(found)


def adrs(items: Iterable[Item], version: str = "") -> list[AdrReference]:
    """The decision records that the items trace to, in their order."""
    found = []
    for item in (item for item in items if "adr" in item.lowered):
        numbers = [number for match in _ADR.finditer(item.text) for number in _NUMBER.findall(match[0])]
        found += [AdrReference(f"ADR-{number}", item, version) for number in dict.fromkeys(numbers)]
    return found


def _of_item(item: Item, version: str) -> list[Announcement]:
    found: list[Announcement] = []
    subjects = find(item.text, item.open)
    for said in _sentences(item, subjects) if subjects else ():
        if said.subjects:
            new = list(_of_sentence(said, item, version))
            if found and not found[-1].replacement and wording.names_replacement(said.text) and not _says_more(new):
                found = [_replaced(last, said.subjects[0]) for last in found]
            else:
                found += new
        elif found:
            found[-1] = _completed(found[-1], said.text)
    return [_mandatory_is_required(announced) for announced in found]


def _says_more(found: Sequence[Announcement]) -> bool:
    """Whether a sentence is more than advice."""
    saying = {"removed", "renamed", "added", "changed-default"}
    return any(announced.what in saying and announced.item.kind != "removals" for announced in found)


def _replaced(announced: Announcement, by: Subject) -> Announcement:
    if announced.what not in {"removed", "renamed", "deprecated"} or announced.replacement or covers(by, announced.about()):
        return announced
    return announced._replace(replacement=by.name)


def _completed(announced: Announcement, sentence: str) -> Announcement:
    """What a sentence without a thing of its own adds to the last one, such as "It is required"."""
    works_on = announced.what == "renamed" and wording.says_it_stays(sentence)
    return announced._replace(
        what="deprecated" if works_on else announced.what,
        default=announced.default or wording.default_value(sentence),
        mandatory=(announced.mandatory or wording.is_mandatory(sentence)) and not wording.is_optional(sentence),
        removal_version=announced.removal_version or wording.removal_version(sentence),
    )


def _mandatory_is_required(announced: Announcement) -> Announcement:
    """Only what a deployment has to set can be mandatory."""
    if not announced.mandatory or (announced.kind == "key" and announced.what in {"added", "required"}):
        return announced
    return announced._replace(mandatory=False)


def _sentences(item: Item, subjects: Sequence[Subject]) -> Iterator[_Said]:
    blanked = list(item.text[:LONGEST])
    for subject in subjects:
        blanked[subject.start : subject.end] = _BLANK * (subject.end - subject.start)
    text = "".join(blanked)
    start = 0
    for end in [*(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]:
        inside = [subject.after(start) for subject in subjects if start <= subject.start < end]
        if text[start:end].strip():
            yield _Said(text[start:end], inside)
        start = end


def _of_sentence(said: _Said, item: Item, version: str) -> Iterator[Announcement]:
    successors = _successors(said, item)
    came = set(successors.values())
    default, removal = wording.default_value(said.text), wording.removal_version(said.text)
    mandatory = wording.is_mandatory(said.text)
    verbs = _verbs(said, item, default)
    for subject in said.subjects:
        if subject in came:
            continue
        successor = successors.get(subject)
        what = _what_of_pair(said, item) if successor else verbs.get(subject)
        if what:
            new = successor.name if successor and successor.kind == subject.kind else ""
            stated = default if what in {"added", "changed-default", "required"} else ""
            going = removal if what == "deprecated" else ""
            yield Announcement(what, subject.key, subject.kind, item, version, subject.name, new, stated, mandatory, going)


def _successors(said: _Said, item: Item) -> dict[Subject, Subject]:
    """(what gives place -> what stays in the end): of "A -> B -> C", A and B both lead to C."""
    if len(said.subjects) < 2:
        return {}
    found = wording.verb(said.text)
    going = item.kind in _BY_SECTION or (found is not None and found.what in {"removed", "renamed", "deprecated"})
    leads: dict[Subject, Subject] = {}
    new: set[Subject] = set()
    for first, second in zip(said.subjects, said.subjects[1:], strict=False):
        between = said.between(first, second)
        if first in leads or (first in new and not wording.is_arrow(between)) or (covers(first, second) and covers(second, first)):
            continue
        if wording.leads_to_old(between):
            leads[second] = first
            new.add(first)
        elif wording.leads_to_new(between, said.text, going=going) or (going and wording.takes_over(said.text[second.end :])):
            leads[first] = second
            new.add(second)
    ends: dict[Subject, Subject] = {}
    for given in reversed(leads):
        ends[given] = ends.get(leads[given], leads[given])
    return ends


def _what_of_pair(said: _Said, item: Item) -> What:
    """Something that gives place to another is renamed, unless the words or the section say more."""
    found = wording.verb(said.text)
    if found and found.what == "removed":
        return "removed"
    if (found and found.what == "deprecated") or item.kind == "deprecations" or wording.says_it_stays(said.text):
        return "deprecated"
    return "renamed" if found and found.what == "renamed" else _BY_SECTION.get(item.kind, "renamed")


def _verbs(said: _Said, item: Item, default: str) -> dict[Subject, What]:
    """What is said of each thing: by the verb of its own clause, else by that of the clause it is listed with, else by the section."""
    clauses = list(_clauses(said))
    nearest = {}
    for subject in said.subjects:
        number = next(index for index, clause in enumerate(clauses) if subject.start < clause.end)
        nearest[subject] = _nearest(number, clauses)
    fallback = _of_section(item, said.text, default) if {None, "required"} & set(nearest.values()) else None
    found: dict[Subject, What] = {}
    for subject, by_verb in nearest.items():
        what = by_verb or fallback
        if what == "required" and (fallback == "added" or not wording.is_mandatory(said.text)):
            what = fallback
        if what == "deprecated" and item.kind == "removals" and not wording.says_future(said.text):
            what = "removed"  # "deprecated since 1.3" says how long it was known
        if what == "renamed" and item.kind == "deprecations":
            what = "deprecated"  # the old name works on
        if what:
            found[subject] = what
    return found


def _clauses(said: _Said) -> Iterator[_Clause]:
    start = 0
    for end in [*(match.end() for match in _CLAUSE_END.finditer(said.text)), len(said.text)]:
        clause = said.text[start:end]
        verb, things = wording.verb(clause), clause.find(_BLANK)
        yield _Clause(end, verb.what if verb else None, verb.start < things if verb and things >= 0 else None)
        start = end


def _nearest(number: int, clauses: Sequence[_Clause]) -> What | None:
    """ "Removed A, B and C": the verb goes on. "A, B and C were removed": it comes."""
    if clauses[number].what:
        return clauses[number].what
    before = next((clause for clause in reversed(clauses[:number]) if clause.what), None)
    after = next((clause for clause in clauses[number:] if clause.what), None)
    for clause, leads in ((before, True), (after, False)):
        if clause and clause.leads in {None, leads}:
            return clause.what
    chosen = before or after
    return chosen.what if chosen else None


def _of_section(item: Item, sentence: str, default: str) -> What | None:
    """What an item means that only names a thing: its heading says it."""
    if item.kind in _BY_SECTION:
        return _BY_SECTION[item.kind]
    heading = wording.verb(item.section)
    if heading and heading.what in {"renamed", "added", "required"}:
        return heading.what if heading.what != "required" else "added"
    if item.kind == "features" and (default or wording.is_optional(sentence)):
        return "added"
    return None
