# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
import semver
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.agents import Agent, Skew, fits, judge, release
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
SEEN = NOW - timedelta(minutes=1)


def agent(version: str, name: str = "a", seen: datetime | None = SEEN, connected: bool | None = True) -> Agent:
    return Agent(name, f"collector-{name}", version, seen, connected)


def judged(*agents: Agent, roll: tuple[str, ...] = ("1.4.2", "1.5.0"), minimum: str = "", skew: bool = True) -> tuple[list[Finding], Skew]:
    versions = [semver.Version.parse(one) for one in roll]
    return judge(agents, versions, minimum, NOW.timestamp(), stale_days=30, skew=skew)


def ids(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(item.id, item.severity) for item in findings]


OUTSIDE, ALREADY = [("agent-skew", "ack")], [("agent-skew-already", "info")]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.3.9", OUTSIDE),  # fits 1.4, and not 1.5
        ("1.4.0", []),
        ("v1.5", []),
        ("1.6.0", ALREADY),  # fits 1.5, and not the 1.4 that runs
        ("1.2.0", ALREADY),
        ("2.4.0", ALREADY),
        ("0.4.0", ALREADY),
        ("0.103.1", ALREADY),  # a number of its own
        ("1.5.0.17", []),
        ("1.3.0-rc.1+abc", OUTSIDE),
        ("", [("agent-version-unknown", "info")]),
        ("latest", [("agent-version-unknown", "info")]),
        ("1.4.0\n", [("agent-version-unknown", "info")]),
        ("1.٤.0", [("agent-version-unknown", "info")]),
    ],
)
def test_an_agent_must_fit_both_versions_of_the_roll(version: str, expected: list[tuple[str, str]]) -> None:
    assert ids(judged(agent(version))[0]) == expected


def test_a_downgrade_is_a_roll_too() -> None:
    assert ids(judged(agent("1.6.0"), roll=("1.5.0", "1.4.2"))[0]) == OUTSIDE
    assert ids(judged(agent("1.3.0"), roll=("1.5.0", "1.4.2"))[0]) == ALREADY


def test_a_major_has_no_promise() -> None:
    assert ids(judged(agent("1.9.0"), roll=("1.9.4", "2.0.0"))[0]) == OUTSIDE


def test_the_sentence_names_them() -> None:
    findings, _unused = judged(agent("1.3.0", "b"), agent("1.3.1", "c"), agent("1.3.2", "d", None))
    assert findings == [
        Finding(
            "agent-skew",
            "ack",
            "3 agents are within one MINOR of the running server, but not of every version of the roll (1.4 and 1.5):"
            ' "b" ("1.3.0"), "c" ("1.3.1"), "d" ("1.3.2"). Bring them within one MINOR of both first, or acknowledge that they'
            " may not connect.",
            evidence=(
                '"b" "collector-b" version "1.3.0" last seen 2026-11-22T21:39:00Z',
                '"c" "collector-c" version "1.3.1" last seen 2026-11-22T21:39:00Z',
                '"d" "collector-d" version "1.3.2" last seen never',
            ),
        )
    ]


@pytest.mark.parametrize(
    ("version", "text"),
    [
        (
            "1.1.0",
            "1 agent is more than one MINOR from the server that runs now (1.4.2), so the upgrade does not bring that about:"
            ' "a" ("1.1.0"). Update them when it suits; where agents have version numbers of their own, set ampora_agent_skew to none.',
        ),
        (
            "?\x1b[2J",
            '1 agent is without a version that can be read: "a" ("??[2J"). Whether they fit is not known; look at them in the Fleet.',
        ),
    ],
)
def test_information_is_a_sentence_too(version: str, text: str) -> None:
    [finding] = judged(agent(version))[0]
    assert finding.text == text
    assert len(finding.evidence) == 1


