# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is judged about one hop of the path: each function takes its part of the facts to its rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from ansible_collections.ampora.upgrades.plugins.module_utils.policy import (
    configuration,
    deprecations,
    graph,
    history,
    promises,
    requirements,
    version,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories import judge as advisories
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts, Hop
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.hop_facts import agents_of, announced, ends, notes_of, required
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.words import scan
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_apply import judge_platforms
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import Change


def _jump(facts: Facts, hop: Hop) -> list[Finding]:
    """Whether this hop may be made at all. The hops of a path are legal by themselves, but the registry may have changed since."""
    if not facts.available and any(item.part == "registry" for item in facts.unreadable):
        return []  # which versions there are is not known
    current, target = ends(hop)
    allowed = facts.graph.allows(facts.answers, target, facts.on_hold)
    findings = version.judge_jump(current, target, facts.available, allow_prerelease=False, allowed=allowed)
    if facts.kind != "downgrade":
        return findings
    same_minor = (current.major, current.minor) == (target.major, target.minor)
    findings = [finding for finding in findings if not (finding.id == "downgrade" and same_minor)]
    if hop.change not in {"downgrade", "none"}:
        findings.append(Finding("not-a-downgrade", "block", f"{target} is newer than {current}; use upgrade.yml."))
    return findings


def _graph(facts: Facts, hop: Hop) -> list[Finding]:
    """What is known of the hop beyond its numbers: by the graph, and by what happened here."""
    if hop.change == "none":
        return []
    current, target = ends(hop)
    return [*graph.judge(facts.graph, current, target, facts.answers), *history.judge(facts.on_hold, version.bare(target))]


def _label(_facts: Facts, hop: Hop) -> list[Finding]:
    if not hop.label or hop.label.removeprefix("v") == hop.target["version"]:
        return []
    text = f"The image with the tag of {hop.target['version']} says in its label that it is {hop.label}."
    return [Finding("label-differs", "block", text)]


def _brings_notes(facts: Facts, hop: Hop) -> bool:
    return hop.change not in {"none", "downgrade"} and not any(item.part == "release-notes" for item in facts.unreadable)


def _platforms(facts: Facts, hop: Hop) -> list[Finding]:
    nodes = facts.surroundings.node_platforms if facts.surroundings else ()
    return judge_platforms(str(hop.target["version"]), hop.target.get("platforms") or [], nodes)


def _notes(facts: Facts, hop: Hop) -> list[Finding]:
    """The words that a person must read, and what the notes promise and do not keep."""
    if not _brings_notes(facts, hop):
        return []
    chosen, missing = notes_of(facts, hop)
    words = [finding for note in chosen for finding in scan(note)]
    readable = [note for note in facts.notes if note.readable]
    return [*missing, *words, *promises.judge(readable, *ends(hop), cast(Change, hop.change))]


def _configuration(facts: Facts, hop: Hop) -> list[Finding]:
    """What the notes say of keys, for this deployment."""
    if facts.keys is None or not _brings_notes(facts, hop):
        return []
    return configuration.judge(announced(facts, hop), facts.keys.keys, facts.keys.unread)


def _deprecations(facts: Facts, hop: Hop) -> list[Finding]:
    if facts.logs is None or not _brings_notes(facts, hop):
        return []
    return deprecations.judge_removals(facts.logs, announced(facts, hop), *ends(hop))


def _advisories(facts: Facts, hop: Hop) -> list[Finding]:
    offered = [found for found in facts.available if version.bare(found) not in facts.on_hold]
    return advisories.judge(facts.advisories, facts.unread_advisories, *ends(hop), offered, hop.change)


def _requirements(facts: Facts, hop: Hop) -> list[Finding]:
    if not _brings_notes(facts, hop):
        return []
    return requirements.judge(required(facts, hop), facts.database.server_version if facts.database else 0, facts.kubernetes_version)


def _agents(facts: Facts, hop: Hop) -> list[Finding]:
    return agents_of(facts, hop)[0]


JUDGES: tuple[Callable[[Facts, Hop], list[Finding]], ...] = (
    _jump,
    _graph,
    _label,
    _platforms,
    _notes,
    _configuration,
    _deprecations,
    _advisories,
    _requirements,
    _agents,
)
