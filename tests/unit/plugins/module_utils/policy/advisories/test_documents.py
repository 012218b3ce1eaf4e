# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.advisory import Advisory, Affected, exactly
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.documents import merge, read
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.values import moment
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

FIXTURES = Path(__file__).parents[4] / "fixtures" / "advisories"
OSV, CSAF = (json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8")) for name in ("osv", "csaf"))
GITLAB = yaml.load((FIXTURES / "gitlab.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
KNOWN = ["1.4.0", "1.4.2", "1.4.3", "1.5.0", "1.5.1"]


def ids(document: object) -> list[str]:
    found, unread = read(document, "x.json", "ampora")
    assert unread == []
    return [one.id for one in found]


def test_the_form_is_told_by_the_content() -> None:
    assert ids(OSV) == ["GHSA-aaaa-bbbb-cccc"]
    assert ids(CSAF) == ["CVE-2026-1002", "CVE-2026-1003"]
    assert ids(GITLAB) == ["CVE-2026-1001"]
    assert ids([OSV, GITLAB]) == ids({"vulns": [OSV, GITLAB]}) == ["GHSA-aaaa-bbbb-cccc", "CVE-2026-1001"]
    assert ids([]) == ids({"vulns": []}) == []


@pytest.mark.parametrize(
    "beside",
    [
        {"canonical_url": "https://example.com", "publisher": {}},
        {"canonical_url": "https://example.com", "publisher": {}, "role": "csaf_provider", "distributions": []},
        {"feed": {"entry": []}},
    ],
)
def test_what_lies_beside_csaf_documents_is_no_advisory(beside: dict[str, Any]) -> None:
    assert ids(beside) == []


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"name": "ampora", "version": "1.4.2"}, 'x.json: it is neither OSV nor CSAF 2.0 nor GitLab\'s form: it has "name, version"'),
        ({}, 'it has ""'),
        ("text", 'it is "text"'),
        (None, "it is missing"),
        (7, 'it is "7"'),
        ([[]], "it is a list"),
        ({**OSV, "schema_version": "2.0"}, "x.json: its schema_version is"),
        ({**OSV, "affected": [0] * 10_001}, "a list has 10001 entries"),
    ],
)
def test_a_document_that_is_none(document: object, words: str) -> None:
    found, (reason,) = read(document, "x.json", "ampora")
    assert found == [] and words in reason


def test_the_others_go_on() -> None:
    found, unread = read([OSV, "text", GITLAB], "x.json", "ampora")
    assert len(found) == 2 and len(unread) == 1


def test_what_could_not_be_evaluated_names_its_document() -> None:
    (found,), unread = read({**GITLAB, "affected_range": "~1.4"}, "x.yml", "ampora")
    assert unread == []
    assert found.problems[0].startswith('x.yml: CVE-2026-1001: a version of its affected_range "~1.4" is "~1.4", which is not a version')
    assert merge([found])[1] == list(found.problems)


def affected(advisory: Advisory) -> list[str]:
    return [text for text in KNOWN if advisory.affects(Version.parse(text))]


def test_documents_about_the_same_vulnerability_are_one() -> None:
    given_all = [one for document in (OSV, CSAF, GITLAB) for one in read(document, "x", "ampora")[0]]
    found, problems = merge(given_all)
    assert [(one.id, one.aliases) for one in found] == [
        ("CVE-2026-1001", ("GHSA-aaaa-bbbb-cccc", "GMS-2026-7")),
        ("CVE-2026-1002", ("AMPORA-SA-2026-02#1",)),
        ("CVE-2026-1003", ("AMPORA-SA-2026-02#2",)),
    ]
    assert problems == []
    assert (found[0].summary, found[0].severity) == ("Sessions of deleted users", "high")
    assert affected(found[0]) == ["1.4.0", "1.4.2", "1.5.0"]


def said(name: str, version: str, **more: Any) -> Advisory:
    return Advisory(name, affected=(Affected((exactly(Version.parse(version)),)),), **more)


def test_aliases_are_symmetric_and_transitive() -> None:
    found, _problems = merge(
        [said("A", "1.4.0", aliases=("B",)), said("C", "1.4.3", aliases=("b",)), said("B", "1.4.2"), said("D", "1.5.0")]
    )
    assert [(one.id, affected(one)) for one in found] == [("A", ["1.4.0", "1.4.2", "1.4.3"]), ("D", ["1.5.0"])]


