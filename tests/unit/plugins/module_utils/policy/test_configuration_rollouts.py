# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.configuration_rollouts import (
    STEP,
    Left,
    Rollout,
    in_progress,
    judge,
    names,
    owed,
    to_resume,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from hypothesis import given
from hypothesis import strategies as st

START = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)


def rollout(state: str, name: str = "r1") -> Rollout:
    return Rollout(name, f"wave {name}", state)


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("InProgress", True),
        ("in_progress", True),
        ("IN PROGRESS", True),
        ("Paused", False),
        ("Pending", False),
        ("Completed", False),
        ("RolledBack", False),
        ("NotInProgress", False),
    ],
)
def test_which_are_in_progress(state: str, found: bool) -> None:
    assert bool(in_progress([rollout(state)])) is found


@pytest.mark.parametrize("state", ["Pending", "Paused", "Completed", "Failed", "RolledBack", "rolled-back"])
@pytest.mark.parametrize("may_pause", [True, False])
def test_other_states_say_nothing(state: str, may_pause: bool) -> None:
    assert judge([rollout(state)], may_pause=may_pause) == []


def test_one_that_we_may_pause() -> None:
    assert judge([rollout("Paused", "r0"), rollout("InProgress")], may_pause=True) == [
        Finding(
            "configuration-rollout-in-progress",
            "info",
            '1 configuration rollout is in progress, and an upgrade closes every agent\'s connection: "wave r1" ("r1"). They are'
            " paused during the upgrade and resumed after it (ampora_pause_rollouts).",
            evidence=('"wave r1" ("r1")',),
        )
    ]


def test_those_that_we_may_not_pause() -> None:
    [finding] = judge([rollout("InProgress", f"r{number:02}") for number in range(12)], may_pause=False)
    assert finding.severity == "block"
    assert finding.text.startswith("12 configuration rollouts are in progress, and an upgrade closes every agent's connection: ")
    assert finding.text.endswith(
        '"wave r09" ("r09") and 2 more. Let them end or pause them, or set ampora_api_token and ampora_pause_rollouts so that the'
        " upgrade does it."
    )
    assert len(finding.evidence) == 10


@pytest.mark.parametrize("state", ["", "2", "Scheduled", "\x1b[2J"])
def test_a_state_that_is_not_known(state: str) -> None:
    [finding] = judge([rollout(state)], may_pause=True)
    assert (finding.id, finding.severity, finding.evidence) == ("configuration-rollout-state-unknown", "ack", ('"wave r1" ("r1")',))
    assert finding.text == (
        f'1 configuration rollout is in a state that is not known ("{state.replace(chr(27), "?")}"): "wave r1" ("r1"). See that none'
        " of them goes on, correct fields.state in ampora_api_options if it has another name, or acknowledge this."
    )


# --- what the journals say


def journal(*results: dict[str, Any] | None, number: int = 0, closed: bool = False) -> Journal:
    """A run with one step for each result; None is a step that never ended."""
    at = START + timedelta(days=number)
    found = Journal.new(run=f"run-{number}", deployment={}, kind="upgrade", started_at=at, actor={}, plan={})
    for index, result in enumerate(results):
        found = found.begin(STEP, at + timedelta(minutes=index))
        found = found if result is None else found.end(STEP, at + timedelta(minutes=index), result)
    return found.close(at + timedelta(hours=1), "held") if closed else found


BOTH = {"r1": "a", "r2": "b"}


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], {}),
        ([None], {}),
        ([{"to_pause": BOTH}, None], BOTH),  # killed in the middle
        ([{"to_pause": BOTH}, {"paused": {"r1": "a"}, "not_paused": {"r2": "b"}, "error": ""}], {"r1": "a"}),
        ([{"to_pause": BOTH}, {"paused": {"r1": "a"}, "not_paused": {}, "error": "no answer"}], BOTH),
        ([{"paused": BOTH}, {"resumed": {"r1": "a"}, "left": {"r2": "ended"}}], {}),
        ([{"paused": BOTH}, {"resumed": {"r1": "a"}, "left": {}, "error": "no answer"}], {"r2": "b"}),
        ([{"paused": BOTH}, {"resumed": BOTH, "left": {}}, {"to_pause": {"r2": "b"}}], {"r2": "b"}),
        ([{"paused": "r1"}, {"resumed": ["r1"]}, {}], {}),
    ],
)
def test_what_waits_to_be_resumed(results: list[dict[str, Any] | None], expected: dict[str, str]) -> None:
    assert owed([journal(*results)]) == expected