@pytest.mark.parametrize(("count", "rest"), [(10, None), (11, "and 1 more"), (200, "and 190 more")])
def test_ten_are_named_and_the_report_has_all(count: int, rest: str | None) -> None:
    [finding], skew = judged(*(agent("1.3.0", f"n{number:03}") for number in range(count)))
    assert len(finding.evidence) == min(count, 11)
    assert (finding.evidence[-1] == rest) is (rest is not None)
    assert (f"{rest}." in finding.text) is (rest is not None)
    assert (" more" in finding.text) is (rest is not None)
    assert '"n009"' in finding.text
    assert '"n010"' not in finding.text
    assert [one["id"] for one in skew.to_dict()["outside"]] == [f"n{number:03}" for number in range(count)]


def test_those_furthest_away_are_named_first() -> None:
    skew = judged(agent("1.10.0", "x"), agent("1.9.0", "y"), agent("0.9.0", "z"))[1]
    assert [one.id for one in skew.already] == ["z", "y", "x"]


def test_the_full_list_is_plain_json() -> None:
    assert judged(agent("1.3.0", "b"), agent("1.1.0", "c", None), agent("1.4.0"), agent("1.2.0", "peer:us/1"))[1].to_dict() == {
        "count": 4,
        "peers": 1,
        "outside": [
            {"id": "b", "name": "collector-b", "version": "1.3.0", "last_seen": "2026-11-22T21:39:00.000000Z", "connected": True},
        ],
        "already": [{"id": "c", "name": "collector-c", "version": "1.1.0", "last_seen": None, "connected": True}],
        "too_old": [],
        "unknown": [],
        "stale": [],
    }


@pytest.mark.parametrize(
    ("seen", "connected", "stale"),
    [
        (NOW - timedelta(days=31), False, True),
        (NOW - timedelta(days=31), None, True),
        (NOW - timedelta(days=31), True, False),
        (NOW - timedelta(days=30), False, False),
        (None, False, True),
        (None, True, False),
        (SEEN, False, False),
    ],
)
def test_agents_that_are_gone_are_counted_apart(seen: datetime | None, connected: bool | None, stale: bool) -> None:
    findings, skew = judged(agent("1.3.0", seen=seen, connected=connected))
    assert (len(skew.stale), len(skew.outside)) == (int(stale), int(not stale))
    assert ids(findings) == ([] if stale else OUTSIDE)


def test_agents_of_peers_talk_to_other_servers() -> None:
    findings, skew = judged(agent("1.3.0", "peer:us-region/7"))
    assert (findings, skew) == ([], Skew(count=1, peers=1))


@pytest.mark.parametrize(
    ("version", "minimum", "expected"),
    [
        ("1.4.0", "1.4.1", [("agent-too-old", "ack")]),
        ("1.4.1-rc.1", "1.4.1", [("agent-too-old", "ack")]),
        ("1.4.1", "1.4.1", []),
        ("1.10.0", "1.9", []),
        ("1.4.0", "", []),
    ],
)
def test_the_least_version_of_the_notes(version: str, minimum: str, expected: list[tuple[str, str]]) -> None:
    findings, skew = judged(agent(version), minimum=minimum, skew=False)
    assert ids(findings) == expected
    assert len(skew.too_old) == len(expected)


def test_the_least_version_in_words() -> None:
    [finding] = judged(agent("1.4.0"), minimum="1.4.1")[0]
    assert finding.text == (
        '1 agent is older than 1.4.1, the least version that the release notes ask for: "a" ("1.4.0"). Update them first, or'
        " acknowledge that they may stop working."
    )
    [finding] = judged(agent("1.4.0"), minimum="the newest")[0]
    assert (finding.id, finding.severity) == ("agent-too-old", "ack")
    assert finding.text == (
        'The release notes ask for agents of "the newest" or newer, which is not a version: compare the agents\' versions by'
        " eye, then acknowledge this."
    )


