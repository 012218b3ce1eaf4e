# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.advisory import Advisory
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.csaf import is_csaf, read
from semver import Version

DOCUMENT = json.loads((Path(__file__).parents[4] / "fixtures" / "advisories" / "csaf.json").read_text(encoding="utf-8"))
KNOWN = ["1.3.9", "1.4.0", "1.4.1", "1.4.2", "1.4.3", "1.5.0", "1.5.1", "2.0.0"]


def tree(**versions: str) -> dict[str, Any]:
    """Branches of Ampora: an id and its version, or its range when it has one of <>:*."""
    branches = [
        {
            "category": "product_version_range" if set("<>:*") & set(said) else "product_version",
            "name": said,
            "product": {"name": f"Ampora {said}", "product_id": key},
        }
        for key, said in versions.items()
    ]
    return {"branches": [{"category": "product_name", "name": "Ampora", "branches": branches}]}


def document(product_tree: dict[str, Any], *vulnerabilities: dict[str, Any], **tracking: str) -> dict[str, Any]:
    head = {"csaf_version": "2.0", "title": "A title", "tracking": {"id": "SA-1", "status": "final", **tracking}}
    return {"document": head, "product_tree": product_tree, "vulnerabilities": list(vulnerabilities)}


def one(product_tree: dict[str, Any], **status: list[str]) -> Advisory:
    (found,) = read(document(product_tree, {"cve": "CVE-2026-1", "product_status": status}), "ampora")
    return found


def affected(advisory: Advisory) -> list[str]:
    return [text for text in KNOWN if advisory.affects(Version.parse(text))]


def test_a_whole_document() -> None:
    first, second = read(DOCUMENT, "ampora")
    assert (first.id, first.aliases, first.severity) == ("CVE-2026-1002", ("AMPORA-SA-2026-02#1",), "medium")
    assert (first.summary, first.url) == ("A tag's name is not escaped in the Fleet", "https://example.com/CVE-2026-1002")
    assert affected(first) == ["1.4.0", "1.4.1", "1.4.2", "1.5.0"], "1.4.3 is named as fixed within the range that is affected"
    assert (second.id, second.summary, second.severity) == ("CVE-2026-1003", "Ampora: two vulnerabilities", "")
    assert second.url == "https://example.com/csaf/ampora-sa-2026-02.json"
    assert affected(second) == ["1.5.0"]
    assert [text for text in KNOWN if second.is_open(Version.parse(text))] == ["1.5.1"]
    assert {found.document for found in (first, second)} == {"csaf AMPORA-SA-2026-02"}
    assert {found.modified for found in (first, second)} == {1775116800.0}
    assert first.problems == second.problems == ()
    assert [found.id for found in read(DOCUMENT, "Ampora Agent")] == ["CVE-2026-1004"]
    assert read(DOCUMENT, "amp") == []


def test_its_form() -> None:
    assert is_csaf(DOCUMENT) and not is_csaf({"document": {}}) and not is_csaf({"document": "csaf_version"})
    for csaf_version in ("2.1", "1.2", 2.0, None):
        with pytest.raises(UpgradeError, match="only 2.0 is read"):
            read({"document": {"csaf_version": csaf_version}}, "ampora")


