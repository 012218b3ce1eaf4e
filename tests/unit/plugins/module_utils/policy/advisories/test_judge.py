# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.advisory import Advisory, Affected, exactly
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.judge import MOST_LINES, judge
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import change
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

AVAILABLE = ("1.3.7", "1.4.2", "1.4.3", "1.4.4", "1.5.0", "1.5.1", "1.5.2-rc.1", "1.5.2", "1.6.0", "2.0.0")


def flaw(name: str, *versions: str, **more: Any) -> Advisory:
    return Advisory(name, affected=tuple(Affected((exactly(Version.parse(version)),)) for version in versions), **more)


def found(
    advisories: Sequence[Advisory], current: str, target: str, *, unread: Sequence[str] = (), known: Sequence[str] = AVAILABLE
) -> Any:
    ends = Version.parse(current), Version.parse(target)
    return {finding.id: finding for finding in judge(advisories, unread, *ends, [Version.parse(text) for text in known], change(*ends))}


def severities(findings: dict[str, Finding]) -> dict[str, str]:
    return {name: finding.severity for name, finding in findings.items()}


def test_nothing_known_says_nothing() -> None:
    assert found([], "1.4.2", "1.5.0") == {}
    assert found([flaw("CVE-1", "1.3.7", "1.6.0")], "1.4.2", "1.5.0") == {}


# affected: the versions; then what is said of the hop, and nothing else.
@pytest.mark.parametrize(
    ("affected", "current", "target", "expected"),
    [
        (["1.4.2"], "1.4.2", "1.4.3", {"advisory-fixed": "info", "rollback-reopens": "info"}),
        (
            ["1.4.2"],
            *("1.4.2", "1.5.0"),
            {"advisory-fixed": "info", "rollback-reopens": "info", "security-patch-available": "info"},
        ),
        (["1.4.2", "1.4.3", "1.4.4"], "1.4.2", "1.5.0", {"advisory-fixed": "info", "rollback-reopens": "info"}),
        (["1.5.0"], "1.4.2", "1.5.0", {"target-affected": "ack"}),
        (["1.4.2", "1.5.0"], "1.4.2", "1.5.0", {"target-affected": "ack", "security-patch-available": "info"}),
        (["1.4.2", "1.4.3"], "1.4.2", "1.4.3", {"target-affected": "ack"}),
        (["1.4.2"], "1.4.3", "1.4.2", {"rollback-reopens": "ack"}),
        (["1.4.3"], "1.4.3", "1.4.2", {"advisory-fixed": "info"}),
        (["1.4.2", "1.4.3"], "1.4.3", "1.4.2", {"target-affected": "ack"}),
        (["1.4.2"], "1.4.2", "1.4.2", {"target-affected": "info"}),
        (["1.5.2"], "1.5.2", "2.0.0", {"advisory-fixed": "info", "rollback-reopens": "info", "security-patch-available": "info"}),
    ],
)
def test_which_rules_a_hop_fires(affected: list[str], current: str, target: str, expected: dict[str, str]) -> None:
    assert severities(found([flaw("CVE-1", *affected)], current, target)) == expected


def test_what_a_hop_fixes() -> None:
    both = [
        flaw("CVE-2", "1.4.2", severity="medium", summary="It leaks", url="https://example.com/2"),
        flaw("CVE-1", "1.4.2", severity="high"),
    ]
    findings = found(both, "1.4.2", "1.4.3")
    fixed = findings["advisory-fixed"]
    assert fixed.text == "1.4.2 is affected by 2 known vulnerabilities, the worst of severity high, and 1.4.3 is not: this hop fixes that."
    assert fixed.version == "1.4.3"
    assert fixed.evidence == ("CVE-1 (high)", "CVE-2 (medium): It leaks https://example.com/2")
    back = findings["rollback-reopens"]
    assert back.text == (
        "Going back from 1.4.3 to 1.4.2 after this hop re-opens 2 known vulnerabilities, the worst of severity high: weigh that before a"
        " rollback."
    )
    assert back.evidence == fixed.evidence


