# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the facts reach the rules of a hop; the rules have tables of their own, and the reading tests go all the way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import semver
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import of_hop
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.configuration import LiveKey
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.deprecations import LogFacts, Tally
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts, Hop, KeyFacts, Unreadable
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import LARGEST_NOTE, ReleaseNote

from tests.unit.doubles.plans import CURRENT, FACTS, TARGET

REMOVES = ReleaseNote("1.5.0", "# 1.5.0\n\n## Removals\n\n- `Old:Key` was removed.\n", "1.5.0.md")
WORLD = replace(FACTS, notes=[REMOVES], keys=KeyFacts((LiveKey("OLD__KEY", "ConfigMap ampora-config"),)))


def found(facts: Facts) -> list[str]:
    return [finding.id for hop in facts.hops for judge in of_hop.JUDGES for finding in judge(facts, hop)]


def test_the_notes_are_joined_with_the_keys_that_are_set() -> None:
    assert found(WORLD) == ["word-remove", "deprecation-unknown", "removed-key-in-use"]
    assert "removed-key-not-set" in found(replace(WORLD, keys=KeyFacts()))
    assert "removed-key-in-use" not in found(replace(WORLD, keys=None))


@pytest.mark.parametrize("change", ["none", "downgrade"])
def test_a_hop_that_brings_no_notes_asks_nothing_about_them(change: str) -> None:
    hop = Hop(1, CURRENT, CURRENT if change == "none" else TARGET, change)
    assert found(replace(WORLD, hops=[hop])) == []


def test_notes_that_could_not_be_read_are_not_missed_once_more() -> None:
    assert found(replace(WORLD, notes=[], unreadable=[Unreadable("release-notes", "No.")])) == []


def test_what_happened_here() -> None:
    assert found(replace(WORLD, notes=[ReleaseNote("1.5.0", "# 1.5.0\n", "x")], on_hold={"1.5.0": "r1"})) == ["on-hold"]


def jump(current: str, target: str, change: str, **world: Any) -> list[str]:
    hop = Hop(1, {"version": current}, {"version": target}, change)
    given = {"hops": [hop], "notes": [], "available": [semver.Version.parse(v) for v in ("1.4.2", "1.4.3", "1.5.0")], **world}
    return [finding.id for finding in of_hop._jump(replace(FACTS, **given), hop)]


def test_without_the_registry_nothing_is_said_of_versions_that_nobody_knows() -> None:
    silent, other = [Unreadable("registry", "No.")], [Unreadable("agents", "No.")]
    assert jump("1.4.2", "1.9.0", "minor", available=[], unreadable=silent) == []
    assert "unknown-version" in jump("1.4.2", "1.5.0", "minor", available=[], unreadable=other)
    assert "unknown-version" in jump("1.4.2", "1.5.0", "minor", available=[], unreadable=[Unreadable("release-notes", "No.")])
    assert "unknown-version" in jump("1.4.2", "1.5.9", "minor", unreadable=silent), "the notes name versions too"


@pytest.mark.parametrize(
    ("current", "target", "change", "ids"),
    [
        ("1.4.3", "1.4.2", "downgrade", []),
        ("1.5.0", "1.4.3", "downgrade", ["downgrade"]),
        ("1.4.2", "1.4.3", "patch", ["not-a-downgrade"]),
        ("1.4.2", "1.5.0", "minor", ["not-a-downgrade"]),
        ("1.4.2", "1.4.2", "none", []),
    ],
)
def test_a_downgrade_stays_in_its_minor(current: str, target: str, change: str, ids: list[str]) -> None:
    assert jump(current, target, change, kind="downgrade") == ids


@pytest.mark.parametrize(("label", "differs"), [("1.4.9", True), ("1.6.0", True), ("v1.5.0", False), ("", False)])
def test_the_label_of_the_image(label: str, differs: bool) -> None:
    hop = replace(FACTS.hops[0], target={**TARGET, "version": "1.5.0"}, label=label)
    assert bool(of_hop._label(FACTS, hop)) is differs


@pytest.mark.parametrize("part", ["registry", "agents", "zone"])
def test_what_else_could_not_be_read_does_not_silence_the_notes(part: str) -> None:
    assert "word-remove" in found(replace(WORLD, unreadable=[Unreadable(part, "No.")]))


def test_a_note_at_its_limit_is_judged_by_its_promises() -> None:
    for more, expected in ((0, True), (1, False)):
        text = REMOVES.text + "x" * (LARGEST_NOTE + more - len(REMOVES.text))
        assert ("deprecation-unknown" in found(replace(WORLD, notes=[replace(REMOVES, text=text)]))) is expected


@pytest.mark.parametrize("part", ["registry", "rollout"])
def test_notes_are_missed_where_another_part_could_not_be_read(part: str) -> None:
    assert "missing-notes" in found(replace(WORLD, notes=[], unreadable=[Unreadable(part, "No.")]))


def test_the_notes_are_joined_with_the_features_that_the_logs_show_in_use() -> None:
    """As their last warning says, and for a hop that brings notes."""
    tally = Tally()
    tally.add(b'{"level": "Warning", "category": "Ampora.X", "message": "{Key} is deprecated", "Key": "Old:Key"}')
    world = replace(WORLD, keys=None, logs=LogFacts(tally, 86400))
    assert found(world) == ["word-remove", "deprecation-unknown", "deprecated-in-use-removed"]
    assert found(replace(world, hops=[Hop(1, TARGET, CURRENT, "downgrade")])) == ["downgrade"]
