# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of versions, the legality of a hop, and the path."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import version as policy
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

# The strings with which https://semver.org tests its own regular expression.
_VALID = """0.0.4 1.2.3 10.20.30 1.1.2-prerelease+meta 1.1.2+meta 1.1.2+meta-valid 1.0.0-alpha 1.0.0-beta 1.0.0-alpha.beta
1.0.0-alpha.beta.1 1.0.0-alpha.1 1.0.0-alpha0.valid 1.0.0-alpha.0valid 1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay
1.0.0-rc.1+build.1 2.0.0-rc.1+build.123 1.2.3-beta 10.2.3-DEV-SNAPSHOT 1.2.3-SNAPSHOT-123 1.0.0 2.0.0 1.1.7 2.0.0+build.1848
2.0.1-alpha.1227 1.0.0-alpha+beta 1.2.3----RC-SNAPSHOT.12.9.1--.12+788 1.2.3----R-S.12.9.1--.12+meta 1.2.3----RC-SNAPSHOT.12.9.1--.12
1.0.0+0.build.1-rc.10000aaa-kk-0.1 99999999999999999999999.999999999999999999.99999999999999999 1.0.0-0A.is.legal"""
_INVALID = """1 1.2 1.2.3-0123 1.2.3-0123.0123 1.1.2+.123 +invalid -invalid -invalid+invalid -invalid.01 alpha alpha.beta alpha.beta.1
alpha.1 alpha+beta alpha_beta alpha. alpha.. beta 1.0.0-alpha_beta -alpha. 1.0.0-alpha.. 1.0.0-alpha..1 1.0.0-alpha...1 1.0.0-alpha....1
1.0.0-alpha.....1 1.0.0-alpha......1 1.0.0-alpha.......1 01.1.1 1.01.1 1.1.01 1.2 1.2.3.DEV 1.2-SNAPSHOT
1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788 1.2-RC-SNAPSHOT -1.0.3-gamma+b7718 +justmeta 9.8.7+meta+meta 9.8.7-whatever+meta+meta
99999999999999999999999.999999999999999999.99999999999999999----RC-SNAPSHOT.12.09.1--------------------------------..12"""
VALID, INVALID = _VALID.split(), _INVALID.split()
OURS: list[object] = [
    "",
    " 1.5.0",
    "1.5.0 ",
    "1.5.0\n",
    "vv1.5.0",
    "V1.5.0",
    "v",
    "1.5.x",
    "latest",
    "1.5.\u0660",
    "1" * 300 + ".0.0",
    None,
    1.5,
    2,
    True,
    [],
    {},
]

KNOWN = ["1.4.2", "1.4.3", "1.5.0", "1.5.1", "1.6.0", "1.7.0-rc.1", "2.0.0-rc.1", "2.0.0", "2.0.1", "2.1.0", "3.0.0"]


def v(text: str) -> Version:
    return Version.parse(text)


def vs(*texts: str) -> list[Version]:
    return [Version.parse(text) for text in texts]


@pytest.mark.parametrize("text", VALID)
def test_parse_valid(text: str) -> None:
    assert str(policy.parse(text, "x")) == text
    assert str(policy.parse("v" + text, "x")) == text


@pytest.mark.parametrize("text", [*INVALID, *OURS])
def test_parse_invalid_names_variable_rule_and_next_step(text: object) -> None:
    with pytest.raises(UpgradeError) as error:
        policy.parse(text, "ampora_target_version")
    assert error.value.message.startswith("ampora_target_version is ")
    assert "Semantic Versioning 2.0.0" in error.value.message
    assert "set ampora_target_version to" in error.value.next_step
    assert "\n" not in str(error.value)


def test_parse_invalid_exact_message() -> None:
    with pytest.raises(UpgradeError) as error:
        policy.parse(1.5, "ampora_target_version")
    assert str(error.value) == (
        'ampora_target_version is "1.5" (a YAML number, not a string), which is not a version by Semantic Versioning 2.0.0: '
        'MAJOR.MINOR.PATCH without leading zeros. Next: set ampora_target_version to a whole version in quotes, for example "1.5.0".'
    )


