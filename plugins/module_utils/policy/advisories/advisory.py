# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One security advisory, in the one form to which OSV, CSAF and GitLab's documents are brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import bare, parse
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version_range import Range

if TYPE_CHECKING:
    import semver

SEVERITIES = ("", "none", "low", "medium", "high", "critical")  # the words of CVSS, rising; empty is not stated
EVERY_VERSION = Range("every version", ())


@dataclass(frozen=True)
class Affected:
    """What one document says: affected within any of these ranges, but for the versions that it names as not affected."""

    within: tuple[Range, ...] = ()
    without: tuple[Range, ...] = ()

    def contains(self, version: semver.Version) -> bool:
        return _in_any(self.within, version) and not _in_any(self.without, version)


@dataclass(frozen=True)
class Advisory:
    """A vulnerability of the package. All texts are short, printable and of one line; `url` is http(s) or empty."""

    id: str
    document: str = ""  # its form and own id: of two documents with the same, the one modified last counts
    modified: float = 0.0  # seconds since 1970; 0 is not stated
    aliases: tuple[str, ...] = ()
    summary: str = ""
    severity: str = ""  # one of SEVERITIES
    url: str = ""
    affected: tuple[Affected, ...] = ()
    investigated: tuple[Range, ...] = ()  # versions of which it is not known yet
    problems: tuple[str, ...] = ()  # what of the document could not be evaluated
    withdrawn: bool = False

    def affects(self, version: semver.Version) -> bool:
        """Whether a version has the vulnerability, as far as it could be evaluated; build metadata has no say."""
        return not self.withdrawn and any(affected.contains(version) for affected in self.affected)

    def is_open(self, version: semver.Version) -> bool:
        """Whether it is still being investigated if this version has the vulnerability."""
        return not self.withdrawn and _in_any(self.investigated, version) and not self.affects(version)

    @property
    def names(self) -> frozenset[str]:
        """Every id of the vulnerability, in capitals, so that two documents about the same one can be told."""
        return frozenset(name.upper() for name in (self.id, *self.aliases))


def between(lowest: semver.Version | None, operator: str, highest: semver.Version | None) -> Range:
    """From the lowest (included; None is from the start) to the highest (`operator` is < or <=; None is without end)."""
    comparisons: list[tuple[str, semver.Version]] = []
    if lowest is not None:
        comparisons.append((">=", lowest))
    if highest is not None:
        comparisons.append((operator, highest))
    return make_range(comparisons)


def make_range(comparisons: Sequence[tuple[str, semver.Version]]) -> Range:
    """All of the comparisons together."""
    return Range(" ".join(f"{operator}{bare(version)}" for operator, version in comparisons) or EVERY_VERSION.text, tuple(comparisons))


def exactly(version: semver.Version) -> Range:
    return make_range([("=", version)])


def read_version(text: str, what: str) -> semver.Version:
    """A version of a document, without build metadata; `what` names it in the error."""
    return parse(text.strip(), what).replace(build=None)


def is_about(name: str, package: str) -> bool:
    """Whether a document's name of a package means ours: the same, or the end of it after a / or a : (npm/ampora, org:ampora)."""
    ours, theirs = package.strip().casefold(), name.strip().casefold()
    return bool(ours) and (theirs == ours or theirs.endswith((f"/{ours}", f":{ours}")))


def _in_any(ranges: Sequence[Range], version: semver.Version) -> bool:
    return any(part.contains(version) for part in ranges)
