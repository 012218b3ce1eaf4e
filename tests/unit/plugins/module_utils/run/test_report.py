# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import OUTCOMES, STEPS, Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.run.report import build, render_html, stats, summary_lines
from hypothesis import given, settings
from hypothesis import strategies as st

START = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
COMMAND = "ansible-playbook ampora.upgrades.rollback -e ampora_run_id=20261122t2140z-ab12cd"
FINDING = {"id": "word-remove", "severity": "ack", "text": "Removes a key.", "version": "1.5.0", "evidence": [], "acknowledged": True}
SIGNAL = {"name": "sessions", "verdict": "fail", "text": "ends at 150", "reference": 200.0, "low": 190.0, "samples": [[0, 150]]}
OVERRIDE = {"rule": "overlay-drift", "reason": "Incident <b>4711</b>", "until": "2026-12-01"}
ADR = {"adr": "ADR-016", "version": "1.5.0", "text": "Nested groups (ADR-016)"}
PLAN = {
    "current": {"version": "1.4.2", "digest": "sha256:old"},
    "target": {"version": "1.5.0", "digest": "sha256:asked"},
    "change": "minor",
    "findings": [FINDING],
    "answers": {"by": {"user": "ada", "awx_job": "7"}, "acks": {"ack-1.5.0-word-remove": "true"}, "overrides": [OVERRIDE]},
    "notes": [{"version": "1.5.0", "adrs": [ADR]}, {"version": "1.4.3", "adrs": []}],
}


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def journal(plan: dict[str, Any] | None = None) -> Journal:
    place = {"namespace": "ampora", "name": "ampora-web"}
    return Journal.new(
        run="20261122t2140z-ab12cd",
        deployment=place,
        kind="upgrade",
        started_at=START,
        actor={"user": "ada"},
        plan=PLAN if plan is None else plan,
    )


def whole() -> Journal:
    found = journal().begin("snapshot", at(1)).end("snapshot", at(63.5), {"id": "s1", "proof": "decoded", "size": 12})
    found = found.begin("pin_by_digest", at(64)).end("pin_by_digest", at(65), {"digest": "sha256:new"})
    found = found.begin("watch", at(66)).end("watch", at(400), {"verdict": "fail", "signals": [SIGNAL], "next_command": COMMAND})
    return found.begin("spot_check", at(401)).fail("spot_check", at(402), "The footer\x1b[2J says 1.4.2.")


def test_the_report_of_a_held_run() -> None:
    report = build(whole().close(at(410), "held"), now=at(999))
    assert (report["format"], report["outcome"], report["change"], report["verdict"]) == (1, "held", "minor", "fail")
    assert report["from"] == {"version": "1.4.2", "digest": "sha256:old"}
    assert report["to"] == {"version": "1.5.0", "digest": "sha256:new"}
    assert (report["started_at"], report["ended_at"], report["seconds"]) == (
        "2026-11-22T21:40:00.000000Z",
        "2026-11-22T21:46:50.000000Z",
        410.0,
    )
    assert [(step["name"], step["state"], step["seconds"]) for step in report["steps"]] == [
        ("snapshot", "ended", 62.5),
        ("pin_by_digest", "ended", 1.0),
        ("watch", "ended", 334.0),
        ("spot_check", "failed", 1.0),
    ]
    assert (report["findings"], report["signals"], report["snapshot"]["id"]) == ([FINDING], [SIGNAL], "s1")
    assert report["next_command"] == COMMAND


def test_who_answered_what_is_in_the_report() -> None:
    overridden = {**FINDING, "id": "overlay-drift", "severity": "block", "acknowledged": False, "overridden": OVERRIDE}
    report = build(journal({**PLAN, "findings": [FINDING, overridden]}), now=at(1))
    assert report["answers"] == PLAN["answers"]
    assert report["adrs"] == [ADR]
    html = render_html(report, {})
    for words in ("overridden", "Incident &lt;b&gt;4711&lt;/b&gt;", "until 2026-12-01", "awx_job", "ack-1.5.0-word-remove", "ADR-016"):
        assert words in html
    assert "<b>4711" not in html


def test_it_comes_from_the_journal_alone() -> None:
    closed = whole().close(at(410), "held")
    assert build(closed, now=at(999)) == build(Journal.from_json(closed.to_json()), now=at(5000))
    json.dumps(build(closed, now=at(999)), allow_nan=False)


def test_a_run_that_goes_on() -> None:
    report = build(journal().begin("snapshot", at(10)), now=at(15))
    assert (report["outcome"], report["ended_at"], report["seconds"]) == ("unfinished", None, 15.0)
    assert (report["steps"][0]["state"], report["steps"][0]["seconds"]) == ("begun", 5.0)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_next_command_is_for_a_run_that_did_not_arrive(outcome: str) -> None:
    command = COMMAND if outcome in ("held", "failed") else ""
    assert build(whole().close(at(410), outcome), now=at(999))["next_command"] == command
    nothing_done = journal(PLAN).close(at(1), outcome)
    assert build(nothing_done, now=at(999))["next_command"] == ""


def test_the_summary() -> None:
    assert summary_lines(build(whole().close(at(410), "held"), now=at(999))) == [
        "upgrade of ampora/ampora-web: held (1.4.2 -> 1.5.0)",
        "  run 20261122t2140z-ab12cd, 6 min 50 s",
        "  snapshot      ended  1 min 02 s",
        "  pin_by_digest ended       1.0 s",
        "  watch         ended  5 min 34 s",
        "  spot_check    failed      1.0 s  The footer [2J says 1.4.2.",
        "  snapshot s1 (decoded)",
        "  signal sessions: fail, ends at 150",
        "  verdict fail",
        f"  next: {COMMAND}",
    ]


def test_stats_are_a_few_short_words() -> None:
    assert stats(build(whole().close(at(410), "held"), now=at(999))) == {
        "run": "20261122t2140z-ab12cd",
        "outcome": "held",
        "from": "1.4.2",
        "to": "1.5.0",
        "digest": "sha256:new",
        "verdict": "fail",
        "snapshot": "s1",
        "next_command": COMMAND,
    }
    long = journal().begin("snapshot", at(1)).end("snapshot", at(2), {"id": "x" * 60_000})
    assert len(json.dumps(stats(build(long, now=at(3))))) < 4096


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["version", "id", "verdict", "signals", "samples", "name", "by", "acks", "overrides", "adrs"]), inner
        )
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["current", "target", "findings", "answers", "notes", "change", "next_command", "id", "verdict", "signals", "digest", "mode"]
)


# Rendering takes as long as the machine is busy; what is tested here is not its time.
@settings(deadline=None)
@given(st.dictionaries(NAMES, JSON), st.dictionaries(NAMES, JSON), st.sampled_from(STEPS))
def test_any_plan_and_result_can_be_reported(plan: dict[str, Any], result: dict[str, Any], step: str) -> None:
    report = build(journal(plan).begin(step, at(1)).end(step, at(2), result), now=at(3))
    assert all(line.isprintable() for line in summary_lines(report))
    assert len(json.dumps(stats(report))) < 16_384
    assert render_html(report, {}).startswith("<!DOCTYPE html>")
