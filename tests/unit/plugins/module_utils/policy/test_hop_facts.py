# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the facts is about one hop, on the plans of the doubles."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.agents import Agent
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import AgentFacts, Facts
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.hop_facts import (
    agents_of,
    announced,
    ends,
    forecast_seconds,
    notes_of,
    readable_notes,
    required,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import LARGEST_NOTE, ReleaseNote

from tests.unit.doubles.plans import FACTS, TWO_HOPS

NOTE_150 = ReleaseNote("1.5.0", "# 1.5.0\n\n## Removals\n\n- `Old:Key` was removed. It takes about 20 minutes.\n", "1.5.0.md")
NOTE_160 = ReleaseNote("1.6.0", "# 1.6.0\n\n- Requires PostgreSQL 17 or newer.\n", "1.6.0.md")
HUGE = ReleaseNote("1.6.0", "x" * (LARGEST_NOTE + 1), "1.6.0.md")
WORLD = replace(TWO_HOPS, notes=[NOTE_160, NOTE_150], available=[])


def test_each_hop_has_what_its_own_notes_say() -> None:
    first, second = WORLD.hops
    assert [str(end) for hop in (first, second) for end in ends(hop)] == ["1.4.2", "1.5.0", "1.5.0", "1.6.0"]
    assert [notes_of(WORLD, hop)[0] for hop in (first, second)] == [[NOTE_150], [NOTE_160]]
    assert [[said.name for said in announced(WORLD, hop)] for hop in (first, second)] == [["Old:Key"], []]
    assert [[stated.product for stated in required(WORLD, hop)] for hop in (first, second)] == [[], ["postgresql"]]
    assert [forecast_seconds(WORLD, hop) for hop in (first, second)] == [1260, 60]


def test_a_note_that_is_too_large_is_not_taken_apart() -> None:
    world = replace(WORLD, notes=[NOTE_150, HUGE])
    assert notes_of(world, world.hops[1])[0] == [HUGE]
    assert readable_notes(world, world.hops[1]) == []


def test_agents_are_judged_against_both_ends_of_the_hop() -> None:
    old = Agent("a", "a", "1.3.0", None, True)
    world = replace(WORLD, fleet=AgentFacts((old,), True, 30))
    findings, skew = agents_of(world, world.hops[0])
    assert ([finding.id for finding in findings], skew.outside) == (["agent-skew"], (old,))
    assert agents_of(FACTS, FACTS.hops[0])[1].count == 0


def test_without_notes_and_a_watch_nothing_is_forecast() -> None:
    assert forecast_seconds(Facts(), FACTS.hops[0]) == 0


def test_a_note_at_its_limit_is_read() -> None:
    largest = replace(HUGE, text=HUGE.text[1:])
    assert readable_notes(replace(WORLD, notes=[largest]), WORLD.hops[1]) == [largest]
