# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples: pairs of a unix time and a value, None where there was none."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ansible_collections.ampora.upgrades.plugins.module_utils.fields import is_a

Sample = tuple[float, "float | None"]

# What the record of a run keeps of all signals together: about 24 bytes each, and a step's result has 64 KiB.
MAXIMUM_STORED = 1500
KEPT_AT_THE_END = 3


def finite(samples: Sequence[Sample]) -> list[float | None]:
    """The values; NaN and the infinities say as little as none."""
    return [value if value is not None and math.isfinite(value) else None for _time, value in samples]


def present(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def stored(samples: Sequence[Sample], every: int) -> list[list[float | None]]:
    """As they are kept with a run: every n-th, and all of those that a verdict looks at most closely; JSON knows no NaN."""
    cut = max(0, len(samples) - KEPT_AT_THE_END)
    kept = [*samples[:cut:every], *samples[cut:]]
    return [[round(at, 1), None if value is None else round(value, 4)] for (at, _unused), value in zip(kept, finite(kept), strict=True)]


def every(counts: Sequence[int]) -> int:
    """The n of `stored` with which all lists together stay below what the record holds; 1 unless a watch is very long."""
    return max(1, -(-sum(counts) // MAXIMUM_STORED))


def usable(value: object) -> list[Sample]:
    """The pairs of a list that was stored; what is no pair of numbers is passed over."""
    pairs = (item for item in value if isinstance(item, Sequence) and len(item) == 2) if isinstance(value, list) else ()
    return [(float(at), None if number is None else float(number)) for at, number in pairs if is_a(at, float) and _is_value(number)]


def _is_value(number: object) -> bool:
    return number is None or is_a(number, float)
