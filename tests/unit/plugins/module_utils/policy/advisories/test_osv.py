# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.advisory import Advisory
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.osv import is_osv, read
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

DOCUMENT = json.loads((Path(__file__).parents[4] / "fixtures" / "advisories" / "osv.json").read_text(encoding="utf-8"))
KNOWN = ["1.4.0", "1.4.2", "1.4.3", "1.5.0-rc.1", "1.5.0", "1.5.1", "2.0.0"]


def ours(*ranges: dict[str, Any], versions: Sequence[str] = (), **more: Any) -> Advisory:
    entry = {"package": {"ecosystem": "x", "name": "ampora"}, "ranges": list(ranges), "versions": list(versions)}
    (found,) = read({"id": "A-1", "affected": [entry], **more}, "ampora")
    return found


def events(*pairs: str, kind: str = "SEMVER") -> dict[str, Any]:
    return {"type": kind, "events": [{pair.split(" ")[0]: pair.split(" ")[1]} for pair in pairs]}


def affected(advisory: Advisory) -> list[str]:
    return [text for text in KNOWN if advisory.affects(Version.parse(text))]


def test_a_whole_document() -> None:
    (found,) = read(DOCUMENT, "ampora")
    assert (found.id, found.aliases, found.severity) == ("GHSA-aaaa-bbbb-cccc", ("CVE-2026-1001",), "high")
    assert found.summary == "Session cookies of a deleted user stay valid"
    assert found.url == "https://example.com/advisories/GHSA-aaaa-bbbb-cccc", "the advisory rather than a mere page about it"
    assert found.modified == 1772445600.0
    assert affected(found) == ["1.4.0", "1.4.2", "1.5.0"]
    assert found.problems == () and not found.withdrawn
    assert read(DOCUMENT, "ampora-web") == []
    assert affected(read(DOCUMENT, "setup-agent")[0]) == KNOWN


def test_a_withdrawn_one_affects_nothing() -> None:
    (found,) = read({**DOCUMENT, "withdrawn": "2026-04-01T00:00:00Z"}, "ampora")
    assert found.withdrawn and affected(found) == []
    for nothing in (None, "", "null"):
        assert not read({**DOCUMENT, "withdrawn": nothing}, "ampora")[0].withdrawn


# The cases of the specification's own examples, and those around them.
@pytest.mark.parametrize(
    ("said", "found"),
    [
        (["introduced 0"], KNOWN),
        (["introduced 0", "fixed 1.4.3"], ["1.4.0", "1.4.2"]),
        (["introduced 1.4.2", "fixed 1.4.3", "introduced 1.5.1", "fixed 2.0.0"], ["1.4.2", "1.5.1"]),
        (["introduced 0", "last_affected 1.4.3"], ["1.4.0", "1.4.2", "1.4.3"]),
        (["introduced 1.4.3", "last_affected 1.4.3"], ["1.4.3"]),
        (["introduced 1.5.0"], ["1.5.0", "1.5.1", "2.0.0"]),
        (["introduced 1.5.0-0"], ["1.5.0-rc.1", "1.5.0", "1.5.1", "2.0.0"]),
        (["introduced 0", "limit 1.5.0"], ["1.4.0", "1.4.2", "1.4.3", "1.5.0-rc.1"]),
        (["introduced 0", "limit 1.4.2", "limit 1.4.3"], ["1.4.0", "1.4.2"]),
        (["introduced 0", "limit 1.4.2", "limit *"], KNOWN),
        (["introduced 1.4.2", "fixed 1.4.3", "introduced 1.5.0", "limit 1.5.1"], ["1.4.2", "1.5.0"]),
        (["introduced 1.5.0", "fixed 1.4.3"], ["1.5.0", "1.5.1", "2.0.0"]),
        (["introduced 1.4.0", "introduced 1.4.2", "fixed 1.4.3", "fixed 1.5.0"], ["1.4.0", "1.4.2"]),
        (["introduced v1.5.0+build.1", "fixed 1.5.1+build.2"], ["1.5.0"]),
    ],
)
def test_what_events_mean(said: list[str], found: list[str]) -> None:
    for kind in ("SEMVER", "ECOSYSTEM"):
        assert affected(ours(events(*said, kind=kind))) == found
        assert affected(ours(events(*reversed(said), kind=kind))) == found, "the order of the events does not matter"


