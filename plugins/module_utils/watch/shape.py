# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When things happened: how long a signal took to come back, and when its trouble was first seen."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.ampora.upgrades.plugins.module_utils.watch.samples import Sample, finite
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import Band, outside


def recovery_seconds(samples: Sequence[Sample], limits: Band, began: float) -> float | None:
    """From the rollout's begin to the sample from which on all are within the bounds.

    0 when none was outside; None when the last one still is, or when nothing was measured.
    """
    known = _known(samples)
    if not known or outside(known[-1][1], limits):
        return None
    bad = [number for number, (_at, value) in enumerate(known) if outside(value, limits)]
    return round(known[bad[-1] + 1][0] - began, 1) if bad else 0.0


def first_seen(samples: Sequence[Sample], limits: Band) -> float | None:
    """The time of the first sample outside of the bounds."""
    return next((at for at, value in _known(samples) if outside(value, limits)), None)


def lowest(samples: Sequence[Sample]) -> float | None:
    return min((value for _at, value in _known(samples)), default=None)


def _known(samples: Sequence[Sample]) -> list[tuple[float, float]]:
    values = finite(samples)
    return [(at, value) for (at, _unused), value in zip(samples, values, strict=True) if value is not None]
