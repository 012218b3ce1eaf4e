# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which note is about which version: a changelog taken apart, and the notes that a hop brings."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from operator import itemgetter

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.markdown import ADDRESS, lines_of, passages
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import after_up_to, bare, parse

try:
    import semver
except ImportError:
    semver = None  # type: ignore[assignment]

_VERSION = r"v?\d{1,9}\.\d{1,9}\.\d{1,9}(?:[-+][0-9A-Za-z.+-]{1,100})?"
_VERSION_HEADING = re.compile(rf"(?:ampora\s+)?(?:version\s+|release\s+)?\[?({_VERSION})\]?(?![^\W_])", re.IGNORECASE)
_DATE = re.compile(r"\b\d{1,2}\.\d{1,2}\.\d{4}\b")


def split(text: str, source: str) -> list[ReleaseNote]:
    """Take a changelog apart at its headings that begin with a version; what stands before the first of them is nobody's note."""
    lines = lines_of(text)
    headings = ((passage.line, _heading_version(passage.shown)) for passage in passages(text) if passage.level and not passage.nested)
    starts = [(line, version) for line, version in headings if version]
    ends = [line for line, _version in starts[1:]] + [len(lines)]
    return [ReleaseNote(name, "\n".join(lines[start:end]), source, start + 1) for (start, name), end in zip(starts, ends, strict=False)]


def between(
    notes: Sequence[ReleaseNote], current: semver.Version, target: semver.Version, available: Sequence[semver.Version]
) -> tuple[list[ReleaseNote], list[Finding]]:
    """The notes after current up to target, in the order of their versions, and a block for each released version without one.

    Pre-releases do not count, except the target: their notes come again with the release that they lead to.
    """
    chosen, findings = _between(tuple(notes), current, target, tuple(available))
    return list(chosen), list(findings)


@functools.cache  # every judge of a hop asks for its notes
def _between(
    notes: tuple[ReleaseNote, ...], current: semver.Version, target: semver.Version, available: tuple[semver.Version, ...]
) -> tuple[tuple[ReleaseNote, ...], tuple[Finding, ...]]:
    if target <= current:
        return (), ()
    wanted = {bare(v) for v in after_up_to(sorted(available), current, target, key=lambda v: v) if not v.prerelease} | {bare(target)}
    read = [(parse(note.version, f"the version of the release note {quote(note.source)}"), note) for note in notes]
    read.sort(key=itemgetter(0))
    brought = after_up_to(read, current, target, key=itemgetter(0))
    named = [(bare(v), note) for v, note in brought if (not v.prerelease or v == target) and note.text.strip()]
    missing = sorted(wanted - {name for name, _note in named}, key=lambda text: parse(text, "available"))
    return tuple(note for _name, note in named), (*(_missing(name, current, target) for name in missing), *_twins(named))


def _missing(version: str, current: semver.Version, target: semver.Version) -> Finding:
    text = (
        f"ampora_release_notes has no note for {version}, and every version after {bare(current)} up to {bare(target)} must be read: "
        f"add {version}.md or a heading for {version}."
    )
    return Finding("missing-notes", "block", text, version)


def _twins(named: Sequence[tuple[str, ReleaseNote]]) -> Iterator[Finding]:
    """Different notes of one version: all of them are read, and somebody should know which is true."""
    for (version, one), (other_version, other) in itertools.pairwise(named):
        if version == other_version and one.text.strip() != other.text.strip():
            places = tuple(f"{note.source}:{note.first_line}" for note in (one, other))
            text = f"There are two different release notes for {version}; both are read. Keep the one that is true."
            yield Finding("duplicate-notes", "info", text, version, places)


def _heading_version(raw: str) -> str:
    """The version that a heading is about; one that names two ("From 1.4 to 1.5") is about neither."""
    text = _DATE.sub(" ", ADDRESS.sub(" ", raw)).strip("*_ ")
    match = _VERSION_HEADING.match(text)
    if not match or re.search(_VERSION, text[match.end() :]):
        return ""
    try:
        return bare(parse(match[1].lower() if match[1].startswith("V") else match[1], "heading"))
    except UpgradeError:
        return ""
