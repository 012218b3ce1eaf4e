# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do the release notes keep what the Upgrades page promises: removals on top and never silent, deprecated for one full MINOR before,
new keys optional, rewrites with a runtime, a PATCH drop-in. A broken promise means that the rest of the notes deserves a second look.
"""

from __future__ import annotations

import functools
import itertools
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.announcements import Announcement, announcements
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import Item, items
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.patch import judge_patch
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.rewrites import rewrites
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.runtime import seconds_in
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.subjects import Subject, covers, find
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import Change, after_up_to, bare, parse

if TYPE_CHECKING:
    import semver

_MOST_EVIDENCE = 20
_LAST = 3  # earlier notes that are named
_BREAKING = re.compile(r"\bbreaking\b", re.IGNORECASE)
_KEY_LIST = re.compile(r"\b(?:keys|settings|environment variables|options)\b", re.IGNORECASE)
_PART_OF_KEYS = re.compile(r"\b(?:new|add|remov|renam|deprecat|chang|fix|drop|feature)", re.IGNORECASE)
_KEY_WORD = re.compile(r"[a-z0-9]+")
_NO_WORD = re.compile(r"[\W\d]+")


@dataclass(frozen=True)
class _Read:
    """A note with its version, taken apart when it is asked for: most of a long history never is."""

    version: semver.Version
    note: ReleaseNote
    rank: int  # among all known versions: comparing versions a million times takes seconds

    @functools.cached_property
    def name(self) -> str:
        return bare(self.version)

    @functools.cached_property
    def lowered(self) -> str:
        return self.note.text.lower()

    @functools.cached_property
    def items(self) -> tuple[Item, ...]:
        return tuple(items(self.note))

    @functools.cached_property
    def said(self) -> tuple[Announcement, ...]:
        return _said(self.note)

    @functools.cached_property
    def deprecated(self) -> tuple[Subject, ...]:
        return tuple(announced.about() for announced in self.said if announced.what == "deprecated")

    def may_name(self, word: str) -> bool:
        """Whether the last word of a subject stands anywhere in the note, before the note is taken apart."""
        return word in self.lowered


def _last_word(subject: Subject) -> str:
    words: list[str] = _KEY_WORD.findall(subject.key)
    return words[-1] if words else ""


def judge(notes: Sequence[ReleaseNote], current: semver.Version, target: semver.Version, change: Change) -> list[Finding]:
    """Every promise that the notes after current up to target break; `notes` are all that are known, in any order."""
    known = _known(notes)
    brought = after_up_to(known, current, target, key=lambda read: read.version)
    of_hop = [read for read in brought if not read.version.prerelease or read.version == target]
    findings: list[Finding] = []
    for read in of_hop:
        findings += _not_on_top(read)
        findings += _silent(read, known)
        findings += _vanished(read, known)
        findings += _not_deprecated(read, known)
        findings += [] if change == "major" else _mandatory(read)
        findings += _without_runtime(read)
        findings += judge_patch(read.note, read.name, read.said) if change == "patch" else []
    return findings


def _known(notes: Sequence[ReleaseNote]) -> list[_Read]:
    """The notes in the order of their versions; what is no version is refused where the notes are chosen."""
    by_version: dict[str, tuple[semver.Version, list[ReleaseNote]]] = {}
    for note in notes:
        try:
            version = parse(note.version, "the version of a release note")
        except UpgradeError:
            continue
        by_version.setdefault(bare(version), (version, []))[1].append(note)
    ordered = sorted(by_version.values(), key=itemgetter(0))
    return [
        _Read(version, note, rank)
        for rank, (version, same) in enumerate(ordered)
        for note in sorted(same, key=lambda note: (note.source, note.first_line))
    ]


def _before(read: _Read, known: list[_Read]) -> list[_Read]:
    """The notes of earlier versions, in order."""
    return known[: bisect_left(known, read.rank, key=lambda other: other.rank)]


@functools.cache
def _said(note: ReleaseNote) -> tuple[Announcement, ...]:
    return tuple(announcements(items(note), note.version))


def _gone(read: _Read) -> list[Announcement]:
    """What the note says is no longer there, each thing once."""
    found: dict[tuple[str, str], Announcement] = {}
    for announced in read.said:
        if announced.what in {"removed", "renamed"}:
            first = found.setdefault((announced.kind, announced.subject), announced)
            if _called_out(announced.item) and not _called_out(first.item):
                found[announced.kind, announced.subject] = announced
    return list(found.values())


def _called_out(item: Item) -> bool:
    """Whether it stands where the product promises removals to stand."""
    return item.kind == "removals" or _BREAKING.search(item.section) is not None


# --- removals on top, and never silent


def _not_on_top(read: _Read) -> Iterator[Finding]:
    removals = [item for item in read.items if item.kind == "removals"]
    before = [item for item in read.items if item.kind in {"features", "fixes"} and removals and item.line < removals[0].line]
    if before:
        text = (
            f"The release notes of {read.name} tell their removals after {quote(before[0].section)}, and the product promises them at the"
            " top: read these notes to their end."
        )
        yield Finding("removals-not-on-top", "info", text, read.name, (removals[0].place(),))


def _silent(read: _Read, known: list[_Read]) -> Iterator[Finding]:
    """Told, but not among the removals. A rename may be advice; it counts when an earlier note shows that the thing existed."""
    gone = _gone(read)
    called_out = [announced.about() for announced in gone if _called_out(announced.item)]
    for announced in gone:
        if any(covers(subject, announced.about()) for subject in called_out):
            continue
        earlier = _mentions(announced.about(), read, known)
        if announced.what == "removed" or earlier:
            told = f"under {quote(announced.item.section)}" if announced.item.section else "under no heading"
            yield _silent_finding(read, announced.name, f"is {announced.what} {told} and not among the removals", announced.item, earlier)


def _vanished(read: _Read, known: list[_Read]) -> Iterator[Finding]:
    """Listed in an earlier note's table of all keys, and missing in the same table of this one without a word."""
    for section, present in _key_lists(read).items():
        before = next((lists[section] for other in reversed(_before(read, known)) if section in (lists := _key_lists(other))), {})
        missing = [(subject, item) for subject, item in before.items() if not any(covers(subject, other) for other in present)]
        if len(missing) * 2 > len(before):
            continue  # lists of what is new in each version, not of all there is
        for subject, item in missing:
            if not any(covers(announced.about(), subject) for announced in _gone(read)):
                yield _silent_finding(read, subject.name, f"is missing under {quote(item.section)} without a removal entry", item, ())


