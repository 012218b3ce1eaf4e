# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the watch right: over simulated upgrades of fleets of many sizes, healthy ones and ones that lose a tenth of the sessions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.unit.doubles.simulated import upgrade

UPGRADES = 1000
LOST = 0.1
SIZES = (5, 10, 20, 50, 200, 1000, 5000)
DOCUMENT = Path(__file__).resolve().parents[5] / "docs" / "watch.md"
CAUGHT = 0.99
# Below this size a tenth is one agent or less, which the slack of the default signal allows.
CATCHES_FROM = 20


def verdicts(size: int, lost: float) -> Counter[str]:
    return Counter(upgrade(f"{size} {lost} {number}", size, lost) for number in range(UPGRADES))


@pytest.mark.parametrize("size", SIZES)
def test_the_watch_by_the_size_of_the_fleet(size: int) -> None:
    healthy, lossy = verdicts(size, 0.0), verdicts(size, LOST)
    assert healthy["fail"] == 0, "a healthy upgrade was taken for a bad one"
    if size >= CATCHES_FROM:
        assert UPGRADES - lossy["pass"] >= CAUGHT * UPGRADES
    columns = [size, healthy["pass"], healthy["inconclusive"], healthy["fail"], lossy["fail"], lossy["inconclusive"], lossy["pass"]]
    line = f"| {' | '.join(f'{number:,}'.replace(',', ' ') for number in columns)} |"
    print(line)
    assert line in DOCUMENT.read_text(encoding="utf-8").splitlines(), "docs/watch.md has other figures than the simulation gives"
