# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is it well: each signal's samples against its bounds and its reference. Absent data never passes.

An upgrade must disturb the values for a time: every drained pod drops its sessions. So what counts is how the window
ends, and not each sample on its way.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median
from typing import Any, Literal

from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal

Sample = tuple[float, "float | None"]
Verdict = Literal["pass", "fail", "inconclusive", "error", "no_traffic"]

PRECEDENCE: tuple[Verdict, ...] = ("error", "fail", "inconclusive", "no_traffic", "pass")
# Four against four points can never be told apart (practice: Mann-Whitney), five can.
MINIMUM_SAMPLES = 5
MAXIMUM_PROVIDER_ERRORS = 4
# How the window ends: three samples, so that neither one good nor one bad sample decides alone.
TAIL = 3


@dataclass(frozen=True)
class SignalResult:
    """One signal's verdict, in words and in the numbers that a chart needs."""

    name: str
    verdict: Verdict
    text: str
    reference: float | None = None
    last: float | None = None
    low: float | None = None
    high: float | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def judge_signal(signal: Signal, reference: Sequence[Sample], samples: Sequence[Sample], *, provider_errors: int) -> SignalResult:
    """Judge one signal; `provider_errors` is the longest row of failed queries."""
    if provider_errors > MAXIMUM_PROVIDER_ERRORS:
        return SignalResult(signal.name, "error", f"the metrics could not be read {provider_errors} times in a row")
    values = _values(signal, samples)
    if (doubt := _absence(signal, values, provider_errors)) is not None:
        return doubt
    if signal.kind == "level":
        return _within(signal, _tail(values), None, signal.min, signal.max)
    before = _present(_values(signal, reference))
    if len(before) < MINIMUM_SAMPLES:
        text = f"the reference before the rollout has {len(before)} samples, and {MINIMUM_SAMPLES} are needed"
        return SignalResult(signal.name, "inconclusive", text, last=_last(values))
    return _recovery(signal, before, values) if signal.kind == "recovery" else _growth(signal, before, values)


def overall(results: Iterable[SignalResult]) -> Verdict:
    """The worst verdict; nothing measured is inconclusive."""
    found = {result.verdict for result in results}
    return next((verdict for verdict in PRECEDENCE if verdict in found), "inconclusive")


def _recovery(signal: Signal, before: Sequence[float], values: Sequence[float | None]) -> SignalResult:
    middle = median(before)
    if middle <= 0:
        return SignalResult(signal.name, "no_traffic", "there was nothing before the rollout to recover to", middle, _last(values))
    low, high = (None if bound is None else bound * middle for bound in (signal.min, signal.max))
    return _within(signal, [median(_tail(values))], middle, low, high)


def _growth(signal: Signal, before: Sequence[float], values: Sequence[float | None]) -> SignalResult:
    # Half the window and the mean: an increase that comes in bursts has a median of zero.
    usual = fmean(before)
    now = fmean(_present(values[len(values) // 2 :]))
    high = usual + (signal.max or 0.0)
    if now > high:
        return SignalResult(signal.name, "fail", f"grows by {now:.4g} a sample and may by {high:.4g}", usual, now, None, high)
    return SignalResult(signal.name, "pass", f"grows by {now:.4g} a sample, {usual:.4g} before", usual, now, None, high)


def _within(signal: Signal, tail: Sequence[float], reference: float | None, low: float | None, high: float | None) -> SignalResult:
    verdict: Verdict = "pass"
    text = f"ends at {tail[-1]:.4g}"
    if low is not None and min(tail) < low:
        verdict, text = "fail", f"ends at {min(tail):.4g} and must be at least {low:.4g}"
    elif high is not None and max(tail) > high:
        verdict, text = "fail", f"ends at {max(tail):.4g} and must be at most {high:.4g}"
    if reference is not None:
        text += f", {reference:.4g} before"
    return SignalResult(signal.name, verdict, text, reference, tail[-1], low, high)


def _absence(signal: Signal, values: Sequence[float | None], provider_errors: int) -> SignalResult | None:
    """The result when there is too little to judge by; None when there is enough."""
    present, last = _present(values), _last(values)
    if len(values) < MINIMUM_SAMPLES:
        return SignalResult(signal.name, "inconclusive", f"{len(values)} samples, and {MINIMUM_SAMPLES} are needed", last=last)
    if not _present(values[-TAIL:]):
        # With failed queries in the window, the monitoring may be what is missing: no proof against the deployment.
        verdict: Verdict = "inconclusive" if provider_errors else "fail"
        return SignalResult(signal.name, verdict, "nothing is there at the end", last=last)
    # Of the end and of the whole most must be there, or what is absent could hide the trouble.
    sparse = len(_present(values[-TAIL:])) * 2 < TAIL or len(present) * 2 < len(values)
    if sparse or len(present) < MINIMUM_SAMPLES:
        return SignalResult(signal.name, "inconclusive", f"only {len(present)} of {len(values)} samples are there", last=last)
    return None


def _values(signal: Signal, samples: Sequence[Sample]) -> list[float | None]:
    known = [value if value is not None and math.isfinite(value) else None for unused, value in samples]
    return [0.0 if value is None and signal.absent == "zero" else value for value in known]


def _present(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _tail(values: Sequence[float | None]) -> list[float]:
    return _present(values[-TAIL:])


def _last(values: Sequence[float | None]) -> float | None:
    return next(iter(reversed(_present(values))), None)
