# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.agents import Skew
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Answers, Finding, acknowledge
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import LARGEST_NOTE, ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.overrides import override
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan import LARGEST_COMPACT, build, compact, expected_seconds

from tests.unit.doubles.plans import ANSWER, ANSWERS, BLOCK, CURRENT, FACTS, NOTE, SAME, SAME_TARGET, TARGET, TWO_HOPS, WORD

ROOT = Path(__file__).parents[5]


def test_a_plan_is_one_plain_document() -> None:
    plan = build(FACTS, [NOTE], ANSWERS)
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
    assert plan["hops"] == [
        {
            "number": 1,
            "from": CURRENT,
            "to": TARGET,
            "change": "minor",
            "decision": "go",
            "agents": Skew().to_dict(),
            "forecast_seconds": 1260,
        }
    ]
    assert plan["forecast_seconds"] == 1260, "20 minutes of the note, and the watch"
    assert plan["answers"] == {
        "by": {"user": "ada"},
        "acks": {"ack-1.5.0-word-remove": "true"},
        "overrides": [{"rule": "strategy", "reason": "an interruption is agreed on", "until": ""}],
    }
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
        (replace(SAME, change="patch"), 1),
        (replace(SAME, target={**SAME_TARGET, "digest": "sha256:" + "0" * 64}), 1),
        (FACTS, 1),
    ],
    ids=[
        "what runs already",
        "a run to go on with",
        "the same version by another digest",
        "a downgrade",
        "the digest of another version",
        "a digest that sorts before",
        "an upgrade",
    ],
)
def test_hops(facts: Facts, hops: int) -> None:
    assert len(build(facts, [], ANSWERS)["hops"]) == hops


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
    assert build(FACTS, acknowledge(findings, acks), Answers(acks))["decision"] == decision


def test_what_is_built_is_what_the_schema_says() -> None:
    schema = json.loads((ROOT / "docs" / "schemas" / "plan.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    overridden = override([BLOCK], ANSWERS.overrides, 0.0)
    for plan in (build(FACTS, [NOTE, WORD, *overridden], ANSWERS), build(TWO_HOPS, [], Answers()), build(Facts(), [BLOCK], Answers())):
        validator.validate(plan)
        validator.validate(compact(plan))
    assert not validator.is_valid({**build(FACTS, [], Answers()), "more": 1}), "a new part of the plan is described as well"


def test_a_compact_plan_says_everything_but_less_of_it() -> None:
    many = [replace(WORD, version=f"1.4.{number}", evidence=("place " * 60,) * 30) for number in range(100)]
    small = compact(build(FACTS, [*many[:2], NOTE], ANSWERS))
    assert [len(finding["evidence"]) for finding in small["findings"]] == [20, 20, 0]
    large = compact(build(FACTS, many, ANSWERS))
    assert len(json.dumps(large)) <= LARGEST_COMPACT
    assert [finding["ack_key"] for finding in large["findings"]] == [finding.ack_key for finding in many]
    assert {len(finding["evidence"]) for finding in large["findings"]} == {3}
    assert large["decision"] == "acknowledge" and large["answers"] == ANSWERS.to_dict()
    flood = compact(build(FACTS, [replace(item, text="x" * 10_000, evidence=("y" * 9_000,) * 9) for item in many], Answers()))
    assert len(json.dumps(flood)) <= LARGEST_COMPACT
    assert {(len(finding["text"]), len(finding["evidence"])) for finding in flood["findings"]} == {(2000, 0)}


def test_what_stands_in_the_way_of_the_deployment_stands_in_the_way_of_each_hop() -> None:
    of_all, of_second = replace(BLOCK, hop=0), replace(WORD, hop=2)
    assert [hop["decision"] for hop in build(TWO_HOPS, [of_second], Answers())["hops"]] == ["go", "acknowledge"]
    assert [hop["decision"] for hop in build(TWO_HOPS, [of_all, of_second], Answers())["hops"]] == ["blocked", "blocked"]


def test_a_note_is_read_up_to_its_limit_and_not_beyond() -> None:
    said = "# 1.5.0\n\n- By ADR-12. The migration takes about 20 minutes.\n\n"
    for more, sections, decisions, seconds in ((0, True, ["ADR-12"], 1200), (1, False, [], 0)):
        text = said + "<!--" + " " * (LARGEST_NOTE + more - len(said) - 7) + "-->"
        (note,) = build(replace(FACTS, notes=[ReleaseNote("1.5.0", text, "1.5.0.md")]), [], Answers())["notes"]
        assert (bool(note["sections"]), [one["adr"] for one in note["adrs"]], note["runtime_seconds"]) == (sections, decisions, seconds)


def test_how_long_the_migrations_take_is_the_sum_of_the_notes() -> None:
    assert expected_seconds(build(FACTS, [], Answers())) == 1200
    assert expected_seconds({"notes": [{"runtime_seconds": 60}, {}, {"runtime_seconds": 5}]}) == 65
    assert expected_seconds({}) == 0


def test_what_a_compact_plan_keeps_of_long_lists() -> None:
    agents = {**Skew().to_dict(), "outside": [{"id": str(number)} for number in range(25)], "count": 25}
    adrs = [{"adr": f"ADR-{number}", "version": "1.5.0", "text": "x" * 300} for number in range(60)]
    plan = {"hops": [{"agents": agents}], "notes": [{"adrs": adrs}], "findings": [{"text": "t" * 3000, "evidence": ["e" * 3000] * 25}]}
    kept = compact(plan)
    assert (len(kept["hops"][0]["agents"]["outside"]), kept["hops"][0]["agents"]["count"]) == (20, 25)
    assert [len(adr["text"]) for adr in kept["notes"][0]["adrs"]] == [200] * 50
    assert (len(kept["findings"][0]["text"]), [len(place) for place in kept["findings"][0]["evidence"]]) == (2000, [2000] * 20)


def test_a_compact_plan_may_be_as_large_as_its_limit() -> None:
    assert LARGEST_COMPACT == 400_000
    finding = {"text": "", "evidence": ["x" * 1900] * 20}
    plan = {"hops": [], "notes": [], "findings": [{**finding, "id": number} for number in range(10)], "pad": ""}
    room = LARGEST_COMPACT - len(json.dumps(compact(plan)))
    assert len(compact({**plan, "pad": "x" * room})["findings"][0]["evidence"]) == 20
    assert len(compact({**plan, "pad": "x" * (room + 1)})["findings"][0]["evidence"]) == 3
