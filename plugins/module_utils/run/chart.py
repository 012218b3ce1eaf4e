# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line chart of a signal as coordinates, with axes, reference bands and the rollout's marks; the page draws them as SVG.

The libraries that draw SVG colour it themselves, so it cannot follow the page into the dark, in print or at a reader's
own contrast, and give it random ids (docs/libraries.md). What is drawn here is coloured by the page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 20, 28
DAY = 86400.0
MOST_ROWS = 60  # of the table beside a chart
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400)  # seconds between two marks of time

Point = tuple[float, "float | None"]


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Mark:
    """A place on an axis, and what is written there."""

    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    """Lines are lists of "x,y" pairs, broken where a sample is absent; bands are what the values must end in."""

    before: tuple[str, ...]
    during: tuple[str, ...]
    after: tuple[str, ...]
    earlier: tuple[str, ...]
    band: Box | None
    earlier_band: Box | None
    rollout: Box | None
    reference: float | None
    y_marks: tuple[Mark, ...]
    x_marks: tuple[Mark, ...]
    label: str
    rows: tuple[tuple[str, str, str], ...]  # time, value, when it was taken


def chart(signal: Mapping[str, Any], rollout: Sequence[float] = ()) -> Chart | None:
    """The chart of a signal of the report; `rollout` is when it began and ended. None when there is no value to draw."""
    before, during, after = (points(signal.get(name)) for name in ("reference_samples", "rollout_samples", "samples"))
    earlier = _shifted(
        [*points(signal.get("earlier_reference_samples")), *points(signal.get("earlier_samples"))], [*before, *during, *after]
    )
    drawn = [*before, *during, *after]
    values = [value for unused, value in (*drawn, *earlier) if value is not None]
    if not any(value is not None for unused, value in drawn):
        return None
    bounds = {name: _number(signal.get(name)) for name in ("reference", "low", "high", "earlier_low", "earlier_high")}
    times = [time for time, unused in drawn]
    x = _Scale(min(times), max(times), LEFT, WIDTH - RIGHT)
    y = _vertical([*values, *(bound for bound in bounds.values() if bound is not None)])
    start = after[0][0] if after else times[0]
    return Chart(
        before=_lines(before, x, y),
        during=_lines(during, x, y),
        after=_lines(after, x, y),
        earlier=_lines([point for point in earlier if x.low <= point[0] <= x.high], x, y),
        band=_band(bounds["low"], bounds["high"], x.at(start), y),
        earlier_band=_band(bounds["earlier_low"], bounds["earlier_high"], x.at(start), y),
        rollout=_span([time for time in rollout if x.low <= time <= x.high], x),
        reference=None if bounds["reference"] is None else y.at(bounds["reference"]),
        y_marks=tuple(Mark(y.at(value), _short(value)) for value in _ticks(y.low, y.high)),
        x_marks=_times(x),
        label=_label(signal, values, len(after)),
        rows=_rows(before, during, after),
    )


def points(value: object) -> list[Point]:
    """The usable [time, value] pairs of a list from outside, in the order of time."""
    found: list[Point] = []
    for item in value if isinstance(value, Sequence) and not isinstance(value, str) else ():
        if isinstance(item, Sequence) and len(item) == 2 and (time := _number(item[0])) is not None:
            found.append((time, _number(item[1])))
    return sorted(found, key=lambda point: point[0])


@dataclass(frozen=True)
class _Scale:
    """Maps a range of values to a range of pixels; a range of one value is drawn in its middle."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        span = self.high - self.low
        # Dividing before subtracting keeps values near the largest float from overflowing.
        share = (value / span - self.low / span) if span and math.isfinite(span) else 0.5
        return round(self.start + share * (self.end - self.start), 1)


def _vertical(values: Sequence[float]) -> _Scale:
    """From zero, with a little room above."""
    low, high = min(0.0, *values), max(0.0, *values)
    if low == high:
        high = 1.0  # zero all the time lies on the floor
    roomy = high + (high - low) * 0.05
    return _Scale(low, roomy if math.isfinite(roomy) else high, HEIGHT - BOTTOM, TOP)


def _shifted(earlier: Sequence[Point], now: Sequence[Point]) -> list[Point]:
    """Samples of an earlier day, put beside those of this one."""
    if not earlier or not now:
        return []
    shift = round((now[0][0] - earlier[0][0]) / DAY) * DAY
    return [(time + shift, value) for time, value in earlier]


def _band(low: float | None, high: float | None, left: float, y: _Scale) -> Box | None:
    if low is None and high is None:
        return None
    top = TOP if high is None else y.at(high)
    bottom = HEIGHT - BOTTOM if low is None else y.at(low)
    return Box(left, top, round(WIDTH - RIGHT - left, 1), round(max(bottom - top, 0.0), 1))


def _span(times: Sequence[float], x: _Scale) -> Box | None:
    if not times:
        return None
    left, right = x.at(min(times)), x.at(max(times))
    return Box(left, TOP, round(max(right - left, 1.0), 1), HEIGHT - BOTTOM - TOP)


def _ticks(low: float, high: float) -> list[float]:
    """Three to seven round values."""
    span = high - low
    if not span or not math.isfinite(span) or span < 1e-300:
        return [low]
    power = 10.0 ** math.floor(math.log10(span / 4))
    step = next((factor * power for factor in (1, 2, 5) if span / (factor * power) <= 6), 10 * power)
    first = math.ceil(low / step)
    return [number * step for number in range(first, math.floor(high / step) + 1)] if math.isfinite(step) and step else [low]


def _times(x: _Scale) -> tuple[Mark, ...]:
    span = x.high - x.low
    step = next((step for step in _STEPS if span / step <= 6), 0)
    if not step or not (0 <= x.low < 1e11):
        return ()
    form = "%H:%M:%S" if step < 60 else "%H:%M"
    first = math.ceil(x.low / step) * step
    moments = [float(first + number * step) for number in range(7) if first + number * step <= x.high]
    return tuple(Mark(x.at(moment), f"{datetime.fromtimestamp(moment, UTC):{form}}") for moment in moments)


def _lines(samples: Sequence[Point], x: _Scale, y: _Scale) -> tuple[str, ...]:
    runs: list[list[str]] = [[]]
    for time, value in samples:
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{x.at(time)},{y.at(value)}")
    # A value alone is drawn as a dot: a line of no length with round ends.
    return tuple(" ".join(run if len(run) > 1 else run * 2) for run in runs if run)


def _label(signal: Mapping[str, Any], values: Sequence[float], count: int) -> str:
    spread = f"from {_short(min(values))} to {_short(max(values))}"
    return f"Line chart of {signal.get('name', 'a signal')}: {spread}, {count} samples after the rollout."


def _rows(before: Sequence[Point], during: Sequence[Point], after: Sequence[Point]) -> tuple[tuple[str, str, str], ...]:
    """For those who cannot see the lines; of many samples every n-th."""
    taken = [
        (time, value, words)
        for words, part in (("before", before), ("rollout", during), ("after", after))
        for time, value in part
        if 0 <= time < 1e11
    ]
    every = -(-len(taken) // MOST_ROWS) or 1
    return tuple(
        (f"{datetime.fromtimestamp(time, UTC):%H:%M:%S}", "absent" if value is None else _short(value), words)
        for time, value, words in taken[::every]
    )


def _short(value: float) -> str:
    return f"{value:.4g}"


def _number(value: object) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if math.isfinite(number) else None
    return None
