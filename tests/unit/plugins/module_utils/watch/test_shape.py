# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.samples import Sample
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.shape import first_seen, lowest, recovery_seconds


def series(*values: float | None) -> list[Sample]:
    return [(100.0 + number, value) for number, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "seconds", "seen", "least"),
    [
        ((200, 200, 200), 0.0, None, 200),
        ((200, 120, 150, 195, 200), 13.0, 101.0, 120),
        ((200, 120, 200, 100, None, 195), 15.0, 101.0, 100),
        ((200, 260, 200), 12.0, 101.0, 200),
        ((200, 120), None, 101.0, 120),
        ((None, float("nan")), None, None, None),
        ((), None, None, None),
    ],
)
def test_when(values: tuple[float | None, ...], seconds: float | None, seen: float | None, least: float | None) -> None:
    samples = series(*values)
    assert recovery_seconds(samples, (190, 250), 90.0) == seconds
    assert first_seen(samples, (190, 250)) == seen
    assert lowest(samples) == least


def test_without_bounds_nothing_is_outside() -> None:
    assert recovery_seconds(series(1, 2), (None, None), 90.0) == 0.0