AFFECTED = tree(
    all="vers:semver/>=1.4.0|<1.5.1", range="vers:semver/>=1.4.1|<=1.4.3", a="1.4.0", b="1.4.2", c="1.4.3", d="1.5.0", e="2.0.0"
)


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ({"known_affected": ["all"]}, ["1.4.0", "1.4.1", "1.4.2", "1.4.3", "1.5.0"]),
        ({"known_affected": ["b", "e", "other"]}, ["1.4.2", "2.0.0"]),
        *(
            ({"known_affected": ["all"], group: ["c"]}, ["1.4.0", "1.4.1", "1.4.2", "1.5.0"])
            for group in ("fixed", "first_fixed", "recommended", "known_not_affected")
        ),
        ({"known_affected": ["all", "b"], "fixed": ["b", "c"]}, ["1.4.0", "1.4.1", "1.4.2", "1.5.0"]),
        ({"known_affected": ["all"], "fixed": ["range"]}, ["1.4.0", "1.4.1", "1.4.2", "1.4.3", "1.5.0"]),
        ({"first_affected": ["a"], "last_affected": ["b"]}, ["1.4.0", "1.4.1", "1.4.2"]),
        ({"first_affected": ["d", "a"], "last_affected": ["e", "b"]}, ["1.4.0", "1.4.1", "1.4.2", "1.5.0", "1.5.1", "2.0.0"]),
        ({"first_affected": ["b"], "last_affected": ["b"]}, ["1.4.2"]),
        (
            {"known_affected": ["all"], "first_affected": ["a"], "last_affected": ["d"], "fixed": ["c"]},
            ["1.4.0", "1.4.1", "1.4.2", "1.5.0"],
        ),
        ({"known_affected": ["all"], "last_affected": ["d"]}, ["1.4.0", "1.4.1", "1.4.2", "1.4.3", "1.5.0"]),
        ({"under_investigation": ["c"]}, []),
    ],
)
def test_what_a_status_means(status: dict[str, list[str]], found: list[str]) -> None:
    advisory = one(AFFECTED, **status)
    assert affected(advisory) == found
    assert advisory.problems == ()


def test_a_version_that_a_range_leaves_out_may_be_affected_by_name() -> None:
    products = tree(range="vers:semver/>=1.4.0|!=1.4.1|!=1.4.2|<1.5.0", one="1.4.1")
    assert affected(one(products, known_affected=["range", "one"])) == ["1.4.0", "1.4.1", "1.4.3"]


@pytest.mark.parametrize("status", [{"fixed": ["b"]}, {"known_not_affected": ["b"]}, {"known_affected": ["other"]}, {}, {"fixed": "b"}])
def test_a_vulnerability_that_is_none_of_ours(status: dict[str, Any]) -> None:
    assert read(document(AFFECTED, {"cve": "CVE-2026-1", "product_status": status}), "ampora") == []


@pytest.mark.parametrize(
    ("products", "words"),
    [
        (tree(x="<1.4.3"), "does not say by which order"),
        (tree(x="vers:generic/<1.4.3"), "is of the type generic"),
        (tree(x="1.4"), 'a product version is "1.4", which is not a version'),
        ({"full_product_names": [{"name": "Ampora", "product_id": "x"}]}, 'the product "Ampora" is named without a version'),
        ({"full_product_names": [{"name": "Ampora 1.4", "product_id": "x"}]}, 'a product version is "1.4"'),
        ({"full_product_names": [{"name": "Ampora 1.4.2 and older", "product_id": "x"}]}, "is not a name and one version"),
        ({"full_product_names": [{"name": "Ampora before 1.4.3-x y", "product_id": "x"}]}, "is not a name and one version"),
        ({"branches": [{"category": "product_name", "name": "Ampora", "product": {"product_id": "x"}}]}, "without a version"),
    ],
)
@pytest.mark.parametrize("group", ["known_affected", "first_affected", "last_affected", "under_investigation"])
def test_a_product_that_cannot_be_evaluated_is_said(products: dict[str, Any], words: str, group: str) -> None:
    found = one(products, **{group: ["x"]})
    (problem,) = found.problems
    assert words in problem and affected(found) == []


def test_one_end_of_a_release_train_alone_is_said() -> None:
    for group in ("first_affected", "last_affected"):
        found = one(AFFECTED, **{group: ["b"]})
        assert affected(found) == ["1.4.2"]
        assert found.problems == ("it names 1.4.2 as the first or the last affected version, and not the other end",)


