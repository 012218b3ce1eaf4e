# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranges by the version range specifier "vers", https://www.packageurl.org/docs/vers/how-to-parse."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.advisory import (
    EVERY_VERSION,
    Affected,
    exactly,
    make_range,
    read_version,
)

if TYPE_CHECKING:
    import semver

    Constraint = tuple[str, semver.Version]

# The types whose order of versions is that of Semantic Versioning.
TYPES = ("semver", "npm", "cargo", "golang")
_VERS = re.compile(r"vers:([a-z][a-z0-9.-]{0,40})/(.{1,5000})")
_CONSTRAINT = re.compile(r"(>=|<=|!=|>|<|)([^<>=!*|]{1,300})")
_MOST = 200


def read_vers(said: str) -> Affected:
    """The versions in the range, by the specification's "Checking if a version is contained within a range".

    The constraints are sorted first, as the specification's editions that CSAF 2.0 was written by do; what they must then be
    (each version once, from and to in turn) is checked. Refused is every type whose order is not that of Semantic Versioning,
    such as "generic", which has none, and a range without "vers:" (CSAF's "vls"), which says no order.
    """
    found = _VERS.fullmatch("".join(said.split()))
    if not found:
        raise UpgradeError(f"the range {quote(said)} does not say by which order (vers:semver/...)")
    kind, constraints = found[1], found[2]
    if constraints == "*":
        return Affected((EVERY_VERSION,))
    if kind not in TYPES:
        raise UpgradeError(f"the range {quote(said)} is of the type {kind}, and only {', '.join(TYPES)} have the order of our versions")
    parts = constraints.split("|")
    if len(parts) > _MOST:
        raise UpgradeError(f"the range {quote(said)} has {len(parts)} constraints, and at most {_MOST} are read")
    return _evaluate(sorted((_constraint(part, said) for part in parts), key=lambda constraint: constraint[1]), said)


def _constraint(part: str, said: str) -> Constraint:
    found = _CONSTRAINT.fullmatch(part)
    if not found:
        raise UpgradeError(f"the range {quote(said)} has {quote(part)}, which is no constraint")
    return found[1] or "=", read_version(unquote(found[2]), f"a version of the range {quote(said)}")


def _evaluate(constraints: list[Constraint], said: str) -> Affected:
    versions = [version for _operator, version in constraints]
    if any(first == second for first, second in pairwise(versions)):
        raise UpgradeError(f"the range {quote(said)} has a version twice")
    bounds = [constraint for constraint in constraints if constraint[0] not in {"=", "!="}]
    points = [exactly(version) for operator, version in constraints if operator == "="]
    if not bounds and not points:
        raise UpgradeError(f"the range {quote(said)} only says what is not in it")
    if any(first[0][0] == second[0][0] for first, second in pairwise(bounds)):
        raise UpgradeError(f"the range {quote(said)} does not go from and to in turn")
    ranges = []
    while bounds:
        # A "to" stands alone only at the start, and a "from" only at the end: every other has its partner.
        size = 1 if bounds[0][0][0] == "<" else 2
        ranges.append(make_range(bounds[:size]))
        bounds = bounds[size:]
    without = tuple(exactly(version) for operator, version in constraints if operator == "!=")
    return Affected((*ranges, *points), without)
