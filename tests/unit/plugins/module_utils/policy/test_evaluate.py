# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one entry: facts in; findings of every hop, answers and a decision out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import semver
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.evaluate import evaluate, judge
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import DatabaseFacts, Facts, Hop, Unfinished, Unreadable
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Answers, Override
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.rules import compile_rules
from hypothesis import given
from hypothesis import strategies as st

AVAILABLE = [semver.Version.parse(text) for text in ("1.4.2", "1.4.3", "1.5.0", "1.6.0")]
V142, V150, V160 = ({"version": text, "digest": f"sha256:{text}"} for text in ("1.4.2", "1.5.0", "1.6.0"))
NOTES = [ReleaseNote(version, f"# {version}\n", f"{version}.md") for version in ("1.4.3", "1.5.0", "1.6.0")]
BREAKS = ReleaseNote("1.6.0", "# 1.6.0\n\n- This is a breaking change.\n", "1.6.0.md")


def facts(**changes: Any) -> Facts:
    """A path of two hops with nothing in its way."""
    hops = [Hop(1, V142, V150, "minor"), Hop(2, V150, V160, "minor")]
    given = {"current": V142, "target": V160, "change": "minor", "hops": hops, "available": AVAILABLE, "notes": NOTES, **changes}
    return Facts(**given)


def found(world: Facts, **answers: Any) -> list[tuple[str, str, int]]:
    return [(item["id"], item["version"], item["hop"]) for item in evaluate(world, Answers(**answers))["findings"]]


def test_nothing_in_the_way() -> None:
    plan = evaluate(facts(), Answers())
    assert (plan["findings"], plan["decision"], plan["path"]) == ([], "go", ["1.4.2", "1.5.0", "1.6.0"])


def test_a_finding_of_a_note_belongs_to_its_hop() -> None:
    plan = evaluate(facts(notes=[*NOTES[:2], BREAKS]), Answers())
    assert [(item["id"], item["version"], item["hop"]) for item in plan["findings"]] == [("word-breaking", "1.6.0", 2)]
    assert [hop["decision"] for hop in plan["hops"]] == ["go", "acknowledge"]
    assert plan["decision"] == "acknowledge"


def test_a_finding_keeps_the_version_of_its_note() -> None:
    """Its acknowledgement is valid for that version, not for the one that the hop leads to."""
    breaks = ReleaseNote("1.4.3", "# 1.4.3\n\n- The page's title is policy.\n", "1.4.3.md")
    assert found(facts(notes=[breaks, *NOTES[1:]])) == [("word-policy", "1.4.3", 1)]


def test_what_blocks_now_is_said_once_and_what_is_to_answer_for_each_version() -> None:
    """An answer is valid for one version, so all that the night will ask is known at noon."""
    old = DatabaseFacts(150000, 12, (), 160000, may_create_databases=False, locks=())
    world = facts(database=old, unfinished=Unfinished("rollback", "r1", ""), foreign_holder="ada")
    blocks = [("another-run", "1.5.0", 1), ("unfinished-run", "1.5.0", 1), ("database-too-old", "1.5.0", 1)]
    asks = [("restore-needs-createdb", "1.5.0", 1), ("restore-needs-createdb", "1.6.0", 2)]
    assert found(world) == [*blocks, *asks]


def test_one_hop_where_several_are_needed_is_refused() -> None:
    plan = evaluate(facts(hops=[Hop(1, V142, V160, "minor")]), Answers())
    assert [item["id"] for item in plan["findings"]] == ["skipped-minor"]
    assert "1.4.2 -> 1.5.0 -> 1.6.0" in plan["findings"][0]["text"]
    assert plan["decision"] == "blocked"


def test_without_versions_the_deployment_is_judged_all_the_same() -> None:
    world = facts(hops=[], target={}, unreadable=[Unreadable("invalid-version", "It is no version.", ("seen",))], missing={"gone": "It."})
    plan = evaluate(world, Answers())
    assert [(item["id"], item["hop"], item["evidence"]) for item in plan["findings"]] == [("invalid-version", 0, ["seen"]), ("gone", 0, [])]
    assert (plan["decision"], plan["hops"]) == ("blocked", [])


def test_notes_that_cannot_be_read_are_one_finding() -> None:
    assert found(facts(notes=[], unreadable=[Unreadable("release-notes", "No.")])) == [("release-notes", "1.5.0", 1)]


def test_a_registry_without_an_answer_says_nothing_about_versions() -> None:
    assert found(facts(available=[], unreadable=[Unreadable("registry", "No.")])) == [("registry", "1.5.0", 1)]
    assert ("unknown-version", "1.5.0", 1) in found(facts(available=[]))


@pytest.mark.parametrize(("label", "ids"), [("", []), ("1.5.0", []), ("v1.5.0", []), ("1.4.9", ["label-differs"])])
def test_labels(label: str, ids: list[str]) -> None:
    hop = replace(facts().hops[0], label=label)
    assert [name for name, _version, _hop in found(facts(hops=[hop], target=V150))] == ids