def _silent_finding(read: _Read, name: str, how: str, item: Item, earlier: Sequence[str]) -> Finding:
    key = Finding("silent-removal", "ack", "", read.name).ack_key
    text = (
        f"In the release notes of {read.name} {quote(name)} {how}, and the product promises that no removal is silent: check whether you"
        f' use it, then set {key}: "true" in ampora_acks.'
    )
    return Finding("silent-removal", "ack", text, read.name, (item.place(), *earlier))


def _key_lists(read: _Read) -> dict[str, dict[Subject, Item]]:
    """The keys under each heading such as "Configuration keys", the section's name without its version as the name."""
    found: dict[str, dict[Subject, Item]] = {}
    for item in read.items:
        if _KEY_LIST.search(item.section) and not _PART_OF_KEYS.search(item.section):
            section = _NO_WORD.sub(" ", item.section).strip().lower()
            for subject in find(item.text, item.open)[:1]:
                if subject.kind == "key":
                    found.setdefault(section, {}).setdefault(Subject("key", subject.name, subject.key), item)
    return found


def _mentions(subject: Subject, read: _Read, known: list[_Read]) -> tuple[str, ...]:
    """Where earlier notes show that the thing existed."""
    word = _last_word(subject)
    earlier = (other for other in reversed(_before(read, known)) if other.may_name(word))
    said = (a for other in earlier for a in reversed(other.said) if a.what not in {"removed", "renamed"} and covers(subject, a.about()))
    return tuple(announced.item.place() for announced in itertools.islice(said, _LAST))[::-1]


# --- deprecated for one full MINOR before


