# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the facts is about one hop: its ends, its release notes, what they announce, and the agents that it leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.ampora.upgrades.plugins.module_utils.policy import agents, requirements
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.announcements import Announcement, announcements
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts, Hop
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.changelog import between
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import items
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.runtime import runtime_seconds
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.requirements import Requirement
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import parse

if TYPE_CHECKING:
    import semver


def ends(hop: Hop) -> tuple[semver.Version, semver.Version]:
    """The versions from which and to which it goes."""
    return parse(hop.current["version"], "a version of the path"), parse(hop.target["version"], "a version of the path")


def notes_of(facts: Facts, hop: Hop) -> tuple[list[ReleaseNote], list[Finding]]:
    """The release notes that this hop brings, in order, and a finding for each that is missing."""
    return between(facts.notes, *ends(hop), facts.available)


def readable_notes(facts: Facts, hop: Hop) -> list[ReleaseNote]:
    """Without those that are too large to be notes, about which there is a finding."""
    return [note for note in notes_of(facts, hop)[0] if note.readable]


def announced(facts: Facts, hop: Hop) -> list[Announcement]:
    return [said for note in readable_notes(facts, hop) for said in announcements(items(note), note.version)]


def required(facts: Facts, hop: Hop) -> list[Requirement]:
    return [stated for note in readable_notes(facts, hop) for stated in requirements.requirements(items(note), note.version)]


def forecast_seconds(facts: Facts, hop: Hop) -> int:
    """At least this long: the runtimes that the notes estimate, and the watch."""
    return facts.watch_seconds + sum(runtime_seconds(note) for note in readable_notes(facts, hop))


def agents_of(facts: Facts, hop: Hop) -> tuple[list[Finding], agents.Skew]:
    """The agents against both versions of the hop."""
    if facts.fleet is None:
        return [], agents.Skew()
    least = requirements.highest(required(facts, hop), "agent")
    minimum = least.stated() if least else ""
    fleet = facts.fleet
    return agents.judge(fleet.agents, ends(hop), minimum, facts.now, stale_days=fleet.stale_days, skew=fleet.skew)
