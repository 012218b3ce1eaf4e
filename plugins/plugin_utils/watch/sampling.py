# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sampling what is watched over a time, no longer than it takes to know that it will not pass."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ansible_collections.ampora.upgrades.plugins.module_utils.watch.early import ends_early
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import SignalResult
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch.watched import Watched

QUIET_SECONDS = 20  # between two lines of a wait
MOST_EXTRA = 2  # samples beyond the window, when its last one leaves it open whether something has just gone or a scrape was missed


def settle(seconds: float, safe_point: SafePoint, say: Callable[[str], None]) -> None:
    """Wait until connections and caches of new pods are as they will be."""
    end = time.monotonic() + seconds
    say(f"settling for {seconds:.0f} s")
    while (left := end - time.monotonic()) > 0:
        safe_point.pause(min(QUIET_SECONDS, left))
        if (rest := end - time.monotonic()) >= 1:
            say(f"settling, {rest:.0f} s left")


def rounds(
    watched: Sequence[Watched], count: int, interval: int, safe_point: SafePoint, say: Callable[[str], None], *, extra: int = 0
) -> Iterator[int]:
    """Take `count` samples of all, at the interval whatever a query takes, and at most `extra` more; gives how many there are."""
    begun = time.monotonic()
    for number in range(count + extra):
        safe_point.pause(max(0.0, begun + number * interval - time.monotonic()))
        words = ", ".join(one.sample(time.time()) for one in watched)
        left = max(0, count - number) * interval
        say(f"{words}; {-(-left // 10) * 10} s left" if left else f"{words}; a sample more, to tell")
        yield number + 1


def sample(
    watched: Sequence[Watched], duration: int, interval: int, safe_point: SafePoint, say: Callable[[str], None]
) -> list[SignalResult]:
    """Sample for `duration` seconds; the results, of a full window or of an early end."""
    count = max(1, duration // interval)
    for taken in rounds(watched, count, interval, safe_point, say, extra=MOST_EXTRA):
        if (results := early_results(watched, taken, count)) is not None:
            say(f"the watch ends after {taken} of {count} samples: it can no longer pass")
            return results
        if taken >= count and not any(one.open_end() for one in watched):
            break
    return [one.judge() for one in watched]


def early_results(watched: Sequence[Watched], taken: int, count: int) -> list[SignalResult] | None:
    """The results with which the watch ends before its time; None when it goes on."""
    if taken >= count:
        return None
    hopes, now = [one.at_best(count - taken) for one in watched], [one.judge() for one in watched]
    if not ends_early(hopes, now, taken):
        return None
    return [current if hope.verdict in ("pass", current.verdict) else _even(hope) for hope, current in zip(hopes, now, strict=True)]


def _even(hope: SignalResult) -> SignalResult:
    """A verdict that samples still to come were counted for, which were never taken."""
    return replace(hope, text=f"{hope.text}, whatever would still come")


def look_back(watched: Sequence[Watched], start: float, end: float, interval: float, most: int) -> list[SignalResult]:
    """Take the samples of a window that is over, at most so many, and judge them."""
    step = max(interval, (end - start) / most)
    for number in range(int((end - start) / step) + 1):
        for one in watched:
            one.sample(start + number * step)
    return [one.judge() for one in watched]
