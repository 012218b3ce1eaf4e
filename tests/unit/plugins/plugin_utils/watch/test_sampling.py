# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import StoppedError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch import sampling
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.watched import WatchedSignal

from tests.unit.doubles.clock import START, Clock, Point
from tests.unit.plugins.plugin_utils.watch.test_watched import Source

T0 = START.timestamp()


class World:
    """Two signals by time since the begin; `seconds` is what a query takes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = Clock()
        self.point = Point(self.clock)
        self.seconds = 0.0
        self.up: Callable[[float], float | None] = lambda _at: 3.0
        self.said: list[str] = []
        self.watched = [
            WatchedSignal(Signal("up", "up", "level", 3.0), Source(lambda at: self._value(self.up(at - T0)))),
            WatchedSignal(Signal("sessions", "sessions", "recovery", 0.95), Source(lambda _at: self._value(200.0))),
        ]
        self.watched[1].compare_with([(T0 - 5 + at, 200.0) for at in range(5)])
        monkeypatch.setattr(sampling, "time", self.clock)

    def _value(self, value: float | None) -> float | None:
        self.clock.sleep(self.seconds)
        return value

    def sample(self, duration: int = 75, interval: int = 15) -> dict[str, str]:
        results = sampling.sample(self.watched, duration, interval, self.point, self.said.append)
        return {result.name: result.verdict for result in results}

    def times(self) -> list[float]:
        return [at - T0 for at, _value in self.watched[0].samples]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_a_watch_that_passes(world: World) -> None:
    assert world.sample() == {"up": "pass", "sessions": "pass"}
    assert world.watched[0].samples == [(T0 + 15 * number, 3.0) for number in range(5)]
    assert world.said == [f"up 3, sessions 200; {left} s left" for left in (80, 60, 50, 30, 20)]


def test_the_interval_holds_whatever_a_query_takes(world: World) -> None:
    world.seconds = 4.0
    world.sample(60, 15)
    assert world.times() == [0.0, 15.0, 30.0, 45.0]
    assert world.point.pauses == [0.0, 7.0, 7.0, 7.0]


def test_queries_that_take_longer_than_the_interval(world: World) -> None:
    world.seconds = 20.0
    world.sample(30, 15)
    assert world.times() == [0.0, 40.0]


@pytest.mark.parametrize(("duration", "interval", "count"), [(300, 15, 20), (10, 15, 1), (15, 15, 1), (44, 15, 2)])
def test_how_many_samples(world: World, duration: int, interval: int, count: int) -> None:
    world.sample(duration, interval)
    assert len(world.times()) == count


def test_it_ends_as_soon_as_it_can_no_longer_pass(world: World) -> None:
    world.up = lambda at: 3.0 if at < 30 else 2.0
    results = sampling.sample(world.watched, 300, 15, world.point, world.said.append)
    assert [(result.verdict, result.text) for result in results] == [
        ("fail", "ends at 2 and must be at least 3"),
        ("pass", "ends at 200, 200 before"),
    ]
    assert world.times() == [0.0, 15.0, 30.0, 45.0, 60.0]
    assert world.said[-1] == "the watch ends after 5 of 20 samples: it can no longer pass"


def test_without_traffic_it_ends_once_the_others_are_well(world: World) -> None:
    world.watched[1].compare_with([(T0 - 5 + at, 0.0) for at in range(5)])
    assert world.sample(300) == {"up": "pass", "sessions": "no_traffic"}
    assert len(world.times()) == 5


def test_without_traffic_it_goes_on_while_anything_else_is_not_well(world: World) -> None:
    world.watched[1].compare_with([(T0 - 5 + at, 0.0) for at in range(5)])
    world.up = lambda at: 3.0 if at < 15 or at > 150 else 2.0 if at < 60 else 3.0
    assert world.sample(300)["up"] == "fail"


@pytest.mark.parametrize(
    ("misses", "verdict", "count"), [((60,), "pass", 6), ((60, 75), "fail", 6), ((60, 90), "pass", 6), ((45,), "pass", 5)]
)
def test_an_open_end_is_looked_at_once_more(world: World, misses: tuple[int, ...], verdict: str, count: int) -> None:
    world.up = lambda at: 2.0 if at in misses else 3.0
    assert world.sample()["up"] == verdict
    assert len(world.times()) == count
    assert ("a sample more, to tell" in world.said[-1]) is (count > 5)


def test_a_stop_is_seen_between_samples(world: World) -> None:
    world.point.stop_at = 3
    with pytest.raises(StoppedError):
        world.sample()
    assert len(world.times()) == 2


@pytest.mark.parametrize(
    ("seconds", "pauses", "said"),
    [
        (0, [], ["settling for 0 s"]),
        (3, [3], ["settling for 3 s"]),
        (60, [20, 20, 20], ["settling for 60 s", "settling, 40 s left", "settling, 20 s left"]),
    ],
)
def test_settling_is_never_silent_for_long(world: World, seconds: int, pauses: list[float], said: list[str]) -> None:
    sampling.settle(seconds, world.point, world.said.append)
    assert (world.point.pauses, world.said) == (pauses, said)


def test_looking_back_takes_no_time_and_not_too_many_samples(world: World) -> None:
    results = sampling.look_back(world.watched, T0 - 300, T0, 15, 240)
    assert [result.verdict for result in results] == ["pass", "pass"]
    assert world.times() == [-300.0 + 15 * number for number in range(21)]
    assert world.point.pauses == []
    sampling.look_back(world.watched, T0 - 86_400, T0, 15, 240)
    assert len(world.times()) == 21 + 241
