# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import graph as policy_graph
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.graph import Graph, judge, read
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import judge_jump, path
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

SCHEMA = json.loads((Path(__file__).parents[5] / "docs" / "schemas" / "upgrade-graph.json").read_text(encoding="utf-8"))
BAD = {"id": "slow", "versions": "1.5.0", "reason": "Starts slowly.", "link": "https://example.com/1", "until": "1.5.1"}
FORBIDDEN = {"id": "first", "from": "<1.4.3", "to": "1.5.x", "change": "minor", "reason": "Needs the index of 1.4.3."}
RISK = {"id": "tenants", "from": "1.5.x", "to": "1.6.x", "reason": "Rewrites a table per tenant.", "promql": "tenants > bool 100"}
KNOWN = [Version.parse(text) for text in ("1.4.2", "1.4.3", "1.5.0", "1.5.1", "1.6.0")]


def graph(bad: Sequence[Mapping[str, Any]] = (), edges: Sequence[Mapping[str, Any]] = ()) -> Graph:
    document = {"format": 1, "bad": list(bad), "edges": list(edges)}
    jsonschema.validate(document, SCHEMA)
    return read(document, "graph.yml")


def way(found: Graph, current: str, target: str, answers: Mapping[str, float | None] | None = None, held: Sequence[str] = ()) -> list[str]:
    end = Version.parse(target)
    return [str(hop) for hop in path(Version.parse(current), end, KNOWN, found.allows(answers or {}, end, held))]


def said(found: Graph, current: str, target: str, answers: Mapping[str, float | None] | None = None) -> list[tuple[str, str]]:
    return [(item.id, item.severity) for item in judge(found, Version.parse(current), Version.parse(target), answers or {})]


def test_the_planner_walks_around() -> None:
    assert way(graph(), "1.4.2", "1.6.0") == ["1.5.1", "1.6.0"]
    assert way(graph([{**BAD, "versions": "1.5.1", "until": "1.5.2"}]), "1.4.2", "1.6.0") == ["1.5.0", "1.6.0"]
    assert way(graph([BAD]), "1.4.2", "1.5.0") == [], "a bad target is a finding, not a way"
    assert way(graph([], [FORBIDDEN]), "1.4.2", "1.6.0") == ["1.4.3", "1.5.1", "1.6.0"], "a PATCH first"
    assert way(graph([], [FORBIDDEN]), "1.4.2", "1.4.3") == ["1.4.3"], "a PATCH stays allowed"
    assert way(graph([], [{**FORBIDDEN, "until": "1.5.1"}]), "1.4.2", "1.6.0") == ["1.5.1", "1.6.0"]
    assert way(graph([], [{**FORBIDDEN, "from": "1.4.x"}]), "1.4.2", "1.6.0") == []
    assert way(graph(), "1.4.2", "1.6.0", held=["1.5.1"]) == ["1.5.0", "1.6.0"]
    assert way(graph(), "1.4.2", "1.5.1", held=["1.5.1"]) == ["1.5.1"], "asked for by name"


@pytest.mark.parametrize(("answer", "found"), [(0.0, ["1.6.0"]), (1.0, []), (None, []), (0.5, [])])
def test_the_planner_takes_no_risk_that_it_cannot_tell(answer: float | None, found: list[str]) -> None:
    assert way(graph([], [RISK]), "1.5.1", "1.6.0", {"tenants": answer}) == found


@pytest.mark.parametrize(("value", "severity"), [(0.0, "info"), (1.0, "block"), (None, "ack"), (2.0, "ack"), ("absent", "ack")])
def test_a_risk_is_exactly_0_or_1(value: Any, severity: str) -> None:
    answers = {} if value == "absent" else {"tenants": value}
    assert said(graph([], [RISK]), "1.5.1", "1.6.0", answers) == [("conditional-edge", severity)]
    assert said(graph([], [RISK]), "1.4.2", "1.5.0", answers) == []


def test_what_is_said_of_a_hop() -> None:
    found = graph([BAD], [FORBIDDEN])
    assert said(found, "1.4.2", "1.5.0") == [("known-bad-version", "block"), ("forbidden-edge", "block")]
    assert said(found, "1.4.2", "1.5.1") == [("forbidden-edge", "block")]
    assert said(found, "1.4.2", "1.4.3") == said(found, "1.4.3", "1.5.1") == []
    (bad,) = judge(found, Version.parse("1.4.3"), Version.parse("1.5.0"), {})
    assert bad.text == "1.5.0 is known to be bad: Starts slowly. (slow, until 1.5.1). Choose another version."
    assert bad.evidence == ("https://example.com/1",)
    (unsure,) = judge(graph([], [RISK]), Version.parse("1.5.1"), Version.parse("1.6.0"), {"tenants": 7.0})
    assert unsure.text == (
        "Whether a risk of 1.5.1 -> 1.6.0 applies here is not known (Prometheus gives 7, and only 0 or 1 is an answer), so the hop is not"
        ' recommended: Rewrites a table per tenant. (tenants). Find out, then set ack-1.6.0-conditional-edge: "true" in ampora_acks.'
    )


