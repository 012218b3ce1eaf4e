# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the facts reach the rules of the deployment; the rules have tables of their own, and the reading tests go all the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import of_deployment
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.configuration_rollouts import Rollout
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts, Unfinished, Workload
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.windows import parse
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.state import RolloutState

from tests.unit.doubles.plans import FACTS

# Tuesdays from 22:00 to 22:10; the hop is forecast to take 21 minutes.
WINDOWS = parse([{"start": "2026-11-24T22:00", "duration": "10m", "rrule": "FREQ=WEEKLY", "timezone": "UTC"}])
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
OPEN = datetime(2026, 11, 24, 22, 1, tzinfo=UTC).timestamp()


def found(facts: Facts) -> list[tuple[str, str]]:
    return [(finding.id, finding.severity) for judge in of_deployment.JUDGES for finding in judge(facts)]


@pytest.mark.parametrize(
    ("now", "dry", "resumes", "expected"),
    [
        (NOON, False, "", [("outside-window", "block")]),
        (NOON, True, "", [("outside-window", "info"), ("window-too-short", "ack")]),
        (OPEN, False, "", [("window-too-short", "ack")]),
        (OPEN - 60, True, "", [("window-too-short", "ack")]),
        (OPEN, True, "", [("window-too-short", "ack")]),
        (NOON, False, "r1", []),
    ],
    ids=[
        "outside",
        "a plan at noon says what will be asked at night",
        "too short",
        "a plan in the first second",
        "a plan within",
        "a run that goes on",
    ],
)
def test_windows(now: float, dry: bool, resumes: str, expected: list[tuple[str, str]]) -> None:
    assert found(replace(FACTS, windows=WINDOWS, now=now, dry=dry, resumes=resumes, database=None)) == expected


def test_nothing_read_is_nothing_found() -> None:
    assert found(Facts()) == []


def test_a_plan_in_the_last_second_of_a_window_is_within_it() -> None:
    last = datetime(2026, 11, 24, 22, 10, tzinfo=UTC).timestamp() - 0.5
    long = parse([{"start": "2026-11-25T12:00", "duration": "2h", "timezone": "UTC"}])
    assert found(replace(FACTS, windows=(*WINDOWS, *long), now=last, dry=True, database=None)) == [("window-too-short", "ack")]


def test_only_what_is_still_to_be_done_is_forecast() -> None:
    """A hop of no change, as a run that is gone on with reads it, takes no time of the window."""
    done = replace(FACTS.hops[0], change="".join(["no", "ne"]))
    assert found(replace(FACTS, hops=[done], windows=WINDOWS, now=OPEN, database=None)) == []


def test_a_rollout_of_a_configuration_is_only_paused_where_the_site_says_so() -> None:
    world = replace(FACTS, rollouts=(Rollout("r1", "wave 1", "InProgress"),), database=None)
    assert found(world) == [("configuration-rollout-in-progress", "block")]
    assert found(replace(world, may_pause_rollouts=True)) == [("configuration-rollout-in-progress", "info")]


@pytest.mark.parametrize(("target", "words"), [("1.5.0", "1.5.0"), ("", "no target")])
def test_an_unfinished_run_is_named_with_its_target(target: str, words: str) -> None:
    (finding,) = of_deployment._runs(Facts(unfinished=Unfinished("upgrade", "r1", target)))
    assert finding.text == f"The upgrade r1 ({words}) has not ended. Go on with its own target, or go back with rollback.yml."


@pytest.mark.parametrize(("commits", "pushes", "expected"), [(True, True, 0), (True, False, 1), (False, True, 1), (False, False, 1)])
def test_gitops_needs_the_commit_and_the_push(commits: bool, pushes: bool, expected: int) -> None:
    workload = Workload({"metadata": {"name": "w"}, "spec": {}}, {"name": "w"}, RolloutState("complete", "", "", {}))
    found = of_deployment._owners(Facts(by_gitops=True, workload=workload, commits=commits, pushes=pushes))
    assert [finding.id for finding in found].count("gitops-without-push") == expected
