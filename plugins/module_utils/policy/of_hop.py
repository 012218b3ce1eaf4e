# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is judged about one hop of the path: each function takes its part of the facts to its rules."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.ampora.upgrades.plugins.module_utils.policy import plan, version
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts, Hop
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.words import scan


def _jump(facts: Facts, hop: Hop) -> list[Finding]:
    """Whether this hop may be made at all. The hops of a path are legal by themselves, but the registry may have changed since."""
    if not facts.available and any(item.part == "registry" for item in facts.unreadable):
        return []  # which versions there are is not known
    current, target = (version.parse(end["version"], "a version of the path") for end in (hop.current, hop.target))
    findings = version.judge_jump(current, target, facts.available, allow_prerelease=bool(target.prerelease))
    if facts.kind != "downgrade":
        return findings
    same_minor = (current.major, current.minor) == (target.major, target.minor)
    findings = [finding for finding in findings if not (finding.id == "downgrade" and same_minor)]
    if hop.change not in {"downgrade", "none"}:
        findings.append(Finding("not-a-downgrade", "block", f"{target} is newer than {current}; use upgrade.yml."))
    return findings


def _label(_facts: Facts, hop: Hop) -> list[Finding]:
    if not hop.label or hop.label.removeprefix("v") == hop.target["version"]:
        return []
    text = f"The image with the tag of {hop.target['version']} says in its label that it is {hop.label}."
    return [Finding("label-differs", "block", text)]


def _notes(facts: Facts, hop: Hop) -> list[Finding]:
    if hop.change in {"none", "downgrade"} or any(item.part == "release-notes" for item in facts.unreadable):
        return []
    chosen, missing = plan.notes_of(facts, hop)
    return [*missing, *(finding for note in chosen for finding in scan(note))]


JUDGES: tuple[Callable[[Facts, Hop], list[Finding]], ...] = (_jump, _label, _notes)
