# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.plugin_utils import sampling
from ansible_collections.ampora.upgrades.plugins.plugin_utils.prometheus import Prometheus, Sample
from ansible_collections.ampora.upgrades.plugins.plugin_utils.safe_point import StoppedError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.sampling import Sampler

from tests.unit.doubles.clock import START, Clock, Point

UP = Signal("up", "sum(up)", "level", min=3.0)
SESSIONS = Signal("sessions", "sum(sessions)", "recovery", min=0.95)
T0 = START.timestamp()


class Metrics(Prometheus):
    """Values by query and time; `seconds` is what a query takes."""

    def __init__(self, clock: Clock, **values: Callable[[float], float | None]) -> None:
        self.clock = clock
        self.values = values
        self.seconds = 0.0
        self.down = False

    def value(self, promql: str, at: float) -> float | None:
        self.clock.sleep(self.seconds)
        if self.down:
            raise UpgradeError("Prometheus does not answer.")
        return self.values["up" if promql == "sum(up)" else "sessions"](at)

    def range(self, promql: str, start: float, end: float, step: float) -> list[Sample]:
        times = [start + index * step for index in range(int((end - start) / step) + 1)]
        return [(at, self.value(promql, at)) for at in times]


class World:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = Clock()
        self.point = Point(self.clock)
        self.metrics = Metrics(self.clock, up=lambda _unused: 3.0, sessions=lambda _unused: 200.0)
        self.sampler = Sampler(self.metrics, [UP, SESSIONS])
        self.said: list[str] = []
        monkeypatch.setattr(sampling, "time", self.clock)

    def watch(self, duration: int = 75, interval: int = 15) -> None:
        self.sampler.watch(duration, interval, self.point, self.said.append)

    def verdicts(self) -> dict[str, str]:
        return {result.name: result.verdict for result in self.sampler.judge()}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_a_watch_that_passes(world: World) -> None:
    world.sampler.read_reference(T0, 300)
    assert [at - T0 for at, unused in world.sampler.reference["sessions"]] == [-300.0 + 15 * number for number in range(21)]
    world.watch()
    assert world.sampler.samples["up"] == [(T0 + 15 * number, 3.0) for number in range(5)]
    assert world.verdicts() == {"up": "pass", "sessions": "pass"}
    assert world.said == [f"up 3, sessions 200; {left} s left" for left in (80, 60, 50, 30, 20)]


def test_the_interval_holds_whatever_a_query_takes(world: World) -> None:
    world.metrics.seconds = 4.0
    world.watch(60, 15)
    assert [at - T0 for at, unused in world.sampler.samples["up"]] == [0.0, 15.0, 30.0, 45.0]
    assert world.point.pauses == [0.0, 7.0, 7.0, 7.0]


def test_queries_that_take_longer_than_the_interval(world: World) -> None:
    world.metrics.seconds = 20.0
    world.watch(30, 15)
    assert [at - T0 for at, unused in world.sampler.samples["up"]] == [0.0, 40.0]


@pytest.mark.parametrize(("duration", "interval", "count"), [(300, 15, 20), (10, 15, 1), (15, 15, 1), (44, 15, 2)])
def test_how_many_samples(world: World, duration: int, interval: int, count: int) -> None:
    world.watch(duration, interval)
    assert len(world.sampler.samples["up"]) == count


def test_a_reference_that_cannot_be_read_makes_a_recovery_inconclusive(world: World) -> None:
    world.metrics.down = True
    world.sampler.read_reference(T0, 300)
    world.metrics.down = False
    world.watch()
    assert world.sampler.reference == {"up": [], "sessions": []}
    assert world.verdicts() == {"up": "pass", "sessions": "inconclusive"}


def test_a_short_reference_is_not_read_closer_than_every_second(world: World) -> None:
    world.sampler.read_reference(T0, 10)
    assert len(world.sampler.reference["up"]) == 11


def test_failed_queries_are_gaps_and_the_longest_row_of_them_counts(world: World) -> None:
    world.sampler.read_reference(T0, 300)
    down = {2, 3, 4, 6}
    for number in range(10):
        world.metrics.down = number in down
        line = world.sampler.sample(T0 + number)
        assert line == ("up cannot be read, sessions cannot be read" if number in down else "up 3, sessions 200")
    assert world.sampler.errors == {"up": 3, "sessions": 3}
    assert [at - T0 for at, value in world.sampler.samples["up"] if value is None] == sorted(down)
    assert world.verdicts() == {"up": "pass", "sessions": "pass"}


def test_too_many_failed_queries_are_an_error_and_no_verdict(world: World) -> None:
    world.sampler.read_reference(T0, 300)
    for number in range(10):
        world.metrics.down = number >= 5
        world.sampler.sample(T0 + number)
    assert world.sampler.errors == {"up": 5, "sessions": 5}
    assert world.verdicts() == {"up": "error", "sessions": "error"}


def test_an_absent_value_is_said(world: World) -> None:
    world.metrics.values["up"] = lambda _unused: None
    assert world.sampler.sample(T0) == "up absent, sessions 200"
    assert world.sampler.errors["up"] == 0


def test_a_stop_is_seen_between_samples(world: World) -> None:
    world.point.stop_at = 3
    with pytest.raises(StoppedError):
        world.watch()
    assert len(world.sampler.samples["up"]) == 2


def test_what_is_stored_can_be_judged_again(world: World) -> None:
    world.sampler.read_reference(T0, 300)
    world.watch()
    stored = world.sampler.to_dicts(world.sampler.judge())
    assert [(entry["name"], entry["kind"], entry["promql"], entry["verdict"]) for entry in stored] == [
        ("up", "level", "sum(up)", "pass"),
        ("sessions", "recovery", "sum(sessions)", "pass"),
    ]
    assert stored[0]["samples"] == [[T0 + 15 * number, 3.0] for number in range(5)]
    assert len(stored[0]["reference_samples"]) == 21
