# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import semver
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import DatabaseFacts, Facts, Hop
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding, acknowledge
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan import build, lines, refusal

CURRENT = {"version": "1.4.2", "image": "reg.example/ampora-web:1.4.2", "digest": "sha256:" + "a" * 64, "replicas": 3}
TARGET = {"version": "1.5.0", "image": "reg.example/ampora-web@sha256:" + "b" * 64, "digest": "sha256:" + "b" * 64}
FACTS = Facts(
    deployment={"namespace": "ampora", "name": "ampora-web", "container": "ampora-web"},
    current=CURRENT,
    target=TARGET,
    change="minor",
    hops=[Hop(1, CURRENT, TARGET, "minor")],
    database=DatabaseFacts(170004, 12, ("1_first",), 160000, True, ()),
    notes=[ReleaseNote("1.5.0", "# 1.5.0\n\nThe migration takes about 20 minutes.\n", "1.5.0.md")],
    available=[semver.Version.parse("1.4.2"), semver.Version.parse("1.5.0")],
)
SAME_TARGET = {**TARGET, "version": "1.4.2", "digest": CURRENT["digest"]}
SAME = replace(FACTS, target=SAME_TARGET, change="none", hops=[Hop(1, CURRENT, SAME_TARGET, "none")])
WORD = Finding("word-remove", "ack", "Removes a key.", "1.5.0", ("1.5.0.md:7 [Changes] Removes a key.",))
BLOCK = Finding("skipped-minor", "block", "1.5.0 comes before 1.6.0.", "1.6.0")
NOTE = Finding("prerelease", "info", "It is a pre-release.", "1.5.0-rc.1")
ANSWER = {"ack-1.5.0-word-remove": "true"}


def test_a_plan_is_one_plain_document() -> None:
    plan = build(FACTS, [NOTE])
    assert json.loads(json.dumps(plan)) == plan
    assert {name: plan[name] for name in ("format", "deployment", "current", "target", "change", "resumes", "path", "decision")} == {
        "format": 1,
        "deployment": FACTS.deployment,
        "current": CURRENT,
        "target": TARGET,
        "change": "minor",
        "resumes": "",
        "path": ["1.4.2", "1.5.0"],
        "decision": "go",
    }
    assert plan["hops"] == [{"number": 1, "from": CURRENT, "to": TARGET, "change": "minor", "decision": "go"}]
    assert plan["database"] == {"server_version": 170004, "size": 12, "migrations": ["1_first"]}
    assert [(note["version"], note["hop"], note["runtime_seconds"]) for note in plan["notes"]] == [("1.5.0", 1, 1200)]
    assert (plan["available"], plan["findings"]) == (["1.4.2", "1.5.0"], [NOTE.to_dict()])


@pytest.mark.parametrize(
    ("facts", "hops"),
    [
        (SAME, 0),
        (replace(SAME, resumes="20261122t2140z-ab12cd"), 1),
        (replace(SAME, target={**TARGET, "version": "1.4.2"}), 1),
        (replace(SAME, change="downgrade"), 1),
        (FACTS, 1),
    ],
    ids=["what runs already", "a run to go on with", "the same version by another digest", "a downgrade", "an upgrade"],
)
def test_hops(facts: Facts, hops: int) -> None:
    assert len(build(facts, [])["hops"]) == hops


@pytest.mark.parametrize(
    ("findings", "acks", "decision"),
    [
        ([], {}, "go"),
        ([NOTE], {}, "go"),
        ([WORD], {}, "acknowledge"),
        ([WORD], ANSWER, "go"),
        ([WORD], {"ack-1.4.2-word-remove": "true"}, "acknowledge"),
        ([WORD, BLOCK], ANSWER, "blocked"),
        ([BLOCK], {"ack-1.6.0-skipped-minor": "true"}, "blocked"),
    ],
)
def test_the_decision(findings: list[Finding], acks: dict[str, str], decision: str) -> None:
    assert build(FACTS, acknowledge(findings, acks))["decision"] == decision


def test_lines_of_a_refused_plan() -> None:
    assert lines(build(FACTS, [BLOCK, WORD, NOTE])) == [
        "1.4.2 -> 1.5.0 (minor)",
        "  [BLOCKS] skipped-minor: 1.5.0 comes before 1.6.0.",
        "  [needs an answer] word-remove: Removes a key.",
        '      answer with ampora_acks: {ack-1.5.0-word-remove: "true"}',
        "      1.5.0.md:7 [Changes] Removes a key.",
        "  [note] prerelease: It is a pre-release.",
        "decision: blocked",
    ]


@pytest.mark.parametrize(
    ("facts", "findings", "acks", "expected"),
    [
        (SAME, [], {}, ["1.4.2 is what runs, with the digest asked for: nothing to do", "decision: go"]),
        (replace(FACTS, resumes="r1"), [], {}, ["1.4.2 -> 1.5.0 (minor), going on with run r1", "decision: go"]),
        (Facts(), [WORD], {}, ["? -> ? (unknown change)"]),
        (FACTS, [WORD], {}, ["decision: acknowledgements needed"]),
        (FACTS, [WORD], ANSWER, ["  [acknowledged] word-remove: Removes a key."]),
    ],
    ids=["nothing to do", "going on", "nothing could be read", "an answer is needed", "answered"],
)
def test_lines(facts: Facts, findings: list[Finding], acks: dict[str, str], expected: list[str]) -> None:
    shown = lines(build(facts, acknowledge(findings, acks)))
    assert [line for line in shown if line in expected] == expected


def test_evidence_is_shown_in_part() -> None:
    many = replace(WORD, evidence=tuple(f"line {number}" for number in range(9)))
    shown = lines(build(FACTS, acknowledge([many], ANSWER)))
    assert [line for line in shown if line.startswith("      ")] == [f"      line {number}" for number in range(5)]


def test_a_refusal_has_every_open_reason_and_no_other() -> None:
    answered = replace(WORD, id="word-rename", text="Renames a key.")
    plan: dict[str, Any] = build(FACTS, acknowledge([BLOCK, WORD, NOTE, answered], {"ack-1.5.0-word-rename": "true"}))
    assert refusal(plan) == (
        "The upgrade is refused and nothing was changed. [skipped-minor] 1.5.0 comes before 1.6.0. [word-remove] Removes a key."
    )


def test_a_plan_that_may_go_ahead_has_no_refusal() -> None:
    assert refusal(build(FACTS, [NOTE])) == ""