@pytest.mark.parametrize(
    ("current", "target", "expected"),
    [
        ("1.4.2", "1.4.2", "none"),
        ("1.4.2+a", "1.4.2+b", "none"),
        ("1.4.2", "1.4.3", "patch"),
        ("1.4.2", "1.4.3-rc.1", "patch"),
        ("1.4.3-rc.1", "1.4.3", "patch"),
        ("1.4.9", "1.5.0", "minor"),
        ("1.4.2", "1.6.0", "minor"),
        ("1.4.2", "1.5.0-rc.1", "minor"),
        ("1.5.0-rc.1", "1.5.0-rc.2", "minor"),
        ("1.5.0-rc.1", "1.5.0", "minor"),
        ("1.5.0-rc.1", "1.5.1", "minor"),
        ("1.9.9", "2.0.0", "major"),
        ("2.0.0-rc.1", "2.0.0", "major"),
        ("1.4.3", "1.4.2", "downgrade"),
        ("1.5.0", "1.5.0-rc.1", "downgrade"),
        ("2.0.0", "1.9.0", "downgrade"),
    ],
)
def test_change(current: str, target: str, expected: str) -> None:
    assert policy.change(v(current), v(target)) == expected


@pytest.mark.parametrize(
    ("current", "target", "ids"),
    [
        ("1.4.2", "1.4.2", []),
        ("1.4.2", "1.4.3", []),
        ("1.4.2", "1.5.0", []),
        ("1.4.2", "1.5.1", []),
        ("1.4.2", "1.6.0", ["skipped-minor"]),
        ("1.4.2", "1.4.9", ["unknown-version"]),
        ("1.4.2", "1.5.9", ["unknown-version"]),
        ("1.4.2", "1.9.9", ["skipped-minor", "unknown-version"]),
        ("1.6.0", "1.7.0-rc.1", ["prerelease"]),
        ("1.6.0", "2.0.0", ["migration-guide"]),
        ("1.6.0", "2.0.0-rc.1", ["prerelease", "migration-guide"]),
        ("1.7.0-rc.1", "2.0.0", ["migration-guide"]),
        ("1.5.1", "2.0.0", ["major-not-from-last-minor", "migration-guide"]),
        ("1.6.0", "2.1.0", ["skipped-minor", "migration-guide"]),
        ("1.6.0", "3.0.0", ["skipped-major", "migration-guide"]),
        ("1.4.2", "3.0.0", ["skipped-major", "major-not-from-last-minor", "migration-guide"]),
        ("1.4.3", "1.4.2", ["downgrade"]),
        ("1.5.0", "1.4.3", ["downgrade"]),
        ("1.9.0", "2.0.0", ["migration-guide"]),  # by a MINOR of which no other version is known
    ],
)
def test_judge_jump(current: str, target: str, ids: list[str]) -> None:
    findings = policy.judge_jump(v(current), v(target), vs(*KNOWN), allow_prerelease=False)
    assert [f.id for f in findings] == ids
    severities = {"migration-guide": "ack", "prerelease": "info"}
    assert [f.severity for f in findings] == [severities.get(i, "block") for i in ids]
    assert all(f.version == target for f in findings)


def test_skipped_minor_names_the_next_hop_and_the_path() -> None:
    (finding,) = policy.judge_jump(v("1.4.2"), v("1.6.0"), vs(*KNOWN), allow_prerelease=False)
    assert finding.text == (
        "ampora_target_version is 1.6.0 and 1.4.2 is running, but MINOR versions are taken one at a time; "
        "take 1.5.1 next, the whole path is 1.4.2 -> 1.5.1 -> 1.6.0."
    )


