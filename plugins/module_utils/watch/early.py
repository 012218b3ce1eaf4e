# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""May the watch end before its time: when no sample that could still come would let it pass."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.ampora.upgrades.plugins.module_utils.watch.samples import Sample
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import (
    MINIMUM_SAMPLES,
    NO_HISTORY,
    NOTHING,
    Earlier,
    SignalResult,
    band,
    expected_by,
    judge_signal,
    overall,
    usual_of,
)


def at_best(
    signal: Signal,
    reference: Sequence[Sample],
    samples: Sequence[Sample],
    left: int,
    *,
    provider_errors: int,
    earlier: Earlier = NO_HISTORY,
) -> SignalResult:
    """The result if each of the `left` samples still to come is as good as can be.

    What does not pass so will not pass whatever comes: the same rules judge it, so the two cannot disagree.
    """
    last = samples[-1][0] if samples else 0.0
    value = _best_value(signal, reference, earlier)
    hoped = [*samples, *((last + 1 + number, value) for number in range(left))]
    return judge_signal(signal, reference, hoped, provider_errors=provider_errors, earlier=earlier)


def ends_early(at_best_results: Sequence[SignalResult], now: Sequence[SignalResult], taken: int) -> bool:
    """Whether to stop after `taken` samples.

    At once on a certain fail or error. What can only end inconclusive or without traffic is looked at for some samples
    first, and goes on while anything is worse now than it might be: that may still turn out to be a fail.
    """
    worst = overall(at_best_results)
    if worst in ("error", "fail"):
        return True
    settled = all(hope.verdict == result.verdict for hope, result in zip(at_best_results, now, strict=True))
    return worst != "pass" and taken >= MINIMUM_SAMPLES and settled


def _best_value(signal: Signal, reference: Sequence[Sample], earlier: Earlier) -> float:
    """A value inside of all bounds, if there is one; as low as can be, since of two samples the lower one counts."""
    if signal.kind == "growth":
        return 0.0
    usual = NOTHING if signal.kind == "level" else usual_of(signal, reference)
    if usual is None:
        return 0.0
    expected = None if signal.kind == "level" else expected_by(signal, usual, earlier)
    limits = [band(signal, middle) for middle in (usual, expected) if middle is not None]
    lows = [low for low, _high in limits if low is not None]
    highs = [high for _low, high in limits if high is not None]
    return max(lows) if lows else min(highs)
