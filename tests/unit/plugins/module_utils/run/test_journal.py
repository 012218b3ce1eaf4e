# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import (
    MAXIMUM_RESULT,
    OUTCOMES,
    STEPS,
    Journal,
    run_id,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
OBJECT = st.dictionaries(st.text(max_size=10), JSON, max_size=4)


def new(**fields: Any) -> Journal:
    given_fields = {"deployment": {"namespace": "ampora", "name": "ampora-web"}, "kind": "upgrade", "actor": {}, "plan": {}} | fields
    return Journal.new(run="20261122t2140z-ab12cd", started_at=NOW, **given_fields)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_steps_begin_and_end() -> None:
    journal = new().begin("lock", later(1)).end("lock", later(2), {"token": 3}).begin("snapshot", later(3))
    lock, snapshot = journal.step("lock"), journal.step("snapshot")
    assert lock is not None
    assert snapshot is not None
    assert (lock.state, lock.began_at, lock.ended_at, lock.result) == ("ended", later(1), later(2), {"token": 3})
    assert (snapshot.state, snapshot.ended_at) == ("begun", None)
    assert journal.step("watch") is None


def test_a_record_never_changes() -> None:
    before = new().begin("lock", NOW)
    before.end("lock", NOW, {})
    assert before.step("lock") == new().begin("lock", NOW).step("lock")


def test_a_killed_step_is_begun_again_and_both_attempts_stay() -> None:
    journal = new().begin("apply", later(1)).begin("apply", later(9)).fail("apply", later(10), "no room")
    assert [(record.state, record.began_at) for record in journal.steps] == [("begun", later(1)), ("failed", later(9))]
    latest = journal.step("apply")
    assert latest is not None
    assert latest.message == "no room"


@pytest.mark.parametrize("steps", [[], ["begin", "end"], ["begin", "fail"]])
def test_only_a_begun_step_ends(steps: list[str]) -> None:
    journal = new()
    for step in steps:
        journal = (
            journal.begin("lock", NOW)
            if step == "begin"
            else journal.end("lock", NOW, {})
            if step == "end"
            else journal.fail("lock", NOW, "x")
        )
    with pytest.raises(UpgradeError, match="The step lock of the run .* has not begun"):
        journal.end("lock", NOW, {})


def test_unknown_words_are_refused() -> None:
    with pytest.raises(UpgradeError, match="deploy is not a step; the steps are lock, "):
        new().begin("deploy", NOW)
    with pytest.raises(UpgradeError, match="great is not an outcome; the outcomes are upgraded, "):
        new().close(NOW, "great")


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_closed_run_takes_nothing_more(outcome: str) -> None:
    journal = new().close(later(5), outcome)
    assert (journal.outcome, journal.ended_at) == (outcome, later(5))
    with pytest.raises(UpgradeError, match=f"has ended: {outcome}"):
        journal.begin("lock", NOW)
    with pytest.raises(UpgradeError, match=f"has ended: {outcome}"):
        journal.close(NOW, outcome)


def test_sizes_are_limited() -> None:
    journal = new().begin("watch", NOW)
    fits = {"x": "a" * (MAXIMUM_RESULT - len('{"x": ""}'))}
    assert journal.end("watch", NOW, fits).steps[0].result == fits
    with pytest.raises(UpgradeError, match="65536 bytes at most for the result of the step watch, and it has 65537"):
        journal.end("watch", NOW, {"x": fits["x"] + "a"})
    assert len(journal.fail("watch", NOW, "m" * 10**6).steps[0].message) == 4096
    for _unused in range(16):
        journal = journal.end("watch", NOW, fits).begin("watch", NOW)
    with pytest.raises(UpgradeError, match="bytes and a ConfigMap holds 1000000"):
        journal.to_json()


@pytest.mark.parametrize("result", [{"x": float("nan")}, {"x": NOW}, {"x": {1, 2}}, {"x": b"bytes"}])
def test_a_result_is_plain_json(result: dict[str, Any]) -> None:
    with pytest.raises(UpgradeError, match="plain JSON only, and the result of the step lock is not"):
        new().begin("lock", NOW).end("lock", NOW, result)


@given(
    actor=OBJECT,
    plan=OBJECT,
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(["begun", "ended", "failed"]), OBJECT, st.text(max_size=30))),
    outcome=st.none() | st.sampled_from(OUTCOMES),
)
def test_round_trip(
    actor: dict[str, Any], plan: dict[str, Any], steps: list[tuple[str, str, dict[str, Any], str]], outcome: str | None
) -> None:
    journal = new(actor=actor, plan=plan)
    for second, (name, state, result, message) in enumerate(steps):
        journal = journal.begin(name, later(second))
        if state == "ended":
            journal = journal.end(name, later(second + 0.5), result)
        elif state == "failed":
            journal = journal.fail(name, later(second + 0.5), message)
    if outcome:
        journal = journal.close(later(99), outcome)
    assert Journal.from_json(journal.to_json()) == journal
    assert Journal.from_json(journal.to_json()).to_json() == journal.to_json()


def written(**fields: object) -> str:
    journal = new().begin("lock", NOW).end("lock", NOW, {}).close(NOW, "upgraded")
    return json.dumps(json.loads(journal.to_json()) | fields)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is not JSON"),
        (written()[:-5], "it is not JSON"),
        ("[]", "it is not an object"),
        (written(format=2), "its format is 2 and this collection reads format 1"),
        (written(run=7), "run must be a text"),
        (written(run="../../etc"), 'run is "../../etc" and no name of a run, such as 20261122t2140z-ab12cd'),
        (written(outcome="great"), "outcome is 'great' and must be one of upgraded"),
        (written(ended_at="now"), "ended_at must be a time"),
        (written(steps={}), "steps must be a list"),
        (written(steps=[{"name": "deploy"}]), "Step 1 of the run's journal cannot be used: name is 'deploy' and must be one of lock"),
        (written(deployment={"name": 1}), "deployment.name must be a text"),
    ],
)
def test_refuses_what_is_no_journal(text: str, problem: str) -> None:
    with pytest.raises(UpgradeError) as caught:
        Journal.from_json(text)
    assert problem in caught.value.message


@given(JSON)
def test_any_json_is_refused_in_words(value: object) -> None:
    with pytest.raises(UpgradeError):
        Journal.from_json(json.dumps(value))


def test_run_id() -> None:
    assert run_id(datetime(2026, 11, 22, 23, 40, tzinfo=timezone(timedelta(hours=2))), "ab12cd") == "20261122t2140z-ab12cd"
    for token in ("", "AB", "a_b", "a" * 17, "é"):
        with pytest.raises(ValueError, match="token"):
            run_id(NOW, token)


@given(
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9999, 12, 30), timezones=ZONES),
    st.from_regex(r"[a-z0-9]{1,16}", fullmatch=True),
)
def test_run_id_fits_a_dns_label(moment: datetime, token: str) -> None:
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,49}[a-z0-9])?", run_id(moment, token))