def test_a_target_that_is_affected_names_the_version_that_is_enough() -> None:
    kept = flaw("CVE-1", "1.4.2", "1.5.0", severity="high")
    assert found([kept], "1.4.2", "1.5.0")["target-affected"].text == (
        "1.5.0 is affected by 1 known vulnerability of severity high. 1.5.1 is the first of 1.5 that is not affected: take it instead,"
        ' or set ack-1.5.0-target-affected: "true" in ampora_acks.'
    )
    brought = flaw("CVE-2", "1.5.0", "1.5.1", severity="low")
    finding = found([kept, brought], "1.4.2", "1.5.0")["target-affected"]
    assert finding.text == (
        "1.5.0 is affected by 2 known vulnerabilities, the worst of severity high, of which this hop brings 1 in: 1.4.2 does not have them."
        ' 1.5.2 is the first of 1.5 that is not affected: take it instead, or set ack-1.5.0-target-affected: "true" in ampora_acks.'
    )
    assert finding.evidence == ("CVE-2 (low) (brought in by this hop)", "CVE-1 (high)")


@pytest.mark.parametrize(
    ("affected", "words"),
    [
        (
            ["1.5.0", "1.5.1", "1.5.2"],
            "No newer version of 1.5 is free of advisories, and the first above it is 1.6.0: go on to it soon, or",
        ),
        (["1.5.0", "1.5.1", "1.5.2", "1.6.0", "2.0.0"], "none above it is free of advisories: wait for one, or set"),
        (["1.5.0", "1.5.1"], "1.5.2 is the first of 1.5"),
    ],
)
def test_where_no_patch_is_enough(affected: list[str], words: str) -> None:
    assert words in found([flaw("CVE-1", *affected)], "1.4.2", "1.5.0")["target-affected"].text


def test_a_pre_release_or_an_older_version_is_not_offered() -> None:
    known = ["1.4.9", "1.5.2-rc.1"]
    findings = found([flaw("CVE-1", "1.4.2", "1.5.0")], "1.4.2", "1.5.0", known=[*known, "1.4.1", "1.4.10-rc.1"])
    assert "none above it is free of advisories" in findings["target-affected"].text
    assert "ampora_target_version=1.4.9." in findings["security-patch-available"].text
    assert "security-patch-available" not in found([flaw("CVE-1", "1.4.2")], "1.4.2", "1.5.0", known=["1.4.1", "1.4.3-rc.1", "1.5.0"])


@pytest.mark.parametrize(
    ("current", "target", "known", "patch"),
    [
        ("1.4.2", "1.5.0", ["1.4.3", "1.4.4"], "1.4.4 of 1.4"),
        ("1.3.7", "1.5.0", ["1.3.8", "1.4.4"], "1.3.8 of 1.3"),
        ("1.3.7", "1.5.0", ["1.3.7", "1.4.4"], "1.4.4 of 1.4"),
        ("1.3.7", "2.0.0", ["1.6.1", "1.5.9", "1.4.4"], "1.6.1 of 1.6"),
        ("1.3.7", "2.1.0", ["2.0.3", "1.6.1"], "2.0.3 of 2.0"),
        ("1.3.7", "2.0.0", ["0.9.0"], ""),
        ("1.3.7", "1.5.0", ["1.5.0", "1.6.0", "1.2.9"], ""),
    ],
)
def test_the_patch_that_is_offered_instead(current: str, target: str, known: list[str], patch: str) -> None:
    findings = found([flaw("CVE-1", current, severity="critical")], current, target, known=known)
    if not patch:
        assert "security-patch-available" not in findings
        return
    version = patch.partition(" ")[0]
    assert findings["security-patch-available"].text == (
        f"{current} is affected by 1 known vulnerability of severity critical, and {patch} is not: instead of {target} it can be taken by"
        f" ampora_target_version={version}."
    )


def test_a_patch_with_another_flaw_is_not_offered() -> None:
    flaws = [flaw("CVE-1", "1.4.2"), flaw("CVE-2", "1.4.4")]
    assert "ampora_target_version=1.4.3." in found(flaws, "1.4.2", "1.5.0")["security-patch-available"].text


def test_a_downgrade_that_re_opens() -> None:
    flaws = [flaw("CVE-1", "1.4.2", severity="high"), flaw("CVE-2", "1.4.2", "1.4.3")]
    findings = found(flaws, "1.4.3", "1.4.2")
    assert findings["rollback-reopens"].text == (
        "Going back to 1.4.2 re-opens 1 known vulnerability of severity high, which 1.4.3 does not have: stay, or set"
        ' ack-1.4.2-rollback-reopens: "true" in ampora_acks.'
    )
    assert findings["rollback-reopens"].evidence == ("CVE-1 (high)",)
    assert findings["target-affected"].evidence == ("CVE-2 (severity not stated)",), "each is said once"


