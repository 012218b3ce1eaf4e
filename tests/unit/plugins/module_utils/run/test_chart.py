# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.chart import BOTTOM, HEIGHT, MOST_ROWS, RIGHT, TOP, WIDTH, chart, points
from hypothesis import given
from hypothesis import strategies as st

DAY = 86400


def test_a_chart_in_pixels() -> None:
    drawn = chart(
        {
            "name": "sessions",
            "reference": 100.0,
            "low": 50.0,
            "high": None,
            "reference_samples": [[0, 100], [10, 100]],
            "rollout_samples": [[15, 80]],
            "samples": [[20, 0], [30, None], [40, 100]],
        },
        rollout=[12.0, 18.0],
    )
    assert drawn is not None
    top, floor, right = drawn.reference, HEIGHT - BOTTOM, WIDTH - RIGHT
    assert top is not None and TOP < top < TOP + 10, "a little room above the highest value"
    assert drawn.before == (f"56.0,{top} 199.0,{top}",)
    assert drawn.after == (f"342.0,{floor}.0 342.0,{floor}.0", f"{right}.0,{top} {right}.0,{top}"), "a value alone is a dot"
    assert [line.split(",", 1)[0] for line in drawn.during] == ["270.5"]
    assert drawn.band is not None and drawn.rollout is not None
    assert (drawn.band.x, drawn.band.y, drawn.band.x + drawn.band.width) == (342.0, TOP, right)
    assert (drawn.rollout.x, drawn.rollout.width) == (227.6, 85.8)
    assert [mark.text for mark in drawn.y_marks] == ["0", "20", "40", "60", "80", "100"]
    assert [mark.text for mark in drawn.x_marks] == ["00:00:00", "00:00:10", "00:00:20", "00:00:30", "00:00:40"]
    assert drawn.label == "Line chart of sessions: from 0 to 100, 3 samples after the rollout."
    assert drawn.rows[-2:] == (("00:00:30", "absent", "after"), ("00:00:40", "100", "after"))


def test_without_a_bound_there_is_no_band_and_without_a_reference_no_line() -> None:
    drawn = chart({"samples": [[0, 5]]})
    assert drawn is not None
    assert (drawn.band, drawn.earlier_band, drawn.reference, drawn.rollout, drawn.earlier) == (None, None, None, None, ())


def test_a_day_earlier_lies_beside_today() -> None:
    """Whatever the day before was like at these clock times; what lies outside of the picture is left out."""
    drawn = chart(
        {
            "reference_samples": [[DAY, 1], [DAY + 10, 1]],
            "samples": [[DAY + 20, 1]],
            "earlier_reference_samples": [[0, 2], [10, 2]],
            "earlier_samples": [[20, 2], [30, 2]],
            "earlier_low": 1.5,
        }
    )
    assert drawn is not None and drawn.earlier_band is not None
    (line,) = drawn.earlier
    assert [point.split(",")[0] for point in line.split(" ")] == ["56.0", "342.0", "628.0"]


def test_a_long_watch_has_a_short_table() -> None:
    drawn = chart({"samples": [[number, number] for number in range(1000)]})
    assert drawn is not None and 0 < len(drawn.rows) <= MOST_ROWS


@pytest.mark.parametrize(
    "signal", [{}, {"samples": []}, {"samples": [[0, None]]}, {"samples": "no"}, {"samples": [3, "ab", [1], ["x", 2]]}]
)
def test_without_a_value_there_is_no_chart(signal: dict[str, Any]) -> None:
    assert chart(signal) is None


def test_points_take_what_is_usable() -> None:
    assert points([[1, 2], [3, None], [4, "x"], [5, float("nan")], ["t", 1], None, [True, 1]]) == [(1, 2), (3, None), (4, None), (5, None)]


VALUE = st.none() | st.floats() | st.integers(-(2**60), 2**60)
SERIES = st.lists(st.tuples(st.floats(), VALUE).map(list))


@given(SERIES, SERIES, SERIES, VALUE, VALUE, VALUE, st.lists(st.floats(allow_nan=False), max_size=3))
def test_everything_is_inside_of_the_picture(
    before: list[Any], after: list[Any], earlier: list[Any], reference: Any, low: Any, high: Any, rollout: list[float]
) -> None:
    signal = {"reference_samples": before, "samples": after, "earlier_samples": earlier, "reference": reference, "low": low, "high": high}
    drawn = chart({**signal, "earlier_high": high}, rollout)
    if drawn is None:
        return
    for line in (*drawn.before, *drawn.after, *drawn.earlier):
        for point in line.split(" "):
            x, y = map(float, point.split(","))
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT
    for box in (drawn.band, drawn.earlier_band, drawn.rollout):
        assert box is None or (0 <= box.x <= WIDTH and 0 <= box.x + box.width <= WIDTH + 1)
        assert box is None or (0 <= box.y <= HEIGHT and 0 <= box.y + box.height <= HEIGHT + 0.1)
    assert len(drawn.y_marks) <= 12 and len(drawn.x_marks) <= 8
    assert all(0 <= mark.at <= WIDTH for mark in drawn.x_marks) and all(0 <= mark.at <= HEIGHT for mark in drawn.y_marks)
