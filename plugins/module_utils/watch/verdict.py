# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is it well: each signal's samples against its bounds and its references. Absent data never passes.

An upgrade must disturb the values for a time: every drained pod drops its sessions. So what counts is how the window
ends, and not each sample on its way. There are two references, the window just before the rollout and what the same
clock times made of it a day earlier: an anomaly is what both call one, and where they differ nothing is proven.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean, median, median_low, pstdev
from typing import Any, Literal

from ansible_collections.ampora.upgrades.plugins.module_utils.watch.samples import Sample, finite, present
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal

Verdict = Literal["pass", "fail", "inconclusive", "error", "no_traffic"]
Band = tuple["float | None", "float | None"]
Values = Sequence["float | None"]

PRECEDENCE: tuple[Verdict, ...] = ("error", "fail", "inconclusive", "no_traffic", "pass")
# Four against four points can never be told apart (practice: Mann-Whitney), five can.
MINIMUM_SAMPLES = 5
MAXIMUM_PROVIDER_ERRORS = 4
# How the window ends: three samples, so that neither one good nor one bad sample decides alone.
TAIL = 3
# A rate may be so many standard deviations of its reference above it: of two events a minute there are four now and then.
CHANCE = 3.0


@dataclass(frozen=True)
class SignalResult:
    """One signal's verdict, in words and in the numbers that a chart needs.

    `low` and `high` are the bounds by the reference before the rollout, `earlier_*` those by the day before.
    """

    name: str
    verdict: Verdict
    text: str
    reference: float | None = None
    last: float | None = None
    low: float | None = None
    high: float | None = None
    earlier_reference: float | None = None
    earlier_low: float | None = None
    earlier_high: float | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Usual:
    """What a window says is usual, and how much single samples of a rate differ from it by chance."""

    value: float
    spread: float = 0.0


NOTHING = Usual(0.0)


@dataclass(frozen=True)
class Earlier:
    """The windows before the rollout and of the watch, at the same clock times a day (or a week) earlier."""

    before: Sequence[Sample] = ()
    watched: Sequence[Sample] = ()


NO_HISTORY = Earlier()


def judge_signal(
    signal: Signal, reference: Sequence[Sample], samples: Sequence[Sample], *, provider_errors: int, earlier: Earlier = NO_HISTORY
) -> SignalResult:
    """Judge one signal; `provider_errors` is the longest row of failed queries."""
    if provider_errors > MAXIMUM_PROVIDER_ERRORS:
        return SignalResult(signal.name, "error", f"the metrics could not be read {provider_errors} times in a row")
    values = _values(signal, samples)
    if (doubt := _absence(signal, values, provider_errors)) is not None:
        return doubt
    if signal.kind == "level":
        return _level(signal, values)
    usual = usual_of(signal, reference)
    if usual is None:
        count = len(present(_values(signal, reference)))
        text = f"the reference before the rollout has {count} samples, and {MINIMUM_SAMPLES} are needed"
        return SignalResult(signal.name, "inconclusive", text, last=_last(values))
    if signal.kind == "recovery" and usual.value <= 0:
        return SignalResult(signal.name, "no_traffic", "there was nothing before the rollout to recover to", usual.value, _last(values))
    result = _compare(signal, usual, values)
    expected = expected_by(signal, usual, earlier)
    return result if expected is None else _both(result, _compare(signal, expected, values))


def overall(results: Iterable[SignalResult]) -> Verdict:
    """The worst verdict; nothing measured is inconclusive."""
    found = {result.verdict for result in results}
    return next((verdict for verdict in PRECEDENCE if verdict in found), "inconclusive")


def open_end(signal: Signal, samples: Sequence[Sample]) -> bool:
    """Whether one more sample would tell: the last one of a level is bad, and the one before it was not."""
    known = present(_values(signal, samples))[-2:]
    bad = [outside(value, band(signal, NOTHING)) for value in known]
    return signal.kind == "level" and bad == [False, True]


def usual_of(signal: Signal, reference: Sequence[Sample]) -> Usual | None:
    """What is usual by a window; None when it has too few samples to say."""
    known = present(_values(signal, reference))
    if len(known) < MINIMUM_SAMPLES:
        return None
    if signal.kind != "growth":
        return Usual(median(known))
    # An increase that comes in bursts has a median of zero. It is never negative, whatever a query makes of a reset.
    known = [max(0.0, value) for value in known]
    return Usual(fmean(known), pstdev(known))


def expected_by(signal: Signal, usual: Usual, earlier: Earlier) -> Usual | None:
    """What is usual, changed as the same clock times changed it a day earlier; None when there is no such history.

    The change and not the value of then: fleets grow from day to day, and an upgrade is not to blame for that. A rate
    is only expected to rise, since the difference of two small rates is mostly chance.
    """
    before, after = usual_of(signal, earlier.before), usual_of(signal, earlier.watched)
    if before is None or after is None:
        return None
    if signal.kind == "growth":
        return replace(usual, value=usual.value + max(0.0, after.value - before.value))
    return Usual(usual.value * after.value / before.value) if before.value > 0 and after.value > 0 else None