def test_the_ways_to_name_a_product() -> None:
    products = {
        "full_product_names": [{"name": "ampora v1.4.0", "product_id": "full"}, {"name": "Ampora Agent 1.4.1", "product_id": "agent"}],
        "branches": [{"category": "architecture", "name": "x86", "product": {"name": "Ampora 1.4.2", "product_id": "named"}}],
        "relationships": [
            {"category": "installed_on", "product_reference": "full", "relates_to_product_reference": "os", **related("ours on it")},
            {"category": "installed_on", "product_reference": "os", "relates_to_product_reference": "full", **related("it on ours")},
            {"category": "default_component_of", "product_reference": "lib", "relates_to_product_reference": "named", **related("part")},
        ],
    }
    for key, found in (("full", ["1.4.0"]), ("named", ["1.4.2"]), ("ours on it", ["1.4.0"]), ("part", ["1.4.2"])):
        assert affected(one(products, known_affected=[key])) == found
    status = {"known_affected": ["it on ours", "agent"]}
    assert read(document(products, {"cve": "CVE-2026-1", "product_status": status}), "ampora") == []


def related(key: str) -> dict[str, Any]:
    return {"full_product_name": {"name": key, "product_id": key}}


def test_a_version_may_lie_deeper() -> None:
    version = {"category": "architecture", "name": "arm64", "product": {"name": "x", "product_id": "deep"}}
    versions = [{"category": "product_version", "name": "1.4.2", "branches": [version]}]
    products = {"branches": [{"category": "product_family", "name": "x", "branches": [{"category": "product_name", "name": "ampora"}]}]}
    products["branches"][0]["branches"][0]["branches"] = versions  # type: ignore[index]
    assert affected(one(products, known_affected=["deep"])) == ["1.4.2"]


def test_a_tree_that_is_too_large_or_too_deep() -> None:
    deep: dict[str, Any] = {}
    for _level in range(10_100):
        deep = {"category": "product_family", "name": "x", "branches": [deep]}
    with pytest.raises(UpgradeError, match="more than 10000 branches"):
        read(document({"branches": [deep]}), "ampora")


@pytest.mark.parametrize(
    ("vulnerability", "tracking", "names"),
    [
        ({"cve": "CVE-2026-1"}, "SA-1", ("CVE-2026-1", "SA-1")),
        ({"ids": [{"system_name": "GitHub", "text": "GHSA-aa"}, {"system_name": "Tickets", "text": "AMP-1"}]}, "SA-1", ("GHSA-aa", "SA-1")),
        ({}, "Example Company - 2026", ("Example-Company---2026",)),
        ({"cve": "CVE-2026-1"}, "", ("CVE-2026-1",)),
    ],
)
def test_its_names(vulnerability: dict[str, Any], tracking: str, names: tuple[str, ...]) -> None:
    entry = {**vulnerability, "product_status": {"known_affected": ["b"]}}
    (found,) = read(document(AFFECTED, entry, id=tracking), "ampora")
    assert (found.id, *found.aliases) == names


def test_the_tracking_id_is_a_name_of_one_vulnerability_only() -> None:
    entry = {"product_status": {"known_affected": ["b"]}}
    assert [found.id for found in read(document(AFFECTED, entry, entry), "ampora")] == ["SA-1#1", "SA-1#2"]
    with pytest.raises(UpgradeError, match="its vulnerability 1 has neither a CVE nor an id"):
        read(document(AFFECTED, entry, id=""), "ampora")


def test_a_draft_says_so() -> None:
    entry = {"cve": "CVE-2026-1", "title": "It leaks", "product_status": {"known_affected": ["b"]}}
    assert read(document(AFFECTED, entry, status="draft"), "ampora")[0].summary == "draft: It leaks"
    assert read(document(AFFECTED, entry, status="interim"), "ampora")[0].summary == "It leaks"


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        ({"baseSeverity": "CRITICAL", "baseScore": 1}, "critical"),
        ({"baseScore": 7.5}, "high"),
        ({"baseScore": "7.5"}, "high"),
        ({"vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}, "high"),
        ({}, ""),
    ],
)
def test_its_severity(score: dict[str, Any], severity: str) -> None:
    scores = [{"products": ["b"], "cvss_v3": score}, {"products": ["other"], "cvss_v3": {"baseScore": 10}}]
    entry = {"cve": "CVE-2026-1", "scores": scores, "product_status": {"known_affected": ["b"]}}
    assert read(document(AFFECTED, entry), "ampora")[0].severity == severity
