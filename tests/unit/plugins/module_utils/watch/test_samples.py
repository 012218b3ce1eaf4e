# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import MAXIMUM_RESULT
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.samples import MAXIMUM_STORED, Sample, every, finite, stored, usable


def test_nan_and_the_infinities_say_nothing() -> None:
    samples: list[Sample] = [(1, 2.0), (2, None), (3, float("nan")), (4, float("inf")), (5, -float("inf"))]
    assert finite(samples) == [2.0, None, None, None, None]
    assert stored(samples, 1) == [[1, 2.0], [2, None], [3, None], [4, None], [5, None]]


def test_of_a_very_long_watch_every_nth_sample_is_stored_and_all_of_the_end() -> None:
    samples: list[Sample] = [(float(number), float(number)) for number in range(20)]
    assert [at for at, _value in stored(samples, 5)] == [0, 5, 10, 15, 17, 18, 19]
    assert (every([20, 21, 60]), every([MAXIMUM_STORED, 1]), every([3600] * 5)) == (1, 2, 12)


@pytest.mark.parametrize("lengths", [[20, 21, 60, 21, 21] * 3, [3600, 21, 60, 21, 21] * 10, [86_400]])
def test_what_is_stored_fits_into_the_record_of_a_run(lengths: list[int]) -> None:
    each = every(lengths)
    series = [stored([(1_763_847_600.123 + number, 12_345.678_9 + number) for number in range(length)], each) for length in lengths]
    assert len(json.dumps(series)) < MAXIMUM_RESULT * 0.9


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ([[1, 2], [3, None]], [(1.0, 2.0), (3.0, None)]),
        ([[1], [1, 2, 3], "ab", None, ["1", 2], [1, "2"], [1, True], [float("nan"), 1]], []),
        (None, []),
        ("text", []),
        ({"a": 1}, []),
    ],
)
def test_what_was_stored_is_read_with_care(value: Any, found: list[Sample]) -> None:
    assert usable(value) == found
