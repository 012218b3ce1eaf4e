# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.automatic import may_return
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.route import RouteDecision

NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
UNDO = RouteDecision("undo", "The schema is unchanged.", True, "")


def journal(*steps: tuple[str, str, str]) -> Journal:
    """Steps as (name, how it went, verdict)."""
    found = Journal.new(run="r1", deployment={"namespace": "a", "name": "b"}, kind="upgrade", started_at=NOW, actor={}, plan={})
    for name, how, verdict in steps:
        found = found.begin(name, NOW)
        if how == "ended":
            found = found.end(name, NOW, {"verdict": verdict} if verdict else {})
        elif how == "failed":
            found = found.fail(name, NOW, "no")
    return found


PINNED = ("pin_by_digest", "ended", "")
APPLIED = ("apply", "ended", "")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([PINNED, APPLIED, ("watch", "ended", "fail")], (True, "the verdict is fail")),
        (
            [PINNED, APPLIED, ("watch", "ended", "inconclusive")],
            (False, "the verdict is inconclusive, which proves nothing, so a person decides"),
        ),
        ([APPLIED, ("watch", "ended", "error")], (False, "the verdict is error, which proves nothing, so a person decides")),
        ([APPLIED, ("watch", "ended", "no_traffic")], (False, "the verdict is no_traffic, which proves nothing, so a person decides")),
        ([("pin_by_digest", "failed", "")], (True, "the run failed in pin_by_digest")),
        ([PINNED, ("migrate", "failed", "")], (True, "the run failed in migrate")),
        ([PINNED, ("apply", "failed", "")], (True, "the run failed in apply")),
        ([APPLIED, ("watch", "ended", "pass"), ("spot_check", "failed", "")], (True, "the run failed after apply")),
        ([APPLIED, ("watch", "failed", "")], (False, "the watch did not come to an end, so a person decides")),
        ([PINNED, ("migrate", "begun", "")], (True, "the run failed after migrate")),
        ([("watch", "ended", "pass"), ("spot_check", "failed", "")], (False, "nothing was changed yet")),
        ([("snapshot", "failed", "")], (False, "nothing was changed yet")),
        ([("snapshot", "ended", "")], (False, "nothing was changed yet")),
        ([], (False, "nothing was changed yet")),
    ],
)
def test_only_a_clear_fail_goes_back_by_itself(steps: list[tuple[str, str, str]], expected: tuple[bool, str]) -> None:
    assert may_return(journal(*steps), UNDO) == expected


@pytest.mark.parametrize(
    "decision",
    [
        RouteDecision("restore", "It would lose 7 rows.", False, ""),
        RouteDecision("none", "It would lose 7 rows.", None, ""),
        RouteDecision("ask", "It would lose 7 rows.", None, ""),
        RouteDecision("undo", "It would lose 7 rows.", None, ""),
    ],
    ids=lambda decision: f"{decision.route}-{decision.lossless}",
)
def test_what_may_lose_data_is_for_a_person(decision: RouteDecision) -> None:
    failed = journal(APPLIED, ("watch", "ended", "fail"))
    assert may_return(failed, decision) == (False, "going back would not be lossless (It would lose 7 rows.), so a person decides")


def test_what_stops_every_pod_is_for_a_person_too() -> None:
    failed, decision = journal(APPLIED, ("watch", "ended", "fail")), RouteDecision("restore", "It was migrated.", True, "")
    assert may_return(failed, decision) == (
        False,
        "going back would lose nothing and would stop every pod (It was migrated.), so a person decides",
    )


def test_the_latest_watch_counts() -> None:
    again = journal(APPLIED, ("watch", "ended", "error"), ("watch", "ended", "fail"))
    assert may_return(again, UNDO) == (True, "the verdict is fail")
