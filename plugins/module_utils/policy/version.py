# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which change lies between two versions, whether one hop may make it, and by which hops it can be made."""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, need, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding

try:
    import semver
except ImportError:
    semver = None  # type: ignore[assignment]

Change = Literal["none", "patch", "minor", "major", "downgrade"]
Numbered = TypeVar("Numbered")  # a version, or what has one
Allowed = Callable[["semver.Version", "semver.Version"], bool]

_LONGEST = 256


def parse(text: object, variable: str) -> semver.Version:
    """Read a version strictly by Semantic Versioning 2.0.0; one leading "v", as in Git tags, is taken off."""
    need(semver, "semver")
    if isinstance(text, str) and len(text) <= _LONGEST:
        version = _parsed(str(text))
        if version is not None:
            return version
    kind = "" if isinstance(text, str) else f" (a YAML {'number' if isinstance(text, (int, float)) else type(text).__name__}, not a string)"
    raise UpgradeError(
        f"{variable} is {quote(text)}{kind}, which is not a version by Semantic Versioning 2.0.0: MAJOR.MINOR.PATCH without leading zeros.",
        next_step=f'set {variable} to a whole version in quotes, for example "1.5.0".',
    )


@functools.lru_cache(maxsize=4096)  # the notes, the tags and the graph name the same versions
def _parsed(text: str) -> semver.Version | None:
    bare = text[1:] if text.startswith("v") else text
    # The package's pattern takes a last newline and digits of other scripts: ASCII without white space is checked here.
    if not bare.isascii() or bare != "".join(bare.split()):
        return None
    try:
        return semver.Version.parse(bare)
    except ValueError:
        return None


def change(current: semver.Version, target: semver.Version) -> Change:
    """Name the change. A pre-release of X.Y.0 promises no less change than X.Y.0 itself, so leaving it is a MINOR (or MAJOR) change."""
    if target == current:
        return "none"
    if target < current:
        return "downgrade"
    unfinished = bool(current.prerelease) and current.patch == 0
    if target.major != current.major or (unfinished and not current.minor):
        return "major"
    if target.minor != current.minor or unfinished:
        return "minor"
    return "patch"


def after_up_to(
    ordered: Sequence[Numbered], current: semver.Version, target: semver.Version, key: Callable[[Numbered], semver.Version]
) -> Sequence[Numbered]:
    """What lies after current, up to target, of what stands in the order of its versions: comparing each of them is what costs."""
    first, last = (bisect_right(ordered, end, key=key) for end in (current, target))
    return ordered[first:last]


def anything(current: semver.Version, target: semver.Version) -> bool:
    """The hop rule of a site without an upgrade graph."""
    del current, target
    return True


def judge_jump(
    current: semver.Version,
    target: semver.Version,
    available: Sequence[semver.Version],
    *,
    allow_prerelease: bool,
    allowed: Allowed = anything,
) -> list[Finding]:
    """Every finding about going from current to target in one hop; none of severity "block" means that the hop is legal.

    `allowed` has a say only in the path that a refusal names.
    """
    kind = change(current, target)
    if kind == "none":
        return []
    if kind == "downgrade":
        return [_downgrade(current, target)]
    version = bare(target)
    findings = [
        Finding(rule, "block", f"{_asked(current, target)}, but {text}; {_way(current, target, available, allowed)}.", version)
        for rule, text in _broken_rules(current, target, available)
    ]
    if target not in available:
        text = f"ampora_target_version is {version}, which is not among the {len(available)} known versions: choose one that was released."
        findings.append(Finding("unknown-version", "block", text, version))
    if target.prerelease and not allow_prerelease:
        text = f"{version} is a pre-release, taken because it was asked for by name; it carries no promise about schema or configuration."
        findings.append(Finding("prerelease", "info", text, version))
    if kind == "major":
        key = Finding("migration-guide", "ack", "", version).ack_key
        text = f'{version} is a MAJOR change from {bare(current)}: read its migration guide, then set {key}: "true" in ampora_acks.'
        findings.append(Finding("migration-guide", "ack", text, version))
    return findings