def _not_deprecated(read: _Read, known: list[_Read]) -> Iterator[Finding]:
    gone = _gone(read)
    earlier = _before(read, known) if gone else []
    for announced in gone:
        kept, first = _warning(announced.about(), read, earlier, known)
        if kept:
            continue
        if first:
            told = f"was deprecated only in {first}"
        elif _reaches_back(read, earlier):
            told = f"is deprecated in no note from {earlier[0].name} on"
        else:
            text = (
                f"{quote(announced.name)} is {announced.what} in {read.name}, and whether it was deprecated before is not known: the notes"
                " of the MINOR before are not at hand; add them to ampora_release_notes to have it checked."
            )
            yield Finding("deprecation-unknown", "info", text, read.name, (announced.item.place(),))
            continue
        key = Finding("removal-not-deprecated", "ack", "", read.name).ack_key
        text = (
            f"{quote(announced.name)} is {announced.what} in {read.name} and {told}, less than the full MINOR that the product promises:"
            f' check whether you use it, then set {key}: "true" in ampora_acks.'
        )
        yield Finding("removal-not-deprecated", "ack", text, read.name, (announced.item.place(),))


def _warning(subject: Subject, read: _Read, earlier: list[_Read], known: list[_Read]) -> tuple[bool, str]:
    """Whether an earlier note warned of it for a full MINOR, and else the first version that warned at all."""
    word, first = _last_word(subject), ""
    for other in earlier:
        if other.may_name(word) and any(covers(said, subject) for said in other.deprecated):
            if _full_minor(other.version, read.version, known):
                return True, ""
            first = first or other.name
    return False, first


def _full_minor(since: semver.Version, gone: semver.Version, known: list[_Read]) -> bool:
    """Whether one MINOR went by from its first version on with the warning, before the MINOR in which the thing is gone."""
    if (since.major, since.minor) >= (gone.major, gone.minor):
        return False
    if since.patch == 0 or (since.major == gone.major and gone.minor > since.minor + 1):
        return True
    lines = {(read.version.major, read.version.minor) for read in known}
    return any((since.major, since.minor) < line < (gone.major, gone.minor) for line in lines)


def _reaches_back(read: _Read, earlier: list[_Read]) -> bool:
    """Whether the notes at hand begin no later than the first version of the MINOR before."""
    gone = (read.version.major, read.version.minor)
    before = [(other.version.major, other.version.minor) for other in earlier if (other.version.major, other.version.minor) < gone]
    if not before:
        return False
    major, minor = max(before)
    if major == gone[0] and minor < gone[1] - 1:
        return False
    return any((other.version.major, other.version.minor) < (major, minor) or other.version.patch == 0 for other in earlier)


# --- new keys are optional, rewrites say how long they take


def _mandatory(read: _Read) -> Iterator[Finding]:
    for announced in {said.subject: said for said in reversed(read.said) if said.mandatory}.values():
        key = Finding("new-key-mandatory", "ack", "", read.name).ack_key
        text = (
            f"The release notes of {read.name} require the configuration key {quote(announced.name)}, and the product promises that the new"
            f' keys of a MINOR are optional: set it in the overlay before the upgrade, then set {key}: "true" in ampora_acks.'
        )
        yield Finding("new-key-mandatory", "ack", text, read.name, (announced.item.place(),))


def _without_runtime(read: _Read) -> Iterator[Finding]:
    rewriting = [item for item in read.items if rewrites(item)]
    told = {item.section for item in read.items if rewriting and item not in rewriting and _states_runtime(item)}
    for item in rewriting:
        if item.section not in told and not _states_runtime(item):
            key = Finding("rewrite-without-runtime", "ack", "", read.name).ack_key
            text = (
                f"The release notes of {read.name} tell of a rewrite of stored data and not how long it takes, which the product promises"
                f' to say: try it on a copy of the database, then set {key}: "true" in ampora_acks.'
            )
            yield Finding("rewrite-without-runtime", "ack", text, read.name, tuple(other.place() for other in rewriting[:_MOST_EVIDENCE]))
            return


def _states_runtime(item: Item) -> bool:
    return seconds_in(item.open, item.section) > 0
