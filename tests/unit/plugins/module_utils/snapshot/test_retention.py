# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.retention import half_made, superfluous
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.doubles.scene import NOW, PLACE, manifest


def day(number: int) -> Manifest:
    return manifest(id=f"day-{number}", started_at=NOW + timedelta(days=number))


def run(number: int, outcome: str | None, *, kind: str = "upgrade", snapshot: str = "") -> Journal:
    found = Journal.new(run=f"day-{number}", deployment=PLACE, kind=kind, started_at=NOW + timedelta(days=number), actor={}, plan={})
    if snapshot:
        found = found.begin("snapshot", NOW).end("snapshot", NOW, {"id": snapshot})
    return found if outcome is None else replace(found, ended_at=NOW, outcome=outcome)


FIVE = [day(number) for number in (3, 1, 5, 2, 4)]


@pytest.mark.parametrize(
    ("keep", "journals", "removed"),
    [
        (0, [], []),
        (-1, [], []),
        (1, [], [1, 2, 3, 4]),
        (2, [], [1, 2, 3]),
        (5, [], []),
        (9, [], []),
        (1, [run(2, None)], [1, 3, 4]),
        (1, [run(9, None, snapshot="day-2")], [1, 3, 4]),
        (1, [run(9, "upgraded"), run(2, "held")], [1, 3, 4]),
        (1, [run(9, "upgraded"), run(2, "failed")], [1, 3, 4]),
        (1, [run(9, "upgraded"), run(2, "upgraded")], [1, 2, 3, 4]),
        (1, [run(3, "upgraded"), run(2, "rolled back")], [1, 2, 4]),
        (1, [run(3, "rolled back", kind="rollback"), run(2, "upgraded")], [1, 3, 4]),
    ],
)
def test_what_is_removed(keep: int, journals: list[Journal], removed: list[int]) -> None:
    assert [one.id for one in superfluous(FIVE, keep, journals)] == [f"day-{number}" for number in removed]


@pytest.mark.parametrize(("keep", "removed"), [(0, []), (1, [1, 2, 3, 4, 5]), (2, [1, 2, 3, 4]), (6, [])])
def test_what_is_removed_once_a_new_one_is_there(keep: int, removed: list[int]) -> None:
    assert [one.id for one in superfluous(FIVE, keep, [], 1)] == [f"day-{number}" for number in removed]


@given(st.lists(st.integers(0, 50), unique=True), st.integers(-2, 12), st.lists(st.integers(0, 50)))
def test_the_newest_and_what_an_open_run_names_always_stay(days: list[int], keep: int, named: list[int]) -> None:
    removed = {one.id for one in superfluous([day(number) for number in days], keep, [run(number, None) for number in named])}
    assert not removed & {f"day-{number}" for number in [*named, *sorted(days)[-max(keep, 1) :]]}
    beyond = {f"day-{number}" for number in sorted(days)[:-keep]} if keep > 0 else set()
    assert removed == beyond - {f"day-{number}" for number in named}


DEAD = "20261121t2140z-00dead"


def begun(name: str = DEAD, *, outcome: str | None = "held", states: str = "begun", step: str = "snapshot") -> Journal:
    found = Journal.new(run=name, deployment=PLACE, kind="upgrade", started_at=NOW, actor={}, plan={})
    for state in states.split():
        found = found.begin(step, NOW)
        found = found.fail(step, NOW, "no") if state == "failed" else found.end(step, NOW, {}) if state == "ended" else found
    return found if outcome is None else found.close(NOW, outcome)


@pytest.mark.parametrize(
    ("journal", "manifests", "left"),
    [
        (begun(), [], [DEAD]),
        (begun(states="failed"), [], [DEAD]),
        (begun(states="begun failed begun"), [], [DEAD]),
        (begun(), [manifest(run=DEAD, id=DEAD)], []),
        (begun(), [manifest()], [DEAD]),
        (begun(outcome=None), [], []),
        (begun(states="ended"), [], []),
        (begun(states="ended begun"), [], []),
        (begun(step="watch"), [], []),
        (begun("../../etc"), [], []),
        (begun("elsewhere"), [], []),
    ],
)
def test_what_killed_runs_may_have_left(journal: Journal, manifests: list[Manifest], left: list[str]) -> None:
    """Never of a run that may go on, nor of one whose snapshot was made once, nor by a name that is no run's."""
    assert half_made([journal, begun("20261122t2140z-ab12cd", states="ended")], manifests) == left