def path(
    current: semver.Version, target: semver.Version, available: Sequence[semver.Version], allowed: Allowed = anything
) -> list[semver.Version]:
    """The fewest legal hops from current to target, each to the newest PATCH that serves; empty when there is no way.

    `allowed` says of a hop that is legal by its numbers whether it may be made. A breadth-first search, so that a PATCH may
    come first where only the MINOR is not allowed from here.
    """
    if target <= current or target not in available:
        return []
    lines = _by_line(available, target)
    before: dict[semver.Version, semver.Version | None] = {current: None}
    waiting = deque([current])
    while waiting:
        at = waiting.popleft()
        if at == target:
            return _walked(before, target)
        steps = (*lines.get(_line(at), ()), *lines.get(_next_line(at, target, available), ()))
        for step in sorted(steps, reverse=True):
            if step not in before and at < step and allowed(at, step):
                before[step] = at
                waiting.append(step)
    return []


def _by_line(available: Sequence[semver.Version], target: semver.Version) -> dict[tuple[int, int], list[semver.Version]]:
    """What a path may touch: releases up to the target, and the target itself, whatever it is."""
    lines: dict[tuple[int, int], list[semver.Version]] = {}
    for version in {version for version in available if version <= target and (not version.prerelease or version == target)}:
        lines.setdefault(_line(version), []).append(version)
    return lines


def _walked(before: dict[semver.Version, semver.Version | None], target: semver.Version) -> list[semver.Version]:
    hops = [target]
    while (previous := before[hops[-1]]) is not None:
        hops.append(previous)
    return hops[-2::-1]


def bare(version: semver.Version) -> str:
    """The version without build metadata, which has no say in order or policy."""
    return str(version.replace(build=None) if version.build else version)


def _asked(current: semver.Version, target: semver.Version) -> str:
    return f"ampora_target_version is {bare(target)} and {bare(current)} is running"


def _downgrade(current: semver.Version, target: semver.Version) -> Finding:
    if change(current=target, target=current) == "patch":
        way = "a step back within one MINOR is made by downgrade.yml"
    else:
        way = "the schema may have gone forward since, so a step back across a MINOR is made by rollback.yml, which restores the snapshot"
    text = f"{_asked(current, target)}, but upgrade.yml never goes back: {way}."
    return Finding("downgrade", "block", text, bare(target))


def _broken_rules(current: semver.Version, target: semver.Version, available: Sequence[semver.Version]) -> list[tuple[str, str]]:
    if target.major == current.major:
        return [("skipped-minor", "MINOR versions are taken one at a time")] if target.minor > current.minor + 1 else []
    broken = []
    if target.major > current.major + 1:
        broken.append(("skipped-major", "MAJOR versions are taken one at a time"))
    last = _last_minor(current, available)
    if last > current.minor:
        text = f"a MAJOR is only entered from the last MINOR of the one before, which is {current.major}.{last}"
        broken.append(("major-not-from-last-minor", text))
    if target.minor:
        broken.append(("skipped-minor", f"a MAJOR is entered by its first MINOR, {target.major}.0"))
    return broken


def _way(current: semver.Version, target: semver.Version, available: Sequence[semver.Version], allowed: Allowed) -> str:
    hops = path(current, target, available, allowed)
    if hops:
        return f"take {bare(hops[0])} next, the whole path is {' -> '.join(bare(v) for v in (current, *hops))}"
    major, minor = _next_line(current, target, available)
    newest = _newest((major, minor), available)
    if newest is None:
        return f"the next hop would be to {major}.{minor}, of which no version is known"
    return f"take {bare(newest)} next, no whole path is known"


def _line(version: semver.Version) -> tuple[int, int]:
    return version.major, version.minor


def _next_line(at: semver.Version, target: semver.Version, available: Sequence[semver.Version]) -> tuple[int, int]:
    """The MAJOR.MINOR that the next hop must reach."""
    if at.major == target.major or at.minor < _last_minor(at, available):
        return at.major, at.minor + 1
    return at.major + 1, 0


def _last_minor(version: semver.Version, available: Sequence[semver.Version]) -> int:
    """The last MINOR that was released in this MAJOR; a pre-release is not a release."""
    return max((v.minor for v in available if v.major == version.major and not v.prerelease), default=version.minor)


def _newest(line: tuple[int, int], available: Sequence[semver.Version]) -> semver.Version | None:
    return max((v for v in available if _line(v) == line and not v.prerelease), default=None)
