# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy import agents_api, rollout_moves
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.agents_api import AmporaApi
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run import run_record
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint, StoppedError

from tests.unit.doubles.ampora_server import TOKEN, AmporaServer
from tests.unit.doubles.http_server import Answer, Request, json_answer
from tests.unit.doubles.stage import Result, Stage

STEP = "configuration_rollouts"
LONE = (STEP, "ended", [(STEP, "ended")])


class Place:
    """A deployment and its API: r1 and r2 go on, r3 is paused by a person, r4 has ended."""

    def __init__(self, stage: Stage, server: AmporaServer) -> None:
        self.stage, self.server = stage, server
        server.rollouts = {"r1": "InProgress", "r2": "InProgress", "r3": "Paused", "r4": "Completed"}

    def run(self, state: str, **more: Any) -> Result:
        check = more.pop("check", False)
        result = self.stage.run(STEP, check=check, **{"state": state, "api": self.server.options(), **more})
        seen = [str(result), str(self.stage.said()), json.dumps(self.stage.cluster.bodies)]
        assert all(TOKEN not in text for text in seen)
        return result

    def answer_once(self, path: str, answer: Answer) -> None:
        """The next request to this path is answered so, and not done."""
        left = [answer]
        self.server.before = lambda request: left.pop() if left and request.path.endswith(path) else None