def test_ranges_and_versions_together() -> None:
    found = ours(
        events("introduced 1.4.0", "fixed 1.4.2"), events("introduced 1.5.1", "fixed 2.0.0"), versions=["v1.4.3", "1.5", "nightly"]
    )
    assert affected(found) == ["1.4.0", "1.4.3", "1.5.1"]
    assert found.problems == ()
    assert affected(ours(versions=["1.4.2+build.5"])) == ["1.4.2"]


@pytest.mark.parametrize(
    ("ranges", "versions", "words"),
    [
        ([events("introduced 0", "fixed 1.5")], [], 'fixed is "1.5", which is not a version'),
        ([events("introduced 0", "fixed 1.5")], ["1.4.2"], 'fixed is "1.5", which is not a version'),
        ([events("introduced 0", "fixed r9", kind="ECOSYSTEM")], [], 'fixed is "r9", which is not a version'),
        ([events("introduced 0", "fixed r9", kind="ECOSYSTEM")], ["r8"], 'fixed is "r9", which is not a version'),
        ([events("introduced 0", "fixed 0", kind="SEMVER")], [], 'fixed is "0"'),
        ([events("introduced 1.4.0", "last_affected 0")], [], 'last_affected is "0"'),
        ([events("introduced 1.4.0", "limit 0")], [], 'limit is "0"'),
        ([events("fixed 1.5.0")], [], "no event that says where it was introduced"),
        ([events("introduced 1.5.0", "fixed 1.5.0")], [], "both introduced and fixed"),
        ([{"type": "SEMVER", "events": [{"introduced": "0", "fixed": "1.5.0"}]}], [], 'one has "introduced, fixed"'),
        ([{"type": "SEMVER", "events": ["x"]}], [], 'one has ""'),
        ([{"type": "SEMVER", "events": [{"introduced": 0}]}], [], 'introduced is ""'),
        ([events("introduced 0", kind="RPM")], [], 'a range has the type "RPM"'),
        ([{"type": ["SEMVER"], "events": []}], [], "a range has the type a list"),
        ([events("introduced 0", kind="GIT")], [], "only commits or nothing"),
        ([events("introduced 0", kind="GIT")], ["main"], "only commits or nothing"),
        ([], [], "only commits or nothing"),
    ],
)
def test_what_cannot_be_evaluated_is_said(ranges: list[Any], versions: list[str], words: str) -> None:
    (problem,) = ours(*ranges, versions=versions).problems
    assert words in problem


def test_a_list_of_versions_stands_for_an_order_that_only_an_ecosystem_knows() -> None:
    found = ours(events("introduced 0", "fixed r9", kind="ECOSYSTEM"), events("introduced 0", kind="GIT"), versions=["1.4.2"])
    assert affected(found) == ["1.4.2"] and found.problems == ()
    with_commits = ours(events("introduced 0", kind="GIT"), events("introduced 0", "fixed 1.4.2"))
    assert affected(with_commits) == ["1.4.0"] and with_commits.problems == ()