def test_skipped_minor_whose_next_hop_is_not_known() -> None:
    (finding,) = policy.judge_jump(v("1.4.2"), v("1.6.0"), vs("1.4.2", "1.6.0"), allow_prerelease=False)
    assert finding.text.endswith("the next hop would be to 1.5, of which no version is known.")


def test_skipped_minor_to_an_unknown_version_still_names_the_next_hop() -> None:
    findings = policy.judge_jump(v("1.4.2"), v("1.9.0"), vs(*KNOWN), allow_prerelease=False)
    assert "take 1.5.1 next, no whole path is known" in findings[0].text


def test_major_asks_for_its_own_key() -> None:
    (finding,) = policy.judge_jump(v("1.6.0"), v("2.0.0+build.7"), vs(*KNOWN), allow_prerelease=False)
    assert finding.ack_key == "ack-2.0.0-migration-guide"
    assert 'ack-2.0.0-migration-guide: "true"' in finding.text


@pytest.mark.parametrize(
    ("current", "target", "playbook"),
    [
        ("1.4.3", "1.4.2", "downgrade.yml"),
        ("1.5.0", "1.4.2", "rollback.yml"),
        ("2.0.0", "1.6.0", "rollback.yml"),
        ("1.5.0", "1.5.0-rc.1", "rollback.yml"),
    ],
)
def test_downgrade_names_its_playbook(current: str, target: str, playbook: str) -> None:
    (finding,) = policy.judge_jump(v(current), v(target), vs(*KNOWN), allow_prerelease=False)
    assert playbook in finding.text
    assert target in finding.text


def test_allowed_prerelease_needs_no_remark() -> None:
    assert policy.judge_jump(v("1.6.0"), v("1.7.0-rc.1"), vs(*KNOWN), allow_prerelease=True) == []


@pytest.mark.parametrize(
    ("current", "target", "hops"),
    [
        ("1.4.2", "1.4.3", ["1.4.3"]),
        ("1.4.2", "1.5.0", ["1.5.0"]),
        ("1.4.2", "1.6.0", ["1.5.1", "1.6.0"]),
        ("1.4.2", "2.0.0", ["1.5.1", "1.6.0", "2.0.0"]),
        ("1.4.2", "2.1.0", ["1.5.1", "1.6.0", "2.0.1", "2.1.0"]),
        ("1.4.2", "3.0.0", ["1.5.1", "1.6.0", "2.0.1", "2.1.0", "3.0.0"]),
        ("1.5.0", "1.7.0-rc.1", ["1.6.0", "1.7.0-rc.1"]),
        ("1.4.2", "1.4.2", []),
        ("1.5.0", "1.4.2", []),
        ("1.4.2", "1.5.9", []),
    ],
)
def test_path(current: str, target: str, hops: list[str]) -> None:
    assert [str(hop) for hop in policy.path(v(current), v(target), vs(*KNOWN))] == hops


def test_no_path_over_a_gap() -> None:
    assert policy.path(v("1.4.2"), v("1.6.0"), vs("1.4.2", "1.6.0", "1.5.0-rc.1")) == []


NUMBERS = st.integers(0, 3)
PRERELEASES = st.sampled_from([None, None, None, "rc.1"])
BUILDS = st.sampled_from([None, "build.1"])
VERSIONS = st.builds(Version, NUMBERS, NUMBERS, NUMBERS, PRERELEASES)
RELEASES = st.lists(VERSIONS, min_size=1, max_size=30)


def _legal(current: Version, target: Version, available: list[Version]) -> bool:
    findings = policy.judge_jump(current, target, available, allow_prerelease=True)
    return current < target and all(f.severity != "block" for f in findings)


def _fewest_hops(current: Version, target: Version, available: list[Version]) -> int | None:
    """By brute force: breadth first over every legal hop, through no pre-release."""
    reached, seen = [current], {current}
    for hops in range(1, len(available) + 1):
        if any(_legal(at, target, available) for at in reached):
            return hops
        reached = [n for n in available if n not in seen and not n.prerelease and any(_legal(at, n, available) for at in reached)]
        seen.update(reached)
    return None