@pytest.fixture
def place(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    def later() -> datetime:
        """No two steps begin at once."""
        stage.clock.sleep(0.001)
        return stage.clock.now()

    monkeypatch.setattr(run_record, "now", later)
    for module in (agents_api, rollout_moves):
        monkeypatch.setattr(module, "time", stage.clock)
    server = AmporaServer()
    with server:
        yield Place(stage, server)


def ids(result: Result) -> list[str]:
    return [item["id"] for item in result["rollouts"]]


def test_pause_and_resume_in_a_run_that_has_ended(place: Place) -> None:
    place.stage.run("journal", state="opened")
    paused = place.run("paused")
    assert (paused["changed"], ids(paused), paused["left"]) == (True, ["r1", "r2"], [])
    assert place.server.states() == ["Paused", "Paused", "Paused", "Completed"]
    assert place.stage.journals() == [("upgrade", None, [(STEP, "ended"), (STEP, "ended")])]
    place.stage.run("journal", state="closed", outcome="upgraded")
    resumed = place.run("resumed")
    assert (resumed["changed"], ids(resumed), resumed["left"]) == (True, ["r1", "r2"], [])
    assert place.server.states() == ["InProgress", "InProgress", "Paused", "Completed"]
    assert place.server.moves() == ["r1 pause", "r2 pause", "r1 resume", "r2 resume"]
    assert sorted(place.stage.journals()) == [LONE, ("upgrade", "upgraded", [(STEP, "ended"), (STEP, "ended")])]
    assert place.stage.said()[-2:] == [
        f'{STEP}: paused "wave r1" ("r1"), "wave r2" ("r2")',
        f'{STEP}: resumed "wave r1" ("r1"), "wave r2" ("r2")',
    ]


def test_a_run_that_was_held_is_not_locked_by_resuming(place: Place) -> None:
    place.stage.run("journal", state="opened")
    place.run("paused")
    place.stage.run("journal", state="held")
    assert ids(place.run("resumed")) == ["r1", "r2"]
    assert place.stage.journals() == [("upgrade", None, [(STEP, "ended")] * 3)]
    lease = place.stage.cluster.get("Lease", "upgrade-ampora-web")
    assert lease is not None
    assert not lease["spec"].get("holderIdentity")


def test_again_is_no_change(place: Place) -> None:
    place.run("paused")
    writes = list(place.stage.cluster.writes)
    again = place.run("paused")
    assert (again["changed"], again["rollouts"], place.stage.cluster.writes) == (False, [], writes)
    assert place.stage.said()[-1] == f"{STEP}: no configuration rollout is in progress"
    place.run("resumed")
    writes = list(place.stage.cluster.writes)
    again = place.run("resumed")
    assert (again["changed"], again["rollouts"], place.stage.cluster.writes) == (False, [], writes)
    assert place.stage.said()[-1] == f"{STEP}: no configuration rollout was paused by us and waits to be resumed"
    assert len(place.server.moves()) == 4


def test_check_mode_says_what_it_would_do(place: Place) -> None:
    result = place.run("paused", check=True)
    assert (result["changed"], ids(result)) == (True, ["r1", "r2"])
    assert place.stage.said()[-1] == f'{STEP}: would pause "wave r1" ("r1"), "wave r2" ("r2")'
    place.run("paused")
    result = place.run("resumed", check=True)
    assert (result["changed"], ids(result)) == (True, ["r1", "r2"])
    assert place.stage.said()[-1] == f'{STEP}: would resume "wave r1" ("r1"), "wave r2" ("r2")'
    place.server.rollouts.update(r1="Completed", r2="InProgress")
    result = place.run("resumed", check=True)
    assert (result["changed"], result["rollouts"], result["left"]) == (False, [], ["r1", "r2"])
    assert place.stage.said()[-1] == f"{STEP}: nothing to resume"
    assert place.server.moves() == ["r1 pause", "r2 pause"]
    place.server.rollouts = {}
    assert not place.run("paused", check=True)["changed"]


def test_one_that_a_person_has_seen_to_is_left_alone(place: Place) -> None:
    place.run("paused")
    place.server.rollouts.update(r1="InProgress")
    del place.server.rollouts["r2"]
    result = place.run("resumed")
    assert (result["changed"], result["rollouts"], result["left"]) == (False, [], ["r1", "r2"])
    assert place.stage.said()[-3:] == [
        f'{STEP}: left alone: "wave r1" ("r1") is in progress already',
        f'{STEP}: left alone: "wave r2" ("r2") is not there any more',
        f"{STEP}: resumed nothing",
    ]
    place.server.rollouts.update(r1="Paused")  # by that person, who is not to be overruled later
    assert not place.run("resumed")["changed"]
    assert place.server.moves() == ["r1 pause", "r2 pause"]


def test_one_that_somebody_pauses_at_the_same_time_is_not_ours(place: Place) -> None:
    def person(request: Request) -> None:
        if request.path.endswith("r1/pause"):
            place.server.rollouts["r1"] = "Paused"

    place.server.before = person
    result = place.run("paused")
    assert (ids(result), result["left"]) == (["r2"], ["r1"])
    assert ids(place.run("resumed")) == ["r2"]
    assert place.server.rollouts["r1"] == "Paused"


def test_one_that_ends_while_it_is_paused_is_not_ours(place: Place) -> None:
    lists = iter(range(9))

    def ends(request: Request) -> None:
        if request.method == "GET" and next(lists):
            place.server.rollouts["r1"] = "Completed"
            place.server.rollouts.pop("r2", None)

    place.server.before = ends
    result = place.run("paused")
    assert (result["changed"], result["rollouts"], result["left"]) == (False, [], ["r1", "r2"])


def test_a_process_that_was_killed_leaves_its_intention(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    class KilledError(BaseException):
        pass

    def killed(self: AmporaApi, rollout: str, command: str) -> bool:
        assert original(self, rollout, command)
        if rollout == "r1":
            raise KilledError
        return True

    original = AmporaApi.move
    place.stage.run("journal", state="opened")
    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(AmporaApi, "move", killed)
        place.run("paused")
    assert place.server.states() == ["Paused", "InProgress", "Paused", "Completed"]
    result = place.run("resumed")
    assert (ids(result), result["left"]) == (["r1"], ["r2"])


def test_a_failure_in_the_middle_is_told_and_the_rest_is_ours(place: Place) -> None:
    place.stage.run("journal", state="opened")
    place.server.rollouts["r0"] = "InProgress"
    place.answer_once("r2/pause", json_answer({"detail": "out of order"}, 500))
    result = place.run("paused")
    assert result["failed"]
    assert 'with 500: "out of order"' in result["msg"]
    place.stage.run("journal", state="closed", outcome="rolled back")
    resumed = place.run("resumed")
    assert (ids(resumed), resumed["left"]) == (["r1"], ["r2"])  # r2 may have been paused: it is looked at, and goes on
    assert place.server.rollouts == {"r0": "InProgress", "r1": "InProgress", "r2": "InProgress", "r3": "Paused", "r4": "Completed"}


def test_a_failure_of_resuming_is_made_up_for(place: Place) -> None:
    place.run("paused")
    place.answer_once("r1/resume", json_answer({}, 403))
    assert "refuses POST /api/rollouts/r1/resume to this token" in place.run("resumed")["msg"]
    assert place.server.states() == ["Paused", "Paused", "Paused", "Completed"]
    assert ids(place.run("resumed")) == ["r1", "r2"]


@pytest.mark.parametrize("state", ["paused", "resumed"])
def test_a_list_that_fails_afterwards(place: Place, state: str) -> None:
    if state == "resumed":
        place.run("paused")
    lists = iter([None, *[json_answer({}, 500)] * 9])
    place.server.before = lambda request: next(lists) if request.method == "GET" else None
    assert "answers GET /api/rollouts with 500" in place.run(state)["msg"]
    place.server.before = lambda _unused: None
    left = place.run("resumed")
    assert ids(left) == (["r1", "r2"] if state == "paused" else [])
    assert place.server.states() == ["InProgress", "InProgress", "Paused", "Completed"]


@pytest.mark.parametrize("status", [200, 404, 409])
def test_an_answer_is_no_proof(place: Place, status: int) -> None:
    place.server.before = lambda request: json_answer({}, status) if request.path.endswith("r1/pause") else None
    result = place.run("paused", timeout=3)
    assert result["msg"] == (
        'Ampora was told to pause "wave r1" ("r1"), and 3 s later the state is InProgress still. Next: Pause by hand and see why,'
        " then run the same command again."
    )
    assert result["evidence"] == ["r1: wave r1"]
    assert place.stage.point.pauses == [1.0, 1.0, 1.0]
    assert ids(place.run("resumed")) == ["r2"]


def test_one_that_cannot_be_resumed_is_owed_still(place: Place) -> None:
    place.run("paused")
    place.server.before = lambda request: json_answer({}, 409) if request.path.endswith("r1/resume") else None
    assert place.run("resumed", timeout=1)["msg"].startswith('Ampora was told to resume "wave r1" ("r1"), and 1 s later')
    place.server.before = lambda _unused: None
    assert ids(place.run("resumed")) == ["r1"]


def test_many_are_not_all_in_a_line(place: Place) -> None:
    place.server.rollouts = {f"r{number:02}": "InProgress" for number in range(12)}
    place.server.before = lambda request: json_answer({}) if request.method == "POST" else None
    text = place.run("paused", timeout=1)["msg"]
    assert '"wave r09" ("r09") and 2 more, and 1 s later' in text
    place.server.before = lambda _unused: None
    assert len(ids(place.run("paused"))) == 12
    assert place.stage.said()[-1].endswith('"wave r09" ("r09") and 2 more')


def test_pausing_may_take_its_time(place: Place) -> None:
    place.server.before = lambda request: json_answer({}, 202) if request.path.endswith("r1/pause") else None
    place.stage.point.at_pause = lambda number: place.server.rollouts.update({"r1": "Paused"} if number == 2 else {})
    assert ids(place.run("paused")) == ["r1", "r2"]
    assert len(place.stage.point.pauses) == 2


def test_told_to_stop(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two rollouts: the first is ours, the second was not touched."""
    stops = iter([False, True])

    def call(_self: SafePoint) -> None:
        if next(stops):
            raise StoppedError("Stopped by SIGTERM.")

    with monkeypatch.context() as patch:
        patch.setattr(SafePoint, "__call__", call)
        assert place.run("paused")["msg"] == "Stopped by SIGTERM."
    assert place.server.moves() == ["r1 pause"]
    place.server.rollouts["r2"] = "Paused"  # by a person
    assert ids(place.run("resumed")) == ["r1"]


@pytest.mark.parametrize("missing", [{"token": ""}, {"token": " \n"}, {"url": ""}])
def test_without_access(place: Place, missing: dict[str, str]) -> None:
    options = {**place.server.options(), **missing}
    result = place.run("paused", api=options)
    assert (result["changed"], place.server.requests, place.stage.cluster.writes) == (False, [], [])
    assert place.stage.said() == [f"{STEP}: there is no access token (ampora_api_token), so configuration rollouts are not looked at"]
    assert not place.run("resumed", api=options)["changed"]
    place.run("paused")
    assert place.run("resumed", api=options)["msg"] == (
        'Configuration rollouts that we paused wait to be resumed ("wave r1" ("r1"), "wave r2" ("r2")), and there is no access'
        " token. Next: Set ampora_api_url and ampora_api_token, or resume them by hand."
    )
