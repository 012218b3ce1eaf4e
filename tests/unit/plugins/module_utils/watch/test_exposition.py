# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.watch import exposition
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.exposition import Series, described, parse, value
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from hypothesis import given
from hypothesis import strategies as st

TEXT = """# HELP sessions Sessions.
# TYPE sessions gauge
sessions{tenant="a",kind="agent"} 7
sessions{tenant="b",kind="a \\"quoted\\" one, {really}"} 3 1763847600000
sessions_total 99
# TYPE lost_total counter
lost_total{why="x"} 1.5e2
weird{} NaN
"""
SESSIONS = Signal("sessions", "", "recovery", 0.95, metric="sessions")


def one(**values: float) -> Series:
    return {(name, frozenset()): number for name, number in values.items()}


def test_reads_the_metrics_that_are_asked_for_and_no_others() -> None:
    found = parse(TEXT, ["sessions", "weird"])
    assert sorted(found.values())[:2] == [3.0, 7.0]
    assert {name for name, _labels in found} == {"sessions", "weird"}
    assert parse(TEXT, ["lost_total"]) == {("lost_total", frozenset({("why", "x")})): 150.0}
    assert parse("", ["sessions"]) == {}


@pytest.mark.parametrize("text", ["sessions{", "sessions x", "sessions"])
def test_what_is_not_the_format(text: str) -> None:
    with pytest.raises(UpgradeError, match="not in the text format of Prometheus"):
        parse(text + "\n", ["sessions"])


@given(st.text())
def test_any_text_gives_samples_or_a_worded_error(text: str) -> None:
    try:
        found = parse(f"sessions{text}", ["sessions"])
    except UpgradeError:
        return
    assert all(isinstance(number, float) for number in found.values())


def test_a_huge_exposition_is_read_in_time_and_a_huge_metric_is_refused() -> None:
    other = "".join(f'other_bucket{{le="{number}",path="/some/long/path/{number}"}} {number}\n' for number in range(100_000))
    started = time.monotonic()
    assert parse(other + "sessions 7\n", ["sessions"]) == one(sessions=7.0)
    assert time.monotonic() - started < 2
    many = "".join(f'sessions{{n="{number}"}} 1\n' for number in range(exposition.MOST_SAMPLES + 1))
    with pytest.raises(UpgradeError, match="50001 samples of sessions, and 50000 are read at most"):
        parse(many, ["sessions"])


def signal(aggregate: str, **labels: str) -> Signal:
    return Signal.from_dict({"name": "s", "kind": "level", "min": 0, "metric": "m", "aggregate": aggregate, "labels": labels})


def test_the_aggregates() -> None:
    pods = {"a": one(m=3.0, other=9.0), "b": one(m=5.0), "c": one(m=float("nan")), "d": None}
    assert [value(signal(how), pods) for how in ("sum", "max", "min")] == [8.0, 5.0, 3.0]
    assert value(signal("sum"), {"a": one(other=1.0), "b": None}) is None
    assert value(signal("sum"), {}) is None


def test_the_labels() -> None:
    pods: dict[str, Series | None] = {"a": parse(TEXT, ["sessions"])}
    named = Signal("s", "", "level", 0.0, metric="sessions", labels={"tenant": "a"})
    assert (value(SESSIONS, pods), value(named, pods)) == (10.0, 7.0)


def test_up_counts_the_pods_that_answer() -> None:
    up = Signal("up", "", "level", 3.0, metric="up")
    assert value(up, {"a": {}, "b": None, "c": one(up=0.0)}) == 2.0
    assert value(up, {}) == 0.0


def test_an_increase_is_told_for_a_minute() -> None:
    grows = signal("increase")
    assert value(grows, {"a": one(m=3.0)}) is None
    assert value(grows, {"a": one(m=13.0)}, {"a": one(m=3.0)}, 15.0) == 40.0
    # a pod that is new counts from now, a counter that is new in a pod that was there from nothing, one that fell began anew
    assert value(grows, {"a": one(m=13.0), "new": one(m=500.0)}, {"a": one(m=3.0)}, 60.0) == 10.0
    assert value(grows, {"a": one(m=4.0)}, {"a": one(other=1.0)}, 60.0) == 4.0
    assert value(grows, {"a": one(m=2.0)}, {"a": one(m=90.0)}, 60.0) == 2.0
    assert value(grows, {"a": one(m=2.0)}, {"a": None}, 60.0) == 0.0
    assert value(grows, {"a": one(other=2.0)}, {"a": one(other=1.0)}, 60.0) is None


def test_which_metrics_are_needed() -> None:
    assert described([SESSIONS, SESSIONS, Signal("up", "", "level", 1.0, metric="up"), Signal("p", "promql", "level", 1.0)]) == ["sessions"]