def band(signal: Signal, usual: Usual) -> Band:
    """Between which values a signal has to end."""
    if signal.kind == "level":
        return signal.min, signal.max
    if signal.kind == "growth":
        return None, usual.value + (signal.max or 0.0) + CHANCE * usual.spread
    low, high = (None if ratio is None else ratio * usual.value for ratio in (signal.min, signal.max))
    # The slack is around what was before; who asks for more than that, or for less, gets none.
    if low is not None and low <= usual.value:
        low = min(low, usual.value - signal.slack)
    if high is not None and high >= usual.value:
        high = max(high, usual.value + signal.slack)
    return low, high


def outside(value: float | None, limits: Band) -> bool:
    """Whether a value is beyond the bounds; an absent one is nowhere."""
    low, high = limits
    return value is not None and ((low is not None and value < low) or (high is not None and value > high))


def _compare(signal: Signal, usual: Usual, values: Values) -> SignalResult:
    low, high = band(signal, usual)
    if signal.kind == "growth":
        # Half the window and the mean, for the reasons of `usual_of`.
        end = fmean(max(0.0, value) for value in present(values[len(values) // 2 :]))
        verb = "grows by {:.4g} a sample"
    else:
        # Of two values the lower one: where one is missing, the other may not make up for a bad one.
        end = median_low(present(values[-TAIL:]))
        verb = "ends at {:.4g}"
    before = f"{usual.value:.4g} before"
    result = SignalResult(signal.name, "pass", f"{verb.format(end)}, {before}", usual.value, end, low, high)
    if not outside(end, (low, high)):
        return result
    return replace(result, verdict="fail", text=f"{verb.format(end)} and {_must(end, (low, high))}, {before}")


def _both(now: SignalResult, then: SignalResult) -> SignalResult:
    """The two references' verdicts as one."""
    joined = replace(now, earlier_reference=then.reference, earlier_low=then.low, earlier_high=then.high)
    course = f"by the course of the same clock times a day earlier {then.reference:.4g}"
    if now.verdict == then.verdict:
        return replace(joined, text=f"{now.text}, {course}")
    words = "only that reference is met" if then.verdict == "pass" else "that reference is not met"
    return replace(joined, verdict="inconclusive", text=f"{now.text}, {course}: {words}")


def _level(signal: Signal, values: Values) -> SignalResult:
    """May come late, may miss single samples, and must end well.

    Prometheus finds a new pod seconds after it is ready, and one scrape fails now and then, of two pods even one after
    the other; three bad samples in a row after it had been well are neither.
    """
    limits = band(signal, NOTHING)
    known, tail = present(values), present(values[-TAIL:])
    result = SignalResult(signal.name, "pass", f"ends at {tail[-1]:.4g}", None, tail[-1], *limits)
    bad = [value for value in tail if outside(value, limits)]
    if len(bad) * 2 > len(tail):
        return replace(result, verdict="fail", text=f"ends at {bad[-1]:.4g} and {_must(bad[-1], limits)}")
    well, row = False, 0
    for value in known:
        row = row + 1 if outside(value, limits) else 0
        well = well or row == 0
        if well and row == TAIL:
            return replace(result, verdict="fail", text=f"was at {value:.4g} after it had been well, and {_must(value, limits)}")
    if outside(tail[-1], limits):
        words = "one more sample would tell whether it stays there"
        return replace(result, verdict="inconclusive", text=f"ends at {tail[-1]:.4g} and {_must(tail[-1], limits)}; {words}")
    return result


def _must(value: float, limits: Band) -> str:
    low, high = limits
    return f"must be at least {low:.4g}" if low is not None and value < low else f"must be at most {high:.4g}"


def _absence(signal: Signal, values: Values, provider_errors: int) -> SignalResult | None:
    """The result when there is too little to judge by; None when there is enough."""
    known, last = present(values), _last(values)
    if len(values) < MINIMUM_SAMPLES:
        return SignalResult(signal.name, "inconclusive", f"{len(values)} samples, and {MINIMUM_SAMPLES} are needed", last=last)
    if not present(values[-TAIL:]):
        # With failed queries in the window, the monitoring may be what is missing: no proof against the deployment.
        verdict: Verdict = "inconclusive" if provider_errors else "fail"
        return SignalResult(signal.name, verdict, "nothing is there at the end", last=last)
    # Of the end and of the whole most must be there, or what is absent could hide the trouble.
    sparse = len(present(values[-TAIL:])) * 2 < TAIL or len(known) * 2 < len(values)
    if sparse or len(known) < MINIMUM_SAMPLES:
        return SignalResult(signal.name, "inconclusive", f"only {len(known)} of {len(values)} samples are there", last=last)
    return None


def _values(signal: Signal, samples: Sequence[Sample]) -> list[float | None]:
    return [0.0 if value is None and signal.absent == "zero" else value for value in finite(samples)]


def _last(values: Values) -> float | None:
    return next(iter(reversed(present(values))), None)
