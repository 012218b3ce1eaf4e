# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small line chart of a signal as coordinates; the report's template draws them as SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 320
HEIGHT = 96
MARGIN = 6

Point = tuple[float, "float | None"]


@dataclass(frozen=True)
class Chart:
    """Lines are lists of "x,y" pairs, broken where a sample is absent; the band is what the values must end in."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    band_top: float
    band_height: float
    reference: float | None
    start: float | None
    label: str


def chart(signal: Mapping[str, Any]) -> Chart | None:
    """The chart of a signal of the report; None when it has no value to draw."""
    before, after = points(signal.get("reference_samples")), points(signal.get("samples"))
    values = [value for unused, value in (*before, *after) if value is not None]
    if not values:
        return None
    reference, low, high = (_number(signal.get(name)) for name in ("reference", "low", "high"))
    marks = [*values, *(mark for mark in (reference, low, high) if mark is not None)]
    times = [time for time, unused in (*before, *after)]
    x = _Scale(min(times), max(times), MARGIN, WIDTH - MARGIN)
    y = _Scale(min(0.0, *marks), max(marks), HEIGHT - MARGIN, MARGIN)
    top = 0.0 if high is None else y.at(high)
    bottom = float(HEIGHT) if low is None else y.at(low)
    bounded = low is not None or high is not None
    return Chart(
        before=_lines(before, x, y),
        after=_lines(after, x, y),
        band_top=top,
        band_height=round(max(bottom - top, 0.0), 1) if bounded else 0.0,
        reference=None if reference is None else y.at(reference),
        start=x.at(after[0][0]) if before and after else None,
        label=f"{signal.get('name', 'signal')} from {min(values):.4g} to {max(values):.4g}, {len(after)} samples",
    )


def points(value: object) -> list[Point]:
    """The usable [time, value] pairs of a list from outside."""
    found: list[Point] = []
    for item in value if isinstance(value, Sequence) and not isinstance(value, str) else ():
        if isinstance(item, Sequence) and len(item) == 2 and (time := _number(item[0])) is not None:
            found.append((time, _number(item[1])))
    return found


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


def _lines(samples: Sequence[Point], x: _Scale, y: _Scale) -> tuple[str, ...]:
    runs: list[list[str]] = [[]]
    for time, value in samples:
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{x.at(time)},{y.at(value)}")
    return tuple(" ".join(run) for run in runs if run)


def _number(value: object) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return None
