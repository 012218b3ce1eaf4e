# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upgrades as the watch sees them, simulated: fleets with agents that come and go, reconnect curves, missed scrapes.

The numbers are those that were measured on real rolling updates: sessions drop pod by pod, most agents are back within
seconds and the last within half a minute, for a moment some are counted twice, and a scrape fails now and then.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from dataclasses import dataclass

from ansible_collections.ampora.upgrades.plugins.module_utils.watch.samples import Sample
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import DEFAULT_SIGNALS, Signal
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import Earlier, Verdict, judge_signal, open_end, overall

REPLICAS = 3
REFERENCE, SETTLE, WATCH, INTERVAL = 300, 60, 300, 15
OFFLINE_SHARE = 0.001  # of the agents, at any time, for reasons of their own
OFFLINE_SECONDS = 60.0
LATE_SHARE, LATE_SECONDS = 0.05, 15.0  # those whose back-off has grown
DRIFT = 0.01  # how much the fleet grows or shrinks in ten minutes of the day
MISSED_SCRAPES = 0.0005  # of a pod
LOST_EVENTS = 0.5  # dispatches without a session a minute, as they come anyway
SESSIONS, NO_SESSION, UP = (Signal.from_dict(value, replicas=REPLICAS) for value in DEFAULT_SIGNALS)


@dataclass(frozen=True)
class Day:
    """One day's course around the time of the rollout, which begins at 0."""

    chance: random.Random
    size: int
    drift: float
    rollout: float  # seconds; 0 on a day without one
    lost: int = 0  # agents that do not come back from it

    def sessions(self, start: float, end: float) -> list[Sample]:
        begun, ended = self._offline(start, end)
        late = sorted(self._returns())
        found: list[Sample] = []
        for at in times(start, end):
            count = round(self.size * (1 + self.drift * at / 600))
            count -= bisect_right(begun, at) - bisect_right(ended, at)
            if self.rollout and at > self.rollout:
                count -= self.lost + len(late) - bisect_right(late, at)
            found.append((at, None if self._missed() else float(max(0, count))))
        return found

    def up(self, start: float, end: float) -> list[Sample]:
        return [(at, float(REPLICAS - sum(self._missed() for _pod in range(REPLICAS)))) for at in times(start, end)]

    def no_session(self, start: float, end: float) -> list[Sample]:
        """The increase over the last minute, as PromQL tells it: no series before the first event."""
        events = arrivals(self.chance, LOST_EVENTS / 60, start - 60, end)
        counts = [(at, float(bisect_right(events, at) - bisect_right(events, at - 60))) for at in times(start, end)]
        return [(at, count if count or self.chance.random() < 0.5 else None) for at, count in counts]

    def _offline(self, start: float, end: float) -> tuple[list[float], list[float]]:
        rate = self.size * OFFLINE_SHARE / OFFLINE_SECONDS
        begun = arrivals(self.chance, rate, start - 10 * OFFLINE_SECONDS, end)
        return begun, sorted(at + self.chance.expovariate(1 / OFFLINE_SECONDS) for at in begun)

    def _returns(self) -> list[float]:
        """When those return that take long; all others are back before the settle time is over."""
        late = sum(self.chance.random() < LATE_SHARE for _agent in range(self.size)) if self.rollout else 0
        return [self.rollout + self.chance.expovariate(1 / LATE_SECONDS) for _agent in range(late)]

    def _missed(self) -> bool:
        return self.chance.random() < MISSED_SCRAPES


def times(start: float, end: float) -> list[float]:
    return [start + INTERVAL * number for number in range(int((end - start) / INTERVAL) + 1)]


def arrivals(chance: random.Random, rate: float, start: float, end: float) -> list[float]:
    """The times of events that come independently, so many a second."""
    found, at = [], start
    while rate > 0 and (at := at + chance.expovariate(rate)) < end:
        found.append(at)
    return found


def upgrade(seed: str, size: int, lost_share: float = 0.0) -> Verdict:
    """The verdict on one upgrade of a fleet; of half of them the day before is known."""
    chance = random.Random(seed)
    drift = chance.uniform(-DRIFT, DRIFT)
    rollout = chance.uniform(20, 90)
    today = Day(chance, size, drift, rollout, math.ceil(size * lost_share))
    then = Day(chance, max(1, round(size * chance.uniform(0.8, 1.1))), drift, 0.0)
    begin, end = rollout + SETTLE, rollout + SETTLE + WATCH - INTERVAL
    known = chance.random() < 0.5
    results = []
    for signal, of in ((SESSIONS, Day.sessions), (NO_SESSION, Day.no_session), (UP, Day.up)):
        earlier = Earlier(of(then, -REFERENCE, 0), of(then, begin, end)) if known else Earlier()
        samples = of(today, begin, end)
        if open_end(signal, samples):
            samples += of(today, end + INTERVAL, end + INTERVAL)
        results.append(judge_signal(signal, of(today, -REFERENCE, 0), samples, provider_errors=0, earlier=earlier))
    return overall(results)
