# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.run.notice import EVENTS, notice
from ansible_collections.ampora.upgrades.plugins.module_utils.run.report import build
from hypothesis import given
from hypothesis import strategies as st

START = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
PLAN = {"current": {"version": "1.4.2"}, "target": {"version": "1.5.0"}, "change": "minor"}
SECRET = "Password=hunter2"


def report(verdict: str = "fail", **actor: str) -> dict[str, Any]:
    """A run whose watch has ended with the verdict, and whose spot check failed with words that nobody may read in a chat."""
    now = START + timedelta(seconds=60)
    place = {"namespace": "ampora", "name": "ampora-web"}
    journal = Journal.new(run="r1", deployment=place, kind="upgrade", started_at=START, actor={"user": "ada", **actor}, plan=PLAN)
    signals = [{"name": "sessions", "verdict": verdict, "text": SECRET}, {"name": "up", "verdict": "pass", "text": SECRET}]
    journal = journal.begin("watch", now).end("watch", now, {"verdict": verdict, "signals": signals})
    return build(journal.begin("spot_check", now).fail("spot_check", now, SECRET), now=now)


@pytest.mark.parametrize(
    ("event", "kind", "title"),
    [
        ("start", "info", "upgrade of ampora/ampora-web 1.4.2 -> 1.5.0: begins"),
        ("verdict", "failure", "upgrade of ampora/ampora-web 1.4.2 -> 1.5.0: verdict fail"),
        ("hold", "warning", "upgrade of ampora/ampora-web 1.4.2 -> 1.5.0: held, a person must look"),
        ("rollback", "warning", "upgrade of ampora/ampora-web 1.4.2 -> 1.5.0: rolled back"),
        ("end", "success", "upgrade of ampora/ampora-web 1.4.2 -> 1.5.0: accepted"),
    ],
)
def test_what_is_told(event: Any, kind: str, title: str) -> None:
    told = notice(event, report())
    assert (told.event, told.kind, told.title) == (event, kind, title)
    assert told.body.startswith("run r1\nby ada")
    assert SECRET not in told.title + told.body


@pytest.mark.parametrize(
    ("verdict", "kind"), [("pass", "success"), ("fail", "failure"), ("inconclusive", "warning"), ("no_traffic", "warning")]
)
def test_a_verdict_is_marked_as_what_it_is(verdict: str, kind: str) -> None:
    told = notice("verdict", report(verdict))
    assert told.kind == kind
    assert told.body == f"run r1\nby ada\nsignal sessions: {verdict}\nsignal up: pass"


def test_who_is_called_at_night_sees_where_it_is_held_and_what_to_type() -> None:
    assert notice("hold", report(awx_job="41")).body.splitlines() == [
        *("run r1", "by ada, AWX job 41", "signal sessions: fail", "signal up: pass", "held at the step spot_check"),
        "next: ansible-playbook ampora.upgrades.rollback -e ampora_run_id=r1",
    ]


def test_a_run_that_is_held_without_a_failed_step() -> None:
    empty = {**report(), "steps": [], "next_command": "", "signals": []}
    assert notice("hold", empty).body == "run r1\nby ada\nheld"


def test_a_rollback_by_a_person_has_one_version() -> None:
    assert notice("end", {**report(), "from": {"version": ""}}).title == "upgrade of ampora/ampora-web 1.5.0: accepted"


@given(st.text(), st.sampled_from(EVENTS))
def test_no_name_calls_anybody_or_breaks_a_line(text: str, event: Any) -> None:
    given_report = {**report(), "kind": text, "deployment": {"namespace": text, "name": text}, "actor": {"user": text}}
    told = notice(event, {**given_report, "signals": [{"name": text, "verdict": text}]})
    assert told.title.isprintable()
    assert len(told.title) <= 200
    for line in told.body.splitlines():
        assert line.isprintable()
        assert not set("@<") & set(line + told.title)
