# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Advisories in GitLab's form, https://gitlab.com/gitlab-org/advisories-community (README, "YAML schema")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.advisory import (
    EVERY_VERSION,
    Advisory,
    Affected,
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
    moment,
    names,
    shown,
    text,
    texts,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version_range import Range

if TYPE_CHECKING:
    import semver

_LONGEST = 5000
_OPERATORS = ("", "=", "==", "<", "<=", ">", ">=")
_SHORT = re.compile(r"v?((?:0|[1-9]\d{0,8})(?:\.(?:0|[1-9]\d{0,8}))?)")
_LINE = re.compile(r"v?(0|[1-9]\d{0,8})(?:\.(0|[1-9]\d{0,8}))?\.[xX*](?:\.[xX*])?")
_SET = re.compile(r"([\[(])([^\[\]()]*)([\])])")
_SETS = re.compile(rf"{_SET.pattern}(?:,{_SET.pattern})*")


def is_gitlab(document: Mapping[str, Any]) -> bool:
    return "package_slug" in document and ("identifier" in document or "identifiers" in document)


def read(document: Mapping[str, Any], package: str) -> list[Advisory]:
    """The advisory, or none when it is about another package."""
    slug = text(document.get("package_slug"))
    if not is_about(slug, package):
        return []
    known = names([document.get("identifier"), *entries(document.get("identifiers"))])
    if not known:
        raise UpgradeError(f"its identifier is {shown(document.get('identifier'))}, which is no id")
    within: list[Range] = []
    problems: list[str] = []
    try:
        within = read_affected_range(text(document.get("affected_range")))
    except UpgradeError as error:
        problems.append(error.message.rstrip("."))
    return [
        Advisory(
            id=known[0],
            document=f"gitlab {slug} {known[0]}",
            modified=moment(document.get("date")),
            aliases=known[1:],
            summary=line(document.get("title"), document.get("description")),
            severity=worst(severity(document.get(field)) for field in ("cvss_v3", "severity")),
            url=address(texts(document.get("urls"))),
            affected=(Affected(tuple(within)),),
            problems=tuple(problems),
        )
    ]


def read_affected_range(said: str) -> list[Range]:
    """The ranges of an affected_range, of which any may hold a version.

    The syntax is that of the slug's package manager: alternatives between || of comparisons with spaces or commas between
    (npm, Go, Python, Ruby, PHP), or Maven's and NuGet's sets such as [1.4.0,1.4.3),(,1.3.5]. Read is what means the same in
    all of them; what means different things (~, ^, hyphens, =1.4) is refused. A pre-release has its place by Semantic
    Versioning, also where a package manager would leave it out.
    """
    if len(said) > _LONGEST:
        raise UpgradeError(f"its affected_range has {len(said)} characters, and at most {_LONGEST} are read")
    alternatives = [part.strip() for part in said.split("||")]
    if not all(alternatives):
        raise UpgradeError(f"its affected_range {quote(said)} has an empty alternative")
    found: list[Range] = []
    for part in alternatives:
        found += _sets(part, said) if part[0] in "[(" else [_comparisons(part, said)]
    return found


def _comparisons(part: str, said: str) -> Range:
    if part == "*":
        return EVERY_VERSION
    comparisons: list[tuple[str, semver.Version]] = []
    for word in re.sub(r"(?<=[<>=])[ \t]+", "", part).replace(",", " ").split():
        line_of = _LINE.fullmatch(word)
        if line_of:
            comparisons += _line_ends(int(line_of[1]), line_of[2])
        else:
            version = word.lstrip("<>=")
            comparisons.append(_comparison(word.removesuffix(version), version, said))
    if not comparisons:
        raise UpgradeError(f"its affected_range {quote(said)} has an alternative without a version")
    return make_range(comparisons)


def _line_ends(major: int, minor: str | None) -> list[tuple[str, semver.Version]]:
    """1.4.x and 1.x, with their pre-releases."""
    lowest = f"{major}.{minor or 0}.0-0"
    highest = f"{major + 1}.0.0-0" if minor is None else f"{major}.{int(minor) + 1}.0-0"
    return [(">=", read_version(lowest, "a line")), ("<", read_version(highest, "a line"))]


def _comparison(operator: str, version: str, said: str) -> tuple[str, semver.Version]:
    if operator not in _OPERATORS:
        raise UpgradeError(f"its affected_range {quote(said)} has {quote(operator + version)}, which is no comparison")
    if _SHORT.fullmatch(version) and operator not in {">=", "<"}:
        raise UpgradeError(f"its affected_range {quote(said)} has {quote(operator + version)}, which package managers read differently")
    return "=" if operator in {"", "=="} else operator, _whole(version, said)


def _whole(version: str, said: str) -> semver.Version:
    """1 and 1.4 are 1.0.0 and 1.4.0."""
    short = _SHORT.fullmatch(version)
    whole = ".".join([*short[1].split("."), "0", "0"][:3]) if short else version
    return read_version(whole, f"a version of its affected_range {quote(said)}")


def _sets(part: str, said: str) -> list[Range]:
    """Sets in brackets, which include the end, and parentheses, which do not."""
    part = "".join(part.split())
    if not _SETS.fullmatch(part):
        raise UpgradeError(f"its affected_range {quote(said)} has a set that cannot be read")
    return [_set(match, said) for match in _SET.finditer(part)]


def _set(match: re.Match[str], said: str) -> Range:
    lowest, comma, highest = match[2].partition(",")
    if not comma:
        if match[1] + match[3] != "[]":
            raise UpgradeError(f"its affected_range {quote(said)} has {quote(match[0])}, which holds no version")
        return exactly(_whole(lowest, said))
    comparisons: list[tuple[str, semver.Version]] = []
    for end, operator in ((lowest, ">=" if match[1] == "[" else ">"), (highest, "<=" if match[3] == "]" else "<")):
        if end:
            comparisons.append((operator, _whole(end, said)))
    return make_range(comparisons)
