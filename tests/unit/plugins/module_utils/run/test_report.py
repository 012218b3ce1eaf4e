# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.history import MOST_RUNS, history
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import OUTCOMES, STEPS, Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.run.report import build, combined, stats, summary_lines
from ansible_collections.ampora.upgrades.plugins.module_utils.run.report_html import render, render_history
from ansible_collections.ampora.upgrades.plugins.module_utils.run.report_markdown import markdown
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[5]
START = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
COMMAND = "ansible-playbook ampora.upgrades.rollback -e ampora_run_id=20261122t2140z-ab12cd"
FINDING = {"id": "word-remove", "severity": "ack", "text": "Removes a key.", "version": "1.5.0", "evidence": [], "acknowledged": True}
SIGNAL = {"name": "sessions", "verdict": "fail", "text": "ends at 150", "reference": 200.0, "low": 190.0, "samples": [[0, 150]]}
OVERRIDE = {"rule": "overlay-drift", "reason": "Incident <b>4711</b>", "until": "2026-12-01"}
ADR = {"adr": "ADR-016", "version": "1.5.0", "text": "Nested groups (ADR-016)"}
PLAN: dict[str, Any] = {
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
    html = render(report, {})
    for words in (
        "overridden",
        "Incident &lt;b&gt;4711&lt;/b&gt;",
        "until 2026-12-01",
        "by ada, AWX job 7",
        "ack-1.5.0-word-remove",
        "ADR-016",
    ):
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
        "  snapshot      ended    1 min 02 s  s1, 12 bytes, proof: decoded",
        "  pin_by_digest ended         1.0 s  is sha256:new",
        "  watch         ended    5 min 34 s  verdict fail (sessions: fail)",
        "  spot_check    failed        1.0 s  The footer [2J says 1.4.2.",
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
            st.sampled_from(
                [
                    "version",
                    "id",
                    "verdict",
                    "signals",
                    "samples",
                    "name",
                    "agents",
                    "outside",
                    "evidence",
                    "by",
                    "acks",
                    "overrides",
                    "adrs",
                    "each",
                    "banners",
                    "errors",
                ]
            ),
            inner,
        )
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["current", "target", "findings", "change", "next_command", "id", "verdict", "signals", "digest", "mode", "pages", "pods", "problems"]
    + [
        "proof",
        "settings_page",
        "api",
        "hops",
        "notes",
        "answers",
        "before",
        "after",
        "schema",
        "paused",
        "kept_database",
        "size",
        "left_out",
    ]
)