def test_of_one_document_the_last_modified_counts() -> None:
    old, new = said("A", "1.4.0", document="osv A", modified=1.0), said("A", "1.4.2", document="osv A", modified=2.0)
    undated = said("A", "1.4.3", document="osv A")
    ((found,), _problems) = merge([new, old, undated])
    assert affected(found) == ["1.4.2"]
    ((found,), _problems) = merge([old, replace(new, modified=1.0), said("A", "1.5.0", document="gitlab A")])
    assert affected(found) == ["1.4.0", "1.4.2", "1.5.0"], "which of two is newer is not known, and another database is another document"
    ((found,), _problems) = merge([replace(old, document=""), replace(new, document="")])
    assert affected(found) == ["1.4.0", "1.4.2"], "documents without an id of their own"
    ((found,), _problems) = merge([undated, said("A", "1.5.0", document="osv A", modified=moment(None))])
    assert affected(found) == ["1.4.3", "1.5.0"], "a date that is missing, and one that nobody gave"
    ((found,), _problems) = merge([replace(old, modified=-5.0)])
    assert affected(found) == ["1.4.0"], "a date before 1970"


def test_a_withdrawn_one_is_left_out_and_takes_its_older_self_along() -> None:
    old = said("A", "1.4.0", document="osv A", modified=1.0, problems=("why",))
    gone = Advisory("A", document="osv A", modified=2.0, withdrawn=True)
    assert merge([old, gone]) == ([], [])
    assert [affected(one) for one in merge([replace(old, modified=3.0), gone])[0]] == [["1.4.0"]], "it was taken back into use"
    assert [affected(one) for one in merge([gone, said("A", "1.5.0", document="gitlab A")])[0]] == [["1.5.0"]]


ADVISORIES = st.builds(
    Advisory,
    id=st.sampled_from(["CVE-1", "GHSA-1", "A", "B", "C"]),
    document=st.sampled_from(["", "osv 1", "osv 2", "csaf 1"]),
    modified=st.sampled_from([0.0, 1.0, 2.0]),
    aliases=st.lists(st.sampled_from(["CVE-1", "CVE-2", "B", "D"]), max_size=2).map(tuple),
    summary=st.sampled_from(["", "One", "Two"]),
    severity=st.sampled_from(["", "low", "high"]),
    url=st.sampled_from(["", "https://example.com/1", "https://example.com/2"]),
    affected=st.sampled_from(KNOWN).map(lambda text: (Affected((exactly(Version.parse(text)),)),)),
    problems=st.sampled_from([(), ("why",), ("why not",)]),
    withdrawn=st.booleans(),
)


@given(st.lists(ADVISORIES, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_documents_does_not_matter(given_all: Sequence[Advisory], random: Any) -> None:
    found, problems = merge(given_all)
    assert merge(random.sample(given_all, len(given_all))) == (found, problems)
    names = [name for one in found for name in one.names]
    assert len(names) == len(set(names)), "no name is in two of them"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["ampora", "0", "1.4.0", "SEMVER", "2.0"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


def places(document: object, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    return [at, *(place for key, value in inner for place in places(value, (*at, key)))]


@given(st.sampled_from([OSV, CSAF, GITLAB]), JSON, st.data())
def test_garbage_anywhere_is_never_an_error(document: Any, garbage: object, data: st.DataObject) -> None:
    broken = json.loads(json.dumps(document))
    *above, last = data.draw(st.sampled_from(places(document)[1:]))
    inner = broken
    for key in above:
        inner = inner[key]
    inner[last] = garbage
    for given_one in (broken, garbage):
        found, unread = read(given_one, "x.json", "ampora")
        for one in merge(found)[0]:
            one.affects(Version(1, 4, 2))
            assert one.summary.isprintable() and (not one.url or one.url.lower().startswith("http"))
        assert all(reason.isprintable() and len(reason) <= 300 for reason in unread)


def test_a_reason_is_cut_where_a_line_of_evidence_ends() -> None:
    _found, (reason,) = read({"x" * 200: 1}, "file/" * 40, "ampora")
    assert len(reason) == 300


def test_what_is_told_of_several_documents_is_the_first_ones_that_says_it() -> None:
    first, second = said("A", "1.4.0", document="csaf 1"), said("A", "1.4.2", document="osv 2", summary="Two", url="https://example.com/2")
    third = said("A", "1.4.3", document="osv 3", summary="Three", url="https://example.com/3", severity="low")
    for given_all in ([first, second, third], [third, second, first]):
        ((found,), _problems) = merge(given_all)
        assert (found.document, found.summary, found.url, found.severity) == ("csaf 1", "Two", "https://example.com/2", "low")
