# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.chart import HEIGHT, WIDTH, chart, points
from hypothesis import given
from hypothesis import strategies as st


def test_a_chart_in_pixels() -> None:
    drawn = chart(
        {
            "name": "sessions",
            "reference": 100.0,
            "low": 50.0,
            "high": None,
            "reference_samples": [[0, 100], [10, 100]],
            "samples": [[20, 0], [30, None], [40, 100]],
        }
    )
    assert drawn is not None
    assert drawn.before == ("6.0,6.0 83.0,6.0",)
    assert drawn.after == ("160.0,90.0", "314.0,6.0")
    assert (drawn.band_top, drawn.band_height, drawn.reference, drawn.start) == (0.0, 48.0, 6.0, 160.0)
    assert drawn.label == "sessions from 0 to 100, 3 samples"


def test_without_a_bound_there_is_no_band_and_without_a_reference_no_line() -> None:
    drawn = chart({"samples": [[0, 5]]})
    assert drawn is not None
    assert (drawn.band_height, drawn.reference, drawn.start) == (0.0, None, None)
    assert drawn.after == ("160.0,6.0",)


@pytest.mark.parametrize(
    "signal", [{}, {"samples": []}, {"samples": [[0, None]]}, {"samples": "no"}, {"samples": [3, "ab", [1], ["x", 2]]}]
)
def test_without_a_value_there_is_no_chart(signal: dict[str, Any]) -> None:
    assert chart(signal) is None


def test_points_take_what_is_usable() -> None:
    assert points([[1, 2], [3, None], [4, "x"], [5, float("nan")], ["t", 1], None, [True, 1]]) == [(1, 2), (3, None), (4, None), (5, None)]


VALUE = st.none() | st.floats() | st.integers(-(2**60), 2**60)
SERIES = st.lists(st.tuples(st.floats(), VALUE).map(list))


@given(SERIES, SERIES, VALUE, VALUE, VALUE)
def test_everything_is_inside_of_the_picture(before: list[Any], after: list[Any], reference: Any, low: Any, high: Any) -> None:
    drawn = chart({"reference_samples": before, "samples": after, "reference": reference, "low": low, "high": high})
    if drawn is None:
        return
    for line in (*drawn.before, *drawn.after):
        for point in line.split(" "):
            x, y = map(float, point.split(","))
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT
    assert 0 <= drawn.band_top <= HEIGHT
    assert 0 <= drawn.band_top + drawn.band_height <= HEIGHT