def test_the_queries_of_the_risks() -> None:
    assert graph([BAD], [FORBIDDEN, RISK]).asked() == {"tenants": "tenants > bool 100"}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], ["it is not an object"]),
        ({}, ["format must be 1"]),
        ({"format": 2, "more": 1}, ["more is not a field of it", "format must be 1"]),
        ({"format": 1, "bad": {}, "edges": "x"}, ["bad must be a list", "edges must be a list"]),
        ({"format": 1, "bad": [1]}, ["bad[0].id is missing", "bad[0].reason is missing", "bad[0].versions is"]),
        ({"format": 1, "bad": [{**BAD, "versions": "newest"}]}, ['bad[0].versions is "newest"']),
        ({"format": 1, "bad": [{**BAD, "until": "1.5"}]}, ['bad[0].until is "1.5"']),
        ({"format": 1, "bad": [{**BAD, "link": "javascript:alert(1)"}]}, ["bad[0].link is"]),
        ({"format": 1, "bad": [{**BAD, "promql": "x"}]}, ["bad[0].promql is not a field of it"]),
        ({"format": 1, "edges": [{**FORBIDDEN, "change": "big"}]}, ["edges[0].change is"]),
        ({"format": 1, "edges": [{**FORBIDDEN, "reason": 5}]}, ["edges[0].reason must be a text", "edges[0].reason is missing"]),
        ({"format": 1, "bad": [BAD], "edges": [{**FORBIDDEN, "id": "slow"}]}, ['the id "slow" is there twice']),
    ],
)
def test_all_that_is_wrong_is_said_at_once(document: object, words: list[str]) -> None:
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(document) or "twice" in words[0] or "until" in words[0]
    with pytest.raises(UpgradeError, match="The upgrade graph graph.yml") as error:
        read(document, "graph.yml")
    for word in words:
        assert word in error.value.message


VERSIONS = st.builds(Version, st.integers(1, 2), st.integers(0, 2), st.integers(0, 2))
LINES = st.sampled_from(["1.0.x", "1.1.x", "1.2.x", "2.0.x", ">=1.0.0"])
BAD_VERSIONS = st.sampled_from(["1.0.1", "1.1.0", "1.1.x", "2.0.0"])
CHANGES = st.sampled_from(["", "minor"])
BADS = st.lists(
    st.builds(lambda text: {**BAD, "versions": text, "until": ""}, st.sampled_from(["1.0.1", "1.1.0", "1.1.x", "2.0.0"])), max_size=2
)
EDGES = st.lists(
    st.builds(
        lambda source, target, kind: {**FORBIDDEN, "from": source, "to": target, "change": kind},
        LINES,
        LINES,
        st.sampled_from(["", "minor"]),
    ),
    max_size=2,
)


def numbered(entries: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [{key: value for key, value in {**entry, "id": f"{name}{index}"}.items() if value} for index, entry in enumerate(entries)]


@given(st.sets(VERSIONS, min_size=2, max_size=9), BADS, EDGES, st.data())
def test_a_path_is_legal_reaches_its_target_and_is_the_shortest(
    available: set[Version], bad: list[dict[str, Any]], edges: list[dict[str, Any]], data: st.DataObject
) -> None:
    known = sorted(available)
    current, target = data.draw(st.sampled_from(known)), data.draw(st.sampled_from(known))
    allowed = graph(numbered(bad, "b"), numbered(edges, "e")).allows({}, target, ())

    def legal(hops: Sequence[Version]) -> bool:
        pairs = itertools.pairwise([current, *hops])
        return all(
            allowed(at, step) and not [f for f in judge_jump(at, step, known, allow_prerelease=False) if f.severity == "block"]
            for at, step in pairs
        )

    between = [version for version in known if current < version < target]
    all_ways = (
        [*middle, target] for count in range(len(between) + 1) for middle in itertools.combinations(between, count) if current < target
    )
    shortest = next((len(hops) for hops in all_ways if legal(hops)), 0)
    found = path(current, target, known, allowed)
    assert len(found) == shortest
    assert path(current, target, known[::-1], allowed) == found, "order does not matter"
    if found:
        assert found[-1] == target
        assert legal(found)


def test_a_list_has_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_graph, "MOST_ENTRIES", 2)
    entries = [{**BAD, "id": f"bad-{number}"} for number in range(4)]
    assert [len(read({"format": 1, "bad": entries[:count]}, "graph.yml").bad) for count in range(3)] == [0, 1, 2]
    for count in (3, 4):
        with pytest.raises(UpgradeError, match="bad must be a list of at most 2 entries"):
            read({"format": 1, "bad": entries[:count]}, "graph.yml")


def test_ids_are_compared_however_many_there_are() -> None:
    many = [{"id": f"r{number}", "versions": "1.4.0", "reason": "x"} for number in range(5001)]
    edges = [{"id": f"r{number}", "from": "1.4.0", "to": "1.5.0", "reason": "x"} for number in range(5000, 10_001)]
    with pytest.raises(UpgradeError, match='the id "r5000" is there twice'):
        read({"format": 1, "bad": many, "edges": edges}, "graph.yml")


@pytest.mark.parametrize(("length", "taken"), [(10_000, True), (10_001, False)])
def test_a_text_has_its_limit(length: int, taken: bool) -> None:
    document = {"format": 1, "bad": [{"id": "r1", "versions": "1.4.0", "reason": "x" * length}]}
    if taken:
        assert len(read(document, "graph.yml").bad) == 1
    else:
        with pytest.raises(UpgradeError, match=r"bad\[0\]\.reason must be a text"):
            read(document, "graph.yml")


@pytest.mark.parametrize(("count", "refused"), [(10_000, False), (10_001, True)])
def test_a_list_has_ten_thousand_entries_at_most(count: int, refused: bool) -> None:
    with pytest.raises(UpgradeError) as error:
        read({"format": 1, "bad": [{}] * count}, "graph.yml")
    assert ("bad must be a list of at most 10000 entries" in error.value.message) is refused
    assert ("bad[0].id is missing" in error.value.message) is not refused


def test_a_reason_is_told_in_five_hundred_characters() -> None:
    graph = read({"format": 1, "bad": [{"id": "r1", "versions": "1.4.0", "reason": "x" * 600}]}, "graph.yml")
    (finding,) = judge(graph, Version(1, 3), Version(1, 4), {})
    assert f": {'x' * 500} (r1)." in finding.text