def test_answers_overrides_and_the_sites_rules_together() -> None:
    world = facts(notes=[*NOTES[:2], BREAKS], missing={"own-thing": "It is missing."})
    rule = {"id": "no-minor", "when": "change == 'minor'", "severity": "ack", "text": "No MINOR."}
    acks = {"ack-1.6.0-word-breaking": "true", "ack-1.6.0-no-minor": "true"}
    plan = evaluate(world, Answers(acks, [Override("own-thing", "It is there.")], compile_rules([rule])))
    states = [(item["id"], item["acknowledged"], bool(item["overridden"])) for item in plan["findings"]]
    assert states == [("own-thing", False, True), ("word-breaking", True, False), ("no-minor", True, False)]
    assert plan["decision"] == "go"


@given(st.permutations(NOTES[:2] + [BREAKS]), st.permutations(AVAILABLE))
def test_order_does_not_matter(notes: list[ReleaseNote], available: list[semver.Version]) -> None:
    assert judge(facts(notes=notes, available=available)) == judge(facts(notes=[*NOTES[:2], BREAKS]))


@given(st.dictionaries(st.sampled_from(["ack-1.6.0-word-breaking", "ack-1.6.0-x", "x"]), st.sampled_from(["true", "yes"])))
def test_an_acknowledgement_never_adds_something_to_do(acks: dict[str, str]) -> None:
    world = facts(notes=[*NOTES[:2], BREAKS])

    def standing(given_acks: dict[str, str]) -> set[tuple[Any, Any]]:
        findings = evaluate(world, Answers(given_acks))["findings"]
        return {(item["id"], item["version"]) for item in findings if item["severity"] != "info" and not item["acknowledged"]}

    assert standing(acks) <= standing({})


NUMBERS = st.integers(0, 2)
VERSIONS = st.builds(semver.Version, st.integers(1, 2), NUMBERS, NUMBERS)
KEYS = st.sampled_from([f"ack-{version}-{rule}" for version in ("1.4.2", "1.5.0", "1.6.0") for rule in ("downgrade", "word-breaking", "x")])


@given(VERSIONS, VERSIONS, st.sets(VERSIONS, max_size=8), st.dictionaries(KEYS, st.just("true")), st.sampled_from(["upgrade", "downgrade"]))
def test_a_downgrade_across_a_minor_never_passes(
    current: semver.Version, target: semver.Version, known: set[semver.Version], acks: dict[str, str], kind: str
) -> None:
    """Whatever anybody has answered or overridden, and whichever playbook it is."""
    if (target.major, target.minor) >= (current.major, current.minor):
        current, target = target, current
    if (target.major, target.minor) == (current.major, current.minor):
        return
    hop = Hop(1, {"version": str(current)}, {"version": str(target)}, "downgrade")
    world = facts(kind=kind, current=hop.current, target=hop.target, change="downgrade", hops=[hop], available=sorted({*known, target}))
    answers = Answers({**acks, f"ack-{target}-downgrade": "true"}, [Override("downgrade", "I want to.")])
    plan = evaluate(world, answers)
    assert plan["decision"] == "blocked"
    assert "downgrade" in {item["id"] for item in plan["findings"] if item["severity"] == "block" and not item["overridden"]}


@given(st.sampled_from([None, "build.1"]), st.sampled_from([None, "build.2"]), st.sampled_from([None, "b"]))
def test_build_metadata_does_not_matter(current: str | None, target: str | None, known: str | None) -> None:
    def plan(*builds: str | None) -> list[Any]:
        one, two, three = (f"+{build}" if build else "" for build in builds)
        hop = Hop(1, {"version": f"1.5.0{one}"}, {"version": f"1.6.0{two}"}, "minor")
        available = [semver.Version.parse(f"{version}{three}") for version in ("1.5.0", "1.6.0")]
        found = judge(facts(current=hop.current, target=hop.target, hops=[hop], available=available, notes=[*NOTES[:2], BREAKS]))
        return [(item.id, item.severity, semver.Version.parse(item.version).replace(build=None), item.text) for item in found]

    assert plan(current, target, known) == plan(None, None, None)


@given(st.sets(st.sampled_from(["ack-1.6.0-word-breaking", "ack-1.6.0-x", "ack-1.5.0-restore-needs-createdb", "y"])), st.data())
def test_one_answer_more_never_brings_something_to_do(keys: set[str], data: st.DataObject) -> None:
    old = DatabaseFacts(150000, 12, (), 160000, may_create_databases=False, locks=())
    world = facts(notes=[*NOTES[:2], BREAKS], database=old)
    more = data.draw(st.sampled_from(["ack-1.6.0-word-breaking", "ack-1.6.0-restore-needs-createdb", "z"]))

    def standing(given_keys: set[str]) -> set[tuple[str, str]]:
        found = evaluate(world, Answers(dict.fromkeys(given_keys, "true")))["findings"]
        return {(item["id"], item["version"]) for item in found if item["severity"] != "info" and not item["acknowledged"]}

    assert standing({*keys, more}) <= standing(keys)