def test_what_could_not_be_read() -> None:
    open_one = Advisory("CVE-1", investigated=(exactly(Version(1, 5, 0)),), url="https://example.com/1")
    finding = found([open_one], "1.4.2", "1.5.0", unread=["b.json: why", "a.json: why"])["advisory-unreadable"]
    assert finding.severity == "ack"
    assert finding.text == (
        "3 parts of the advisories could not be read or evaluated, so that one about 1.5.0 may be missed: read what the evidence names, or"
        ' set ack-1.5.0-advisory-unreadable: "true" in ampora_acks.'
    )
    assert finding.evidence == ("CVE-1 is still under investigation for 1.5.0 https://example.com/1", "a.json: why", "b.json: why")
    assert found([open_one], "1.4.2", "1.5.1") == {}
    (same,) = found([], "1.4.2", "1.4.2", unread=["a.json: why"]).values()
    assert same.severity == "info" and same.text.endswith("read what the evidence names.")


def test_long_evidence_is_cut_and_counted() -> None:
    flaws = [flaw(f"CVE-{number:03}", "1.4.2", severity="low" if number < 21 else "high") for number in range(MOST_LINES + 5)]
    evidence = found(flaws, "1.4.2", "1.4.3")["advisory-fixed"].evidence
    assert len(evidence) == MOST_LINES + 1 and evidence[-1] == "and 5 more"
    assert evidence[0] == "CVE-021 (high)" and evidence[4] == "CVE-000 (low)", "the worst first"
    assert len(found(flaws[:MOST_LINES], "1.4.2", "1.4.3")["advisory-fixed"].evidence) == MOST_LINES


VERSIONS = st.sampled_from([Version.parse(text) for text in AVAILABLE])
FLAWS = st.lists(
    st.builds(
        lambda name, versions, severity: Advisory(name, severity=severity, affected=(Affected(tuple(map(exactly, versions))),)),
        st.sampled_from([f"CVE-{number}" for number in range(5)]),
        st.lists(VERSIONS, max_size=4),
        st.sampled_from(["", "low", "high"]),
    ),
    max_size=4,
    unique_by=lambda one: one.id,
)


@given(FLAWS, VERSIONS, VERSIONS, st.lists(VERSIONS, unique=True), st.randoms(use_true_random=False))
def test_one_finding_a_rule_whatever_the_order_and_the_builds(
    flaws: list[Advisory], current: Version, target: Version, known: list[Version], random: Any
) -> None:
    kind = change(current, target)
    findings = judge(flaws, [], current, target, known, kind)
    assert len({finding.id for finding in findings}) == len(findings)
    shuffled = random.sample(flaws, len(flaws)), random.sample(known, len(known))
    assert judge(shuffled[0], [], current, target, shuffled[1], kind) == findings
    built = [version.replace(build="b.1") for version in (current, target, *known)]
    assert judge(flaws, [], built[0], built[1], built[2:], kind) == findings
    said = {finding.id: finding.severity for finding in findings}
    asked = [one for one in flaws if one.affects(target)] and kind != "none"
    assert ("ack" in said.values()) == bool(asked), "a person is asked exactly when the target is affected"
    if "security-patch-available" in said:
        text = next(finding.text for finding in findings if finding.id == "security-patch-available")
        offered = Version.parse(text.rpartition("ampora_target_version=")[2][:-1])
        assert current < offered < target and not any(one.affects(offered) for one in flaws)


def test_the_word_of_a_change_may_come_from_a_journal() -> None:
    """Then it is equal, and not the same object."""
    ends = Version.parse("1.4.3"), Version.parse("1.4.2")
    read = json.loads(json.dumps(change(*ends)))
    known = [Version.parse(text) for text in AVAILABLE]
    for flawed in (["1.4.2"], ["1.4.3"], ["1.4.2", "1.4.3"]):
        advisories = [flaw("CVE-1", *flawed)]
        assert judge(advisories, (), *ends, known, read) == judge(advisories, (), *ends, known, "downgrade")


@pytest.mark.parametrize(("count", "last"), [(20, "CVE-019 (severity not stated)"), (21, "and 1 more")])
def test_twenty_advisories_are_named(count: int, last: str) -> None:
    evidence = found([flaw(f"CVE-{number:03}", "1.4.2") for number in range(count)], "1.4.2", "1.4.3")["advisory-fixed"].evidence
    assert (len(evidence), evidence[-1]) == (count, last)
