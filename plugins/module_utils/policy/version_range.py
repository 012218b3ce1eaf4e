# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranges of versions as people write them: 1.5.0, 1.5.x, and comparisons such as >=1.4.0 <1.4.3."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import parse

if TYPE_CHECKING:
    import semver

_LINE = re.compile(r"v?(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(?:\.[xX*])?")
_COMPARISON = re.compile(r"(>=|<=|>|<|=|)(\S{1,256})")
_MOST = 20


@dataclass(frozen=True)
class Range:
    """All comparisons together; none of them contains every version."""

    text: str
    comparisons: tuple[tuple[str, semver.Version], ...]

    def contains(self, version: semver.Version) -> bool:
        return all(_holds(operator, version.compare(limit)) for operator, limit in self.comparisons)


def parse_line(text: str) -> tuple[int, int] | None:
    """The MAJOR and MINOR of 1.5 or 1.5.x; None for anything else."""
    match = _LINE.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def parse_range(text: str, what: str) -> Range:
    """Read a range; `what` names it in the error."""
    words = text.split()
    if not words or len(words) > _MOST:
        raise UpgradeError(f"{what} is {quote(text)}: give a version, a MINOR such as 1.5.x, or comparisons such as >=1.4.0 <1.4.3.")
    comparisons: list[tuple[str, semver.Version]] = []
    for word in words:
        if line := parse_line(word):
            comparisons += [(">=", parse(f"{line[0]}.{line[1]}.0-0", what)), ("<", parse(f"{line[0]}.{line[1] + 1}.0-0", what))]
        else:
            match = _COMPARISON.fullmatch(word)
            comparisons.append((match[1] or "=", parse(match[2], what)) if match else ("=", parse(word, what)))
    return Range(" ".join(words), tuple(comparisons))


def _holds(operator: str, order: int) -> bool:
    return {"=": order == 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[operator]