def schema() -> jsonschema.Draft202012Validator:
    found = json.loads((ROOT / "docs" / "schemas" / "report.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


def test_what_is_built_is_what_the_schema_says() -> None:
    validator = schema()
    for found in (whole(), whole().close(at(410), "held"), journal(), journal({}).close(at(1), "refused")):
        validator.validate(build(found, now=at(999)))
    report = build(whole(), now=at(999))
    assert not validator.is_valid({**report, "more": 1}), "a new part of the report is described as well"
    assert not validator.is_valid({name: value for name, value in report.items() if name != "headline"})


def test_the_whole_plan_takes_the_place_of_the_short_one() -> None:
    agents = {"count": 300, "outside": [{"id": str(number), "name": f"a{number}", "version": "1.1.0"} for number in range(300)]}
    plan = {**PLAN, "hops": [{"agents": agents}], "answers": {"by": {"user": "ada"}, "acks": {}, "overrides": []}}
    report = build(journal(), now=at(1), whole_plan=plan)
    assert (report["agents"], report["answers"]["by"]) == (agents, {"user": "ada"})
    assert all(f"<li>a{number}, 1.1.0, {number}</li>" in render(report, {}) for number in range(300)), "not only the first ones"


@pytest.mark.parametrize(
    ("kind", "outcome", "words"),
    [
        ("upgrade", "upgraded", "1.5.0 runs on ampora/ampora-web, and is well."),
        ("upgrade", "rolled back", "1.5.0 did not go well: 1.4.2 runs again on ampora/ampora-web."),
        ("rollback", "rolled back", "1.5.0 runs again on ampora/ampora-web."),
        ("rollback", "swapped back", "1.5.0 runs again on ampora/ampora-web, on the database that had been replaced."),
        ("upgrade", "refused", "Refused, and nothing was changed on ampora/ampora-web."),
        ("upgrade", "held", "The run holds: ampora/ampora-web stays as it is until a person decides."),
        ("spot_check", "ended", "Spot-check the UI: done, on ampora/ampora-web."),
    ],
)
def test_the_headline(kind: str, outcome: str, words: str) -> None:
    place = {"namespace": "ampora", "name": "ampora-web"}
    found = Journal.new(run="r", deployment=place, kind=kind, started_at=START, actor={}, plan=PLAN).close(at(1), outcome)
    assert build(found, now=at(1))["headline"] == words


def test_the_reason() -> None:
    assert build(whole(), now=at(999))["reason"] == "Spot-check the UI: The footer\x1b[2J says 1.4.2."
    watched = journal().begin("watch", at(1)).end("watch", at(2), {"verdict": "fail", "signals": [SIGNAL]})
    assert build(watched, now=at(3))["reason"] == "sessions: ends at 150"
    blocked = {**FINDING, "severity": "block", "acknowledged": False}
    refused = journal({**PLAN, "findings": [blocked, FINDING, {**FINDING, "acknowledged": False}]}).close(at(1), "refused")
    assert build(refused, now=at(1))["reason"] == "1 findings block it and 1 need an answer"
    assert build(journal().close(at(1), "upgraded"), now=at(1))["reason"] == ""


def test_a_run_that_went_back_shows_the_watch_that_decided_so_and_the_one_after() -> None:
    found = journal().begin("apply", at(1)).end("apply", at(2), {})
    found = found.begin("watch", at(3)).end("watch", at(4), {"verdict": "fail", "signals": [SIGNAL]})
    found = found.begin("undo", at(5)).end("undo", at(6), {"version": "1.4.2"})
    unwatched = build(found.close(at(7), "rolled back"), now=at(9))
    assert (unwatched["verdict"], unwatched["after_going_back"]) == ("fail", {})
    well = {**SIGNAL, "verdict": "pass", "text": "ends at 200"}
    found = found.begin("watch", at(7)).end("watch", at(8), {"verdict": "pass", "signals": [well]})
    report = build(found.close(at(9), "rolled back"), now=at(9))
    assert (report["verdict"], report["reason"], report["rollout"]) == (
        "fail",
        "sessions: ends at 150",
        [at(1).timestamp(), at(2).timestamp()],
    )
    assert report["after_going_back"] == {"verdict": "pass", "signals": [well], "rollout": [at(5).timestamp(), at(6).timestamp()]}
    page = render(report, {})
    assert '<header class="card verdict warn">' in page, "an upgrade that went back is no success"
    assert '<span class="sign bad" aria-hidden="true">' in page, "nor is a watch that failed"
    assert page.index("ends at 150") < page.index("Signals after going back</h2>".removesuffix("</h2>")) < page.rindex("ends at 200")
    alone = (
        journal()
        .begin("undo", at(1))
        .end("undo", at(2), {})
        .begin("watch", at(3))
        .end("watch", at(4), {"verdict": "pass", "signals": [well]})
    )
    assert (build(alone, now=at(5))["verdict"], build(alone, now=at(5))["after_going_back"]) == ("pass", {})


def alone(step: str, second: int, result: dict[str, Any]) -> Journal:
    place = {"namespace": "ampora", "name": "ampora-web"}
    found = Journal.new(run=f"r-{step}", deployment=place, kind=step, started_at=at(second), actor={"user": "ada"}, plan={})
    return found.begin(step, at(second)).end(step, at(second + 1), result).close(at(second + 2), "ended")


@pytest.mark.parametrize(("verdict", "outcome", "words"), [("pass", "ended", "is well."), ("fail", "failed", "is not well.")])
def test_steps_that_were_run_alone_are_one_account(verdict: str, outcome: str, words: str) -> None:
    watch = alone("watch", 1, {"verdict": verdict, "signals": [SIGNAL]})
    spot = alone("spot_check", 10, {"version": "1.5.0", "pages": []})
    report = build(combined([spot, watch]), now=at(99))
    assert (report["run"], report["kind"], report["outcome"]) == ("r-spot_check", "verify", outcome), "where the screenshots lie"
    assert report["headline"] == f"ampora/ampora-web {words}"
    assert ([step["name"] for step in report["steps"]], report["to"]["version"], report["seconds"]) == (
        ["watch", "spot_check"],
        "1.5.0",
        11.0,
    )
    assert render(report, {}).startswith("<!DOCTYPE html>")
    schema().validate(report)


def test_configuration_rollouts_are_told_by_name() -> None:
    found = journal()
    for result in (
        {"to_pause": {"r1": "policy"}},
        {"paused": {"r1": "policy"}, "not_paused": {}},
        {"resumed": {"r1": "policy"}, "left": {"r2": "gone"}},
    ):
        found = found.begin("configuration_rollouts", at(1)).end("configuration_rollouts", at(2), result)
    expected = {"paused": ["policy (r1)"], "resumed": ["policy (r1)"], "left": ["gone (r2)"]}
    assert build(found, now=at(3))["configuration_rollouts"] == expected


def test_what_no_report_knows_is_shown_all_the_same() -> None:
    """A newer step, a newer key: plainly, and nothing is dropped."""
    result = {"brand_new": {"deep": [{"er": "value-7"}]}, "loss": {"public.audit_events": 3}, "signed_by": "https://id.example/ada"}
    report = build(journal().begin("apply", at(1)).end("apply", at(2), result), now=at(3))
    page = render(report, {})
    for word in ("brand new", "deep", "er", "value-7", "public.audit_events", "signed by"):
        assert f">{word}<" in page.replace("\n", ""), word
    assert '<a href="https://id.example/ada" rel="noreferrer noopener">' in page


def test_a_summary_for_a_merge_request() -> None:
    text = markdown(build(whole().close(at(410), "held"), now=at(999)))
    assert text.startswith("# The run holds\\: ampora/ampora-web stays as it is until a person decides.\n\n**held**: upgrade")
    assert f"## Next\n\n```sh\n{COMMAND}\n```" in text
    assert "| ended | Take a snapshot | 1 min 02 s | s1, 12 bytes, proof\\: decoded |" in text
    assert "| fail | sessions | ends at 150 |" in text
    assert re.search(r"\| answered \| word-remove 1\.5\.0 \| Removes a key\. \|", text)


def test_no_text_can_leave_its_place_in_the_summary() -> None:
    evil = "x`|\n# <script>[a](http://evil) @team"
    found = journal({**PLAN, "findings": [{**FINDING, "text": evil, "id": evil}]}).begin("watch", at(1))
    found = found.end("watch", at(2), {"verdict": evil, "signals": [{**SIGNAL, "name": evil}], "next_command": "rm `x`\n```\n# hi"})
    text = markdown(build(found, now=at(3)))
    assert "<script>" not in text and "\n# <" not in text and "](http" not in text
    assert text.count("```") == 2
    assert not re.search(r"(?<!\\)@team", text.replace("\u200d", "\\"))


def test_the_history_is_the_newest_runs() -> None:
    runs = [
        Journal.new(run=f"r{number:03}", deployment={}, kind="upgrade", started_at=at(number), actor={"user": "ada"}, plan=PLAN).close(
            at(number + 1), "upgraded"
        )
        for number in range(MOST_RUNS + 10)
    ]
    rows = history(runs, now=at(999), has_report={"r059"}.__contains__)
    assert [row["run"] for row in rows] == [f"r{number:03}" for number in range(MOST_RUNS + 9, 9, -1)]
    assert [row["report"] for row in rows[:2]] == ["r059/report.html", ""]
    page = render_history("Runs of ampora-web", rows, len(runs))
    assert f"The last {MOST_RUNS} of {MOST_RUNS + 10} runs" in page
    assert page.count("<a href=") == 1
    assert "None." in render_history("Runs", [], 0)


# Rendering takes as long as the machine is busy; what is tested here is not its time.
@settings(deadline=None)
@given(st.dictionaries(NAMES, JSON), st.dictionaries(NAMES, JSON), st.sampled_from(STEPS), st.sampled_from(OUTCOMES))
def test_any_plan_and_result_can_be_reported(plan: dict[str, Any], result: dict[str, Any], step: str, outcome: str) -> None:
    found = journal(plan).begin(step, at(1)).end(step, at(2), result).close(at(3), outcome)
    report = build(found, now=at(3))
    assert all(line.isprintable() for line in summary_lines(report))
    assert len(json.dumps(stats(report))) < 16_384
    assert render(report, {}).startswith("<!DOCTYPE html>")
    assert markdown(report).startswith("# ")
    assert render_history("Runs", history([found], now=at(4), has_report=bool), 1).startswith("<!DOCTYPE html>")
    schema().validate(report)
