# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Advisories in the form of OSV, https://ossf.github.io/osv-schema/ (schema 1.x)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.advisory import (
    Advisory,
    Affected,
    between,
    exactly,
    is_about,
    make_range,
    read_version,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.cvss import severity, worst
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.values import (
    address,
    entries,
    line,
    mapping,
    moment,
    name,
    names,
    shown,
    text,
    texts,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version_range import Range

try:
    import semver
except ImportError:  # named by the first version that is read
    semver = None  # type: ignore[assignment]

if TYPE_CHECKING:
    Event = tuple[str, "semver.Version | None"]  # its kind, and None for the start or for no limit

_KINDS = ("introduced", "fixed", "last_affected", "limit")


def is_osv(document: Mapping[str, Any]) -> bool:
    return "id" in document and ("affected" in document or "schema_version" in document or "modified" in document)


def read(document: Mapping[str, Any], package: str) -> list[Advisory]:
    """The advisory, or none when it is about other packages."""
    if text(document.get("schema_version", "1.0.0")).partition(".")[0] != "1":
        raise UpgradeError(f"its schema_version is {shown(document.get('schema_version'))}, and only 1.x is read")
    own = [entry for entry in map(mapping, entries(document.get("affected"))) if _about(entry, package)]
    if not own:
        return []
    known = name(document.get("id"))
    if not known:
        raise UpgradeError(f"its id is {shown(document.get('id'))}, which is no id")
    withdrawn = bool(text(document.get("withdrawn")))
    evaluated = [] if withdrawn else [_affected(entry) for entry in own]
    references = [mapping(entry) for entry in entries(document.get("references"))]
    advised = [entry for entry in references if entry.get("type") == "ADVISORY"]
    return [
        Advisory(
            id=known,
            document=f"osv {known}",
            modified=moment(document.get("modified")),
            aliases=names(entries(document.get("aliases"))),
            summary=line(document.get("summary"), document.get("details")),
            severity=_severity(document, own),
            url=address(entry.get("url") for entry in (*advised, *references)),
            affected=tuple(part for part, _problems in evaluated),
            problems=tuple(problem for _part, problems in evaluated for problem in problems),
            withdrawn=withdrawn,
        )
    ]


def _about(entry: Mapping[str, Any], package: str) -> bool:
    return is_about(text(mapping(entry.get("package")).get("name")), package)


def _severity(document: Mapping[str, Any], own: Sequence[Mapping[str, Any]]) -> str:
    said = [mapping(score).get("score") for part in (document, *own) for score in entries(part.get("severity"))]
    said += [mapping(part.get(field)).get("severity") for part in (document, *own) for field in ("database_specific", "ecosystem_specific")]
    return worst(map(severity, said))


def _affected(entry: Mapping[str, Any]) -> tuple[Affected, list[str]]:
    """IncludedInVersions and IncludedInRanges of the specification's Evaluation, as ranges; and what could not be evaluated."""
    within = _listed(texts(entry.get("versions")))
    listed = bool(within)
    problems = []
    # Commits need the repository; where there are numbers as well, they say the same.
    numbered = [part for part in map(mapping, entries(entry.get("ranges"))) if part.get("type") != "GIT"]
    for part in numbered:
        try:
            within += _range(part)
        except UpgradeError as error:
            # An order that only its ecosystem knows: that is what the specification has the list of versions for.
            if part.get("type") == "SEMVER" or not listed:
                problems.append(error.message.rstrip("."))
    if not (numbered or listed):
        problems.append("it names no versions that can be compared, only commits or nothing")
    return Affected(tuple(dict.fromkeys(within))), problems


def _listed(versions: Sequence[str]) -> list[Range]:
    """A name that is no semantic version can be no version of ours."""
    found = []
    for said in versions:
        try:
            found.append(exactly(read_version(said, "a version")))
        except UpgradeError:
            continue
    return found


def _range(part: Mapping[str, Any]) -> list[Range]:
    kind = text(part.get("type"))
    if kind not in {"SEMVER", "ECOSYSTEM"}:
        raise UpgradeError(f"a range has the type {shown(part.get('type'))}, which is not of the specification")
    events = [_event(mapping(entry)) for entry in entries(part.get("events"))]
    if not any(event == "introduced" for event, _version in events):
        raise UpgradeError("a range has no event that says where it was introduced")
    return walk(events)


def _event(entry: Mapping[str, Any]) -> Event:
    """One event; "0" is before every version, and the limit * is none."""
    kinds = [kind for kind in _KINDS if kind in entry]
    if len(kinds) != 1:
        raise UpgradeError(f"an event of a range must be one of {', '.join(_KINDS)}, and one has {quote(', '.join(map(str, entry)))}")
    kind, said = kinds[0], text(entry[kinds[0]])
    if (kind == "introduced" and said == "0") or (kind == "limit" and said == "*"):
        return kind, None
    return kind, read_version(said, kind)


def walk(events: Sequence[Event]) -> list[Range]:
    """The ranges that IncludedInRanges and BeforeLimits of the specification's Evaluation give for the events, in any order.

    Events at one version: a version that is introduced and last affected is affected alone; one that is introduced and fixed
    says two things, and the specification does not say which is meant.
    """
    limits = [version for kind, version in events if kind == "limit"]
    timeline = sorted((event for event in events if event[0] != "limit"), key=_place)
    if {version for kind, version in events if kind == "introduced"} & {version for kind, version in events if kind == "fixed"}:
        raise UpgradeError("a version is said to be both introduced and fixed")
    found: list[Range] = []
    since: tuple[semver.Version | None] | None = None  # where the open range begins; None while there is none
    for kind, version in timeline:
        if kind == "introduced":
            since = since or (version,)
        elif since is not None:
            found.append(between(since[0], "<" if kind == "fixed" else "<=", version))
            since = None
    if since is not None:
        found.append(between(since[0], "<", None))
    highest = None if None in limits else max((limit for limit in limits if limit), default=None)
    return [_before(part, highest) for part in found]


def _place(event: Event) -> tuple[bool, semver.Version, int]:
    kind, version = event
    return version is not None, version or semver.Version(0), _KINDS.index(kind)


def _before(part: Range, limit: semver.Version | None) -> Range:
    """A version is before the limits when it is before any of them, so that only the highest counts."""
    return part if limit is None else make_range([*part.comparisons, ("<", limit)])