def test_a_later_run_may_resume_what_an_earlier_one_paused() -> None:
    paused, resumed = journal({"paused": BOTH}, closed=True), journal({"resumed": BOTH}, number=1, closed=True)
    assert owed([paused]) == BOTH
    assert owed([resumed, paused]) == owed([paused, resumed]) == {}
    assert owed([journal({"paused": {"r1": "a"}}, number=2), resumed, paused]) == {"r1": "a"}


def test_other_steps_do_not_speak_of_rollouts() -> None:
    other = Journal.new(run="x", deployment={}, kind="upgrade", started_at=START, actor={}, plan={})
    assert owed([other.begin("watch", START).end("watch", START, {"paused": BOTH})]) == {}


@pytest.mark.parametrize(
    ("state", "resumed", "reason"),
    [
        ("Paused", True, ""),
        ("InProgress", False, '"wave r1" ("r1") is in progress already'),
        ("Completed", False, '"wave r1" ("r1") is "Completed" meanwhile'),
        ("RolledBack", False, '"wave r1" ("r1") is "RolledBack" meanwhile'),
        ("Failed", False, '"wave r1" ("r1") is "Failed" meanwhile'),
        (None, False, '"a" ("r1") is not there any more'),
    ],
)
def test_only_what_is_still_paused_is_resumed(state: str | None, resumed: bool, reason: str) -> None:
    there = [rollout("Paused", "other"), *([rollout(state)] if state else [])]
    resume, left = to_resume({"r1": "a"}, there)
    assert ([item.id for item in resume], left) == (["r1"] if resumed else [], [] if resumed else [Left("r1", reason)])


@given(
    st.dictionaries(st.text(max_size=3), st.text(max_size=3)), st.dictionaries(st.text(max_size=3), st.sampled_from(["Paused", "Failed"]))
)
def test_each_of_ours_is_seen_to_once_and_nothing_else_is(ours: dict[str, str], there: dict[str, str]) -> None:
    resume, left = to_resume(ours, [rollout(state, name) for name, state in there.items()])
    assert sorted([item.id for item in resume] + [item.id for item in left]) == sorted(ours)
    assert all(there[item.id] == "Paused" for item in resume)


def test_a_journal_keeps_names_short() -> None:
    assert names([Rollout("r1", "x" * 200, "Paused")]) == {"r1": "x" * 60}
    assert rollout("Paused").to_dict() == {"id": "r1", "name": "wave r1", "state": "Paused"}


@pytest.mark.parametrize(("count", "rest"), [(10, ". "), (11, " and 1 more. ")])
@pytest.mark.parametrize("state", ["InProgress", "Odd"])
def test_ten_rollouts_are_named(count: int, rest: str, state: str) -> None:
    [finding] = judge([rollout(state, f"r{number:02}") for number in range(count)], may_pause=False)
    assert f'"wave r09" ("r09"){rest}' in finding.text
    assert len(finding.evidence) == 10


def test_ten_strange_states_are_named_each_once() -> None:
    states = [f"odd {letter}" for letter in "abcdefghijk"]
    [finding] = judge([rollout(state, state) for state in [*states, *states]], may_pause=True)
    assert finding.text.startswith(
        "22 configuration rollouts are in a state that is not known (" + ", ".join(f'"{state}"' for state in states[:10]) + "): "
    )


@pytest.mark.parametrize(("length", "cut"), [(32, False), (33, True)])
def test_a_state_is_shown_in_thirty_two_characters(length: int, cut: bool) -> None:
    state = "x" * length
    [finding] = judge([rollout(state)], may_pause=True)
    (left,) = to_resume({"r1": "a"}, [rollout(state)])[1]
    assert (f'("{state}")' in finding.text) is not cut
    assert (f'is "{state}" meanwhile' in left.reason) is not cut


@pytest.mark.parametrize("name", ["apply", "watch"])
def test_the_name_of_a_step_is_the_whole_word(name: str) -> None:
    other = Journal.new(run="x", deployment={}, kind="upgrade", started_at=START, actor={}, plan={})
    assert owed([other.begin(name, START).end(name, START, {"paused": BOTH})]) == {}
