# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the advisories say of one hop: what it fixes, what its target still has, what a PATCH would do, and what a way back re-opens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.advisory import SEVERITIES, Advisory
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.cvss import worst
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding, Severity
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import bare

if TYPE_CHECKING:
    import semver

MOST_LINES = 20


def judge(
    advisories: Sequence[Advisory],
    unreadable: Sequence[str],
    current: semver.Version,
    target: semver.Version,
    available: Sequence[semver.Version],
    change: str,
) -> list[Finding]:
    """One finding a rule, with the advisories as evidence. `change` is that of the hop; "none" asks nothing, since nothing changes."""
    hop = _Hop(advisories, current, target, available, change)
    return [*_unreadable(hop, unreadable), *_affected(hop), *_fixed(hop), *_reopened(hop), *_patch(hop)]


@dataclass(frozen=True)
class _Hop:
    """The advisories, sorted by which end of the hop they affect."""

    advisories: Sequence[Advisory]
    current: semver.Version
    target: semver.Version
    available: Sequence[semver.Version]
    change: str

    @cached_property
    def fixed(self) -> list[Advisory]:
        """Of the current version only."""
        return [one for one in self.advisories if one.affects(self.current) and not one.affects(self.target)]

    @cached_property
    def kept(self) -> list[Advisory]:
        """Of both."""
        return [one for one in self.advisories if one.affects(self.current) and one.affects(self.target)]

    @cached_property
    def brought(self) -> list[Advisory]:
        """Of the target only."""
        return [one for one in self.advisories if one.affects(self.target) and not one.affects(self.current)]

    @property
    def severity(self) -> Severity:
        return "info" if self.change == "none" else "ack"

    def free(self, above: semver.Version) -> Iterable[semver.Version]:
        """The releases above a version that no advisory affects, rising."""
        return (
            version
            for version in sorted(version for version in self.available if version > above and not version.prerelease)
            if not any(one.affects(version) for one in self.advisories)
        )


def _unreadable(hop: _Hop, unreadable: Sequence[str]) -> list[Finding]:
    version = bare(hop.target)
    open_ones = [f"{one.id} is still under investigation for {version}{_link(one)}" for one in hop.advisories if one.is_open(hop.target)]
    reasons = sorted({*unreadable, *open_ones})
    if not reasons:
        return []
    text = (
        f"{_count(len(reasons), 'part')} of the advisories could not be read or evaluated, so that one about {version} may be missed:"
        f" read what the evidence names{_answer('advisory-unreadable', hop)}."
    )
    return [Finding("advisory-unreadable", hop.severity, text, version, _capped(reasons))]


def _affected(hop: _Hop) -> list[Finding]:
    """What a downgrade brings in is said by another rule, as a step back that re-opens it."""
    brought = [] if hop.change == "downgrade" else hop.brought
    if not (brought or hop.kept):
        return []
    version = bare(hop.target)
    worse = f", of which this hop brings {len(brought)} in: {bare(hop.current)} does not have them" if brought else ""
    text = f"{version} is affected by {_named([*brought, *hop.kept])}{worse}. {_enough(hop)}{_answer('target-affected', hop)}."
    lines = [f"{line} (brought in by this hop)" for line in _lines(brought)] + _lines(hop.kept)
    return [Finding("target-affected", hop.severity, text, version, _capped(lines))]


def _fixed(hop: _Hop) -> list[Finding]:
    if not hop.fixed:
        return []
    text = f"{bare(hop.current)} is affected by {_named(hop.fixed)}, and {bare(hop.target)} is not: this hop fixes that."
    return [Finding("advisory-fixed", "info", text, bare(hop.target), _capped(_lines(hop.fixed)))]


def _reopened(hop: _Hop) -> list[Finding]:
    """A way back after this hop, said before it; or this hop itself, when it goes back."""
    current, target = bare(hop.current), bare(hop.target)
    if hop.change == "downgrade" and hop.brought:
        text = f"Going back to {target} re-opens {_named(hop.brought)}, which {current} does not have: stay"
        text += f"{_answer('rollback-reopens', hop)}."
        return [Finding("rollback-reopens", "ack", text, target, _capped(_lines(hop.brought)))]
    if hop.change != "downgrade" and hop.fixed:
        text = f"Going back from {target} to {current} after this hop re-opens {_named(hop.fixed)}: weigh that before a rollback."
        return [Finding("rollback-reopens", "info", text, target, _capped(_lines(hop.fixed)))]
    return []


def _patch(hop: _Hop) -> list[Finding]:
    """The newest PATCH that no advisory affects, of the current MINOR, else of the one before the target's."""
    now = [*hop.fixed, *hop.kept]
    if hop.change not in {"minor", "major"} or not now:
        return []
    current, target = bare(hop.current), bare(hop.target)
    free = list(hop.free(hop.current))
    for line in (_line_of(hop.current), _line_before(hop.target, hop.available)):
        patches = [bare(version) for version in free if _line_of(version) == line]
        if patches:
            text = (
                f"{current} is affected by {_named(now)}, and {patches[-1]} of {line[0]}.{line[1]} is not: instead of {target} it can be"
                f" taken by ampora_target_version={patches[-1]}."
            )
            return [Finding("security-patch-available", "info", text, target, _capped(_lines(now)))]
    return []


def _line_of(version: semver.Version) -> tuple[int, int]:
    return version.major, version.minor


def _line_before(target: semver.Version, available: Sequence[semver.Version]) -> tuple[int, int]:
    """The MINOR before the target's; before a MAJOR it is the last one of the MAJOR before."""
    if target.minor:
        return target.major, target.minor - 1
    return target.major - 1, max((version.minor for version in available if version.major == target.major - 1), default=0)


def _enough(hop: _Hop) -> str:
    line = f"{hop.target.major}.{hop.target.minor}"
    free = list(hop.free(hop.target))
    same = [version for version in free if _line_of(version) == _line_of(hop.target)]
    if same:
        return f"{bare(same[0])} is the first of {line} that is not affected: take it instead"
    if free:
        return f"No newer version of {line} is free of advisories, and the first above it is {bare(free[0])}: go on to it soon"
    return "Of the versions that are known here none above it is free of advisories: wait for one"


def _answer(rule: str, hop: _Hop) -> str:
    return f', or set ack-{bare(hop.target)}-{rule}: "true" in ampora_acks' if hop.severity == "ack" else ""


def _named(advisories: Sequence[Advisory]) -> str:
    said = worst(one.severity for one in advisories)
    most = f", the worst of severity {said}" if len(advisories) > 1 else f" of severity {said}"
    return f"{_count(len(advisories), 'known vulnerability')}{most if said else ''}"


def _count(number: int, thing: str) -> str:
    many = f"{thing[:-1]}ies" if thing.endswith("y") else f"{thing}s"
    return f"{number} {thing if number == 1 else many}"


def _lines(advisories: Sequence[Advisory]) -> list[str]:
    """The worst first, so that what is cut off is the least."""
    return [_line(one) for one in sorted(advisories, key=lambda one: (-SEVERITIES.index(one.severity), one.id))]


def _line(one: Advisory) -> str:
    summary = f": {one.summary}" if one.summary else ""
    return f"{one.id} ({one.severity or 'severity not stated'}){summary}{_link(one)}"


def _link(one: Advisory) -> str:
    return f" {one.url}" if one.url else ""


def _capped(lines: Sequence[str]) -> tuple[str, ...]:
    more = len(lines) - MOST_LINES
    return (*lines[:MOST_LINES], f"and {more} more") if more > 0 else tuple(lines)