def test_without_comparable_versions_only_the_unknown_are_named() -> None:
    findings, skew = judged(agent("0.103.0"), agent("1.3.0", "b"), agent("", "c"), skew=False)
    assert ids(findings) == [("agent-version-unknown", "info")]
    assert (skew.outside, skew.already) == ((), ())


NUMBERS = st.integers(0, 12)
TEXTS = st.one_of(st.builds("{}.{}.{}".format, st.integers(0, 2), NUMBERS, NUMBERS), st.text(max_size=12))
AGENTS = st.lists(
    st.builds(
        Agent,
        st.text(max_size=6),
        st.text(max_size=6),
        TEXTS,
        st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
        st.none() | st.booleans(),
    ),
    max_size=30,
)


@given(AGENTS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_a_patch_is_never_asked_for_or_blocked_by_skew(agents: list[Agent], major: int, minor: int, old: int, new: int) -> None:
    findings, skew = judged(*agents, roll=(f"{major}.{minor}.{old}", f"{major}.{minor}.{new}"))
    assert {item.severity for item in findings} <= {"info"}
    assert skew.outside == ()


@given(AGENTS, NUMBERS, NUMBERS, st.randoms(use_true_random=False))
def test_the_order_of_agents_does_not_matter_and_none_is_lost(
    agents: list[Agent], current: int, target: int, shuffle: random.Random
) -> None:
    roll = (f"1.{current}.0", f"1.{target}.0")
    findings, skew = judged(*agents, roll=roll)
    groups = (skew.outside, skew.already, skew.unknown, skew.stale)
    servers = [semver.Version.parse(one) for one in roll]
    fitting = [one for one in agents if all(one not in group for group in groups) and not one.id.startswith("peer:")]
    assert all((own := release(one.version)) is not None and all(fits(own, server) for server in servers) for one in fitting)
    assert sum(map(len, groups)) + len(fitting) + skew.peers == skew.count == len(agents)
    shuffled = list(agents)
    shuffle.shuffle(shuffled)
    again, same = judged(*shuffled, roll=roll)
    assert [item.text for item in again] == [item.text for item in findings]
    assert [[one.id for one in group] for group in (same.outside, same.already)] == [
        [one.id for one in group] for group in (skew.outside, skew.already)
    ]


def test_an_agent_is_stale_from_the_first_second_after_its_days() -> None:
    last = NOW - timedelta(days=30)
    agents = [agent("1.4.0", str(late), last - timedelta(seconds=late), connected=False) for late in (0, 1)]
    assert [one.id for one in judged(*agents)[1].stale] == ["1"]


def test_what_has_no_version_is_named_before_the_oldest_one() -> None:
    gone = NOW - timedelta(days=31)
    agents = [agent(version, str(number), gone, connected=False) for number, version in enumerate(("1.4.0", "0.0.0-a", "zzz", "0.0.0", ""))]
    assert [one.version for one in judged(*agents)[1].stale] == ["", "zzz", "0.0.0-a", "0.0.0", "1.4.0"]


def test_a_version_without_its_patch_is_the_first_of_its_minor() -> None:
    assert ids(judged(agent("1.4"), minimum="1.4.1")[0]) == [("agent-too-old", "ack")]
    assert ids(judged(agent("1.4"), minimum="1.4.0")[0]) == []


@pytest.mark.parametrize(("length", "cut"), [(32, False), (33, True)])
def test_a_version_is_shown_in_thirty_two_characters(length: int, cut: bool) -> None:
    version = "1.3.0-".ljust(length, "a")
    [finding] = judged(agent(version))[0]
    assert (f'("{version}")' in finding.text) is not cut
    assert (f'version "{version}" last' in finding.evidence[0]) is not cut


def test_versions_are_compared_unless_it_is_said_otherwise() -> None:
    roll = [semver.Version.parse(one) for one in ("1.4.2", "1.5.0")]
    findings, _skew = judge([agent("1.3.0")], roll, "", NOW.timestamp(), stale_days=30)
    assert ids(findings) == OUTSIDE