@given(RELEASES, st.data())
def test_every_hop_is_legal_and_the_path_is_shortest(available: list[Version], data: st.DataObject) -> None:
    current = data.draw(VERSIONS)
    target = data.draw(st.sampled_from(available))
    hops = policy.path(current, target, available)
    assert (len(hops) or None) == _fewest_hops(current, target, available)
    for at, hop in zip([current, *hops], hops, strict=False):
        assert _legal(at, hop, available)
        assert hop == target or not hop.prerelease
    assert not hops or hops[-1] == target


@given(VERSIONS, VERSIONS, RELEASES, BUILDS)
def test_build_metadata_does_not_matter(current: Version, target: Version, available: list[Version], build: str | None) -> None:
    built = [version.replace(build=build) for version in available]
    of, to = current.replace(build=build), target.replace(build=build)
    assert policy.change(of, to) == policy.change(current, target)
    assert policy.path(of, to, built) == policy.path(current, target, available)
    plain = policy.judge_jump(current, target, available, allow_prerelease=False)
    assert policy.judge_jump(of, to, built, allow_prerelease=False) == plain


@given(VERSIONS, RELEASES, NUMBERS)
def test_a_patch_is_always_legal(current: Version, available: list[Version], more: int) -> None:
    target = Version(current.major, current.minor, current.patch + 1 + more)
    assert _legal(current, target, [*available, target])


@given(VERSIONS, VERSIONS)
def test_change_agrees_with_the_order(current: Version, target: Version) -> None:
    kind = policy.change(current, target)
    assert (kind == "none") == (current == target)
    assert (kind == "downgrade") == (target < current)


@given(st.text())
def test_parse_never_fails_otherwise(text: str) -> None:
    try:
        assert str(policy.parse(text, "x")) in (text, text[1:])
    except UpgradeError as error:
        assert error.next_step


def test_the_longest_version_is_read() -> None:
    longest = "1.0.0-" + "a" * 250
    assert str(policy.parse(longest, "x")) == longest
    with pytest.raises(UpgradeError):
        policy.parse(longest + "a", "x")


def test_versions_by_the_calendar() -> None:
    """Numbers that Python does not keep one object for."""
    assert policy.judge_jump(v("2026.1000.0"), v("2026.1001.0"), vs("2026.1000.0", "2026.1001.0"), allow_prerelease=False) == []
    assert policy.change(v("2026.1000.0"), v("2026.1000.1")) == "patch"
    known = vs("2026.1000.0", "2026.1001.0", "2027.0.0")
    assert [str(hop) for hop in policy.path(v("2026.1001.0"), v("2027.0.0"), known)] == ["2027.0.0"]


def test_a_path_never_goes_back() -> None:
    """Also where the only hop that is allowed begins at an older PATCH."""
    known = vs("1.4.0", "1.4.5", "1.5.0")
    assert policy.path(v("1.4.5"), v("1.5.0"), known, lambda at, step: (at, step) != (v("1.4.5"), v("1.5.0"))) == []


def test_the_minors_of_another_major_have_no_say() -> None:
    assert [f.id for f in policy.judge_jump(v("1.8.0"), v("2.0.0"), vs("1.8.0", "2.0.0", "2.9.0"), allow_prerelease=False)] == [
        "migration-guide"
    ]


def test_the_way_to_an_unknown_patch_stays_in_its_minor() -> None:
    findings = policy.judge_jump(v("1.4.2"), v("2.0.0"), vs("1.4.2", "1.4.3", "2.1.0"), allow_prerelease=False)
    assert [f.id for f in findings] == ["unknown-version", "migration-guide"]
    beyond = policy.judge_jump(v("1.9.0"), v("3.0.0"), vs("1.8.0", "2.0.0"), allow_prerelease=False)
    assert "take 2.0.0 next, no whole path is known" in beyond[0].text