def test_what_can_be_evaluated_still_counts() -> None:
    found = ours(events("introduced 0", "fixed 1.5"), events("introduced 1.5.1"))
    assert affected(found) == ["1.5.1", "2.0.0"] and len(found.problems) == 1


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        ({"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}]}, "high"),
        ({"database_specific": {"severity": "MODERATE"}}, "medium"),
        ({"severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}], "database_specific": {"severity": "LOW"}}, "low"),
        ({"severity": "high", "database_specific": []}, ""),
        ({}, ""),
    ],
)
def test_its_severity(more: dict[str, Any], severity: str) -> None:
    assert ours(events("introduced 0"), **more).severity == severity


def test_its_texts_are_harmless() -> None:
    found = ours(
        events("introduced 0"),
        summary="One\x1b[2J\n\n  line" + "x" * 1000,
        aliases=["CVE-2026-1", "", 7, "<b>", "CVE-2026-1", "x" * 100],
        references=[{"type": "ADVISORY", "url": "javascript:alert(1)"}, {"type": "WEB", "url": "https://example.com/a b"}, "x"],
    )
    assert found.summary.startswith("One?[2J linexxx") and len(found.summary) == 203
    assert found.aliases == ("CVE-2026-1",)
    assert found.url == ""
    assert ours(events("introduced 0"), details="Only\ndetails").summary == "Only details"


def test_a_document_that_cannot_be_read() -> None:
    for schema_version in ("2.0.0", "0.8.0", None, 1.6):
        with pytest.raises(UpgradeError, match="only 1.x is read"):
            read({**DOCUMENT, "schema_version": schema_version}, "ampora")
    for known in (None, "", "a b", 7, "-x"):
        with pytest.raises(UpgradeError, match="which is no id"):
            read({**DOCUMENT, "id": known}, "ampora")
    with pytest.raises(UpgradeError, match="a list has 10001 entries"):
        ours(events("introduced 0"), versions=["1.4.2"] * 10_001)


def test_its_form() -> None:
    assert is_osv(DOCUMENT) and is_osv({"id": "A-1", "modified": "2026-03-02T10:00:00Z"})
    assert not is_osv({"id": "A-1"}) and not is_osv({"affected": []})
    assert read({"id": "A-1", "modified": "2026-03-02T10:00:00Z"}, "ampora") == [], "a reserved id is about nothing yet"


# --- the specification's pseudocode, word for word, as the measure


def is_before_limits(version: Version, timeline: Sequence[tuple[str, Version | None]]) -> bool:
    limits = [limit for kind, limit in timeline if kind == "limit"]
    return not limits or any(limit is None or version < limit for limit in limits)


def is_vulnerable(version: Version, timeline: Sequence[tuple[str, Version | None]]) -> bool:
    if not is_before_limits(version, timeline):
        return False
    vulnerable = False
    order = ("introduced", "last_affected", "fixed", "limit")
    for kind, at in sorted(timeline, key=lambda event: (event[1] is not None, event[1] or Version(0), order.index(event[0]))):
        if kind == "introduced" and (at is None or version >= at):
            vulnerable = True
        elif (kind == "fixed" and at is not None and version >= at) or (kind == "last_affected" and at is not None and version > at):
            vulnerable = False
    return vulnerable


SPACE = [Version.parse(f"1.{minor}.{patch}{pre}") for minor in range(3) for patch in range(3) for pre in ("-0", "-rc.1", "-rc.2", "")]
AT = st.sampled_from(SPACE)
EVENT = st.one_of(
    st.tuples(st.just("introduced"), st.none() | AT),
    st.tuples(st.sampled_from(["fixed", "last_affected"]), AT),
    st.tuples(st.just("limit"), st.none() | AT),
)
BUILDS = st.sampled_from(["", "+1", "+build.7"])


@given(st.lists(EVENT, max_size=8), st.randoms(use_true_random=False), st.data())
def test_events_are_evaluated_as_the_specification_does(
    timeline: list[tuple[str, Version | None]], random: Any, data: st.DataObject
) -> None:
    introduced = {at for kind, at in timeline if kind == "introduced"}
    timeline = [event for event in timeline if event[0] != "fixed" or event[1] not in introduced]
    written = [{kind: f"{at}{data.draw(BUILDS)}" if at else {"introduced": "0", "limit": "*"}[kind]} for kind, at in timeline]
    random.shuffle(written)
    advisory = ours({"type": "SEMVER", "events": written})
    if not introduced:
        assert advisory.problems and not any(map(advisory.affects, SPACE))
        return
    assert advisory.problems == ()
    for version in SPACE:
        assert advisory.affects(version) == is_vulnerable(version, timeline), (str(version), written)
        assert advisory.affects(version) == advisory.affects(version.replace(build="b.1"))
