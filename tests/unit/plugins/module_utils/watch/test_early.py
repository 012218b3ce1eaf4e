# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.early import at_best, ends_early
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.samples import Sample
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import Earlier, SignalResult, Verdict, judge_signal
from hypothesis import given, settings
from hypothesis import strategies as st

SIGNALS = [
    Signal("up", "q", "level", 3.0),
    Signal("calm", "q", "level", None, 10.0),
    Signal("between", "q", "level", 3.0, 10.0, "zero"),
    Signal("sessions", "q", "recovery", 0.95, 1.25, slack=1.0),
    Signal("least", "q", "recovery", 0.5),
    Signal("most", "q", "recovery", None, 1.1),
    Signal("no_session", "q", "growth", None, 1.0, "zero"),
    Signal("strict", "q", "growth", None, 0.0),
]
NUMBERS = st.one_of(st.none(), st.sampled_from([0.0, 2.0, 3.0, 9.0, 10.0, 11.0, 200.0]), st.floats(allow_nan=True, width=32))
LISTS = st.lists(NUMBERS, max_size=9)
STEADY = st.lists(st.sampled_from([8.0, 9.0, 10.0, 11.0]), min_size=5, max_size=7)


def series(values: list[float | None]) -> list[Sample]:
    return [(float(number), value) for number, value in enumerate(values)]


@settings(max_examples=2000)
@given(
    st.sampled_from(SIGNALS), st.one_of(LISTS, STEADY), st.one_of(LISTS, STEADY), st.one_of(LISTS, STEADY), LISTS, LISTS, st.integers(0, 6)
)
def test_what_cannot_pass_at_best_does_not_pass_whatever_comes(
    signal: Signal,
    reference: list[float | None],
    then: list[float | None],
    later: list[float | None],
    taken: list[float | None],
    coming: list[float | None],
    errors: int,
) -> None:
    earlier = Earlier(series(then), series(later))
    best = at_best(signal, series(reference), series(taken), len(coming), provider_errors=errors, earlier=earlier)
    full = judge_signal(signal, series(reference), series([*taken, *coming]), provider_errors=errors, earlier=earlier)
    assert best.verdict == "pass" or full.verdict != "pass", (best, full)


@given(st.sampled_from(SIGNALS), STEADY, LISTS)
def test_with_nothing_left_it_is_the_verdict(signal: Signal, reference: list[float | None], taken: list[float | None]) -> None:
    assert at_best(signal, series(reference), series(taken), 0, provider_errors=0) == judge_signal(
        signal, series(reference), series(taken), provider_errors=0
    )


@pytest.mark.parametrize(
    ("number", "reference", "taken", "left", "verdict"),
    [
        (0, [], [3, 3, 2, 2, 2], 16, "fail"),  # down three times in a row after it had been up
        (0, [], [2, 2, 2, 2], 16, "pass"),  # late so far
        (0, [], [3, 3, 2, 2], 16, "pass"),
        (3, [200] * 5, [0] * 17, 3, "pass"),  # sessions may still come back
        (3, [200] * 5, [200] * 18 + [0, 0], 1, "fail"),
        (3, [200] * 4, [], 20, "inconclusive"),
        (3, [0] * 5, [], 20, "no_traffic"),
        (6, [0] * 5, [0] * 10 + [11], 9, "fail"),  # 11 in ten samples is more than one a sample, even if nothing comes
        (6, [0] * 5, [0] * 10 + [10], 9, "pass"),
        (0, [], [None] * 11, 9, "inconclusive"),  # most of it is missing, even if the rest is there
        (0, [], [None] * 10, 10, "pass"),
    ],
)
def test_when_it_is_certain(number: int, reference: list[float | None], taken: list[float | None], left: int, verdict: Verdict) -> None:
    assert at_best(SIGNALS[number], series(reference), series(taken), left, provider_errors=0).verdict == verdict


def test_references_that_no_value_can_meet() -> None:
    """Three times as many are expected by yesterday's course as by the time before."""
    earlier = Earlier(series([100.0] * 5), series([300.0] * 5))
    assert at_best(SIGNALS[3], series([200.0] * 5), [], 20, provider_errors=0, earlier=earlier).verdict == "inconclusive"


def results(*verdicts: Verdict) -> list[SignalResult]:
    return [SignalResult(str(number), verdict, "") for number, verdict in enumerate(verdicts)]


@pytest.mark.parametrize(
    ("hopes", "now", "taken", "ends"),
    [
        (["pass", "pass"], ["inconclusive", "fail"], 3, False),
        (["fail", "pass"], ["inconclusive", "inconclusive"], 2, True),
        (["error", "pass"], ["error", "inconclusive"], 1, True),
        # what can only end without proof is looked at for a while, and goes on while anything else may turn out to be a fail
        (["no_traffic", "pass"], ["no_traffic", "inconclusive"], 1, False),
        (["no_traffic", "pass"], ["no_traffic", "pass"], 5, True),
        (["inconclusive", "pass"], ["inconclusive", "fail"], 7, False),
        (["inconclusive", "pass"], ["inconclusive", "pass"], 5, True),
        (["inconclusive", "pass"], ["fail", "pass"], 5, False),
    ],
)
def test_when_to_end(hopes: list[Verdict], now: list[Verdict], taken: int, ends: bool) -> None:
    assert ends_early(results(*hopes), results(*now), taken) is ends
