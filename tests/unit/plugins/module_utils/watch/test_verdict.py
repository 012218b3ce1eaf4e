# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.samples import Sample
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import (
    PRECEDENCE,
    Earlier,
    SignalResult,
    Verdict,
    judge_signal,
    overall,
)
from hypothesis import given
from hypothesis import strategies as st

SESSIONS = Signal("sessions", "q", "recovery", 0.95, 1.25)
NO_SESSION = Signal("no_session", "q", "growth", None, 1.0, "zero")
UP = Signal("up", "q", "level", 3.0)
SLACK = Signal("sessions", "q", "recovery", 0.95, 1.25, "fail", slack=1.0)
FULL = [200.0] * 5
NAN, NONE = float("nan"), None
Values = Sequence[float | None]


def series(values: Values) -> list[Sample]:
    return [(1000.0 + 15 * index, value) for index, value in enumerate(values)]


def judge(signal: Signal, reference: Values, values: Values, errors: int = 0) -> SignalResult:
    return judge_signal(signal, series(reference), series(values), provider_errors=errors)


@pytest.mark.parametrize(
    ("signal", "reference", "values", "verdict"),
    [
        # recovery: how it ends, and not how it was on its way
        (SESSIONS, FULL, [200, 120, 0, 150, 200, 199, 201], "pass"),
        (SESSIONS, FULL, [200, 200, 200, 200, 190, 190, 190], "pass"),
        (SESSIONS, FULL, [200, 200, 200, 200, 189, 189, 189], "fail"),
        (SESSIONS, FULL, [200, 200, 200, 200, 250, 250, 250], "pass"),
        (SESSIONS, FULL, [200, 200, 200, 200, 251, 251, 251], "fail"),
        (SESSIONS, FULL, [200, 200, 200, 200, 200, 0, 200], "pass"),
        (SESSIONS, FULL, [0, 0, 0, 0, 0, 0, 200], "fail"),
        (SESSIONS, [200, 200, 200, 200, 0], [200] * 5, "pass"),
        (SESSIONS, [0] * 5, [200] * 5, "no_traffic"),
        (SESSIONS, [0] * 5, [0] * 5, "no_traffic"),
        # absent data never passes
        (SESSIONS, FULL, [200] * 4, "inconclusive"),
        (SESSIONS, FULL, [], "inconclusive"),
        (SESSIONS, FULL[:4], [200] * 5, "inconclusive"),
        (SESSIONS, [*FULL[:4], NONE], [200] * 5, "inconclusive"),
        (SESSIONS, [NONE] * 5, [200] * 5, "inconclusive"),
        (SESSIONS, FULL, [200] * 9 + [NONE], "pass"),
        (SESSIONS, FULL, [200] * 9 + [NONE] * 2, "inconclusive"),
        (SESSIONS, FULL, [200] * 9 + [NONE] * 3, "fail"),
        (SESSIONS, FULL, [NAN] * 9, "fail"),
        (SESSIONS, FULL, [200] * 9 + [float("inf")] * 3, "fail"),
        (SESSIONS, FULL, [NONE] * 6 + [200] * 5, "inconclusive"),
        (SESSIONS, FULL, [200, NONE, 200, NONE, 200, NONE, 200], "inconclusive"),
        # a slack in the signal's own unit: of ten agents one is 10 %
        (SLACK, [10] * 5, [9] * 5, "pass"),
        (SLACK, [10] * 5, [8] * 5, "fail"),
        (SLACK, [2] * 5, [3] * 5, "pass"),
        (SLACK, FULL, [189] * 5, "fail"),
        # who asks for more than before, or for less, gets no slack
        (Signal("s", "q", "recovery", 1.5, slack=1.0), FULL, FULL, "fail"),
        (Signal("s", "q", "recovery", 1.5), FULL, [300] * 5, "pass"),
        (Signal("s", "q", "recovery", None, 0.5, slack=1.0), FULL, FULL, "fail"),
        (Signal("s", "q", "recovery", None, 0.5), FULL, [100] * 5, "pass"),
        # where one of the last is missing, the others may not make up for a bad one
        (SESSIONS, FULL, [200, 200, 200, 200, 180, 220, NONE], "fail"),
        # growth: the second half of the window against the rate before
        (NO_SESSION, [0] * 5, [0] * 10, "pass"),
        (NO_SESSION, [0] * 5, [9, 9, 9, 0, 0, 0, 0, 0, 0, 0], "pass"),
        (NO_SESSION, [0] * 5, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1], "pass"),
        (NO_SESSION, [0] * 5, [0, 0, 0, 0, 0, 1, 1, 1, 1, 2], "fail"),
        (NO_SESSION, [0] * 5, [0, 0, 0, 0, 0, 0, 6, 0, 0, 0], "fail"),
        (NO_SESSION, [7] * 5, [8] * 10, "pass"),
        (NO_SESSION, [7] * 5, [9] * 10, "fail"),
        # what comes by chance: three standard deviations of the reference more
        (NO_SESSION, [1, 3] * 5, [6] * 10, "pass"),
        (NO_SESSION, [1, 3] * 5, [6.1] * 10, "fail"),
        (NO_SESSION, [NONE] * 5, [NONE] * 10, "pass"),
        (NO_SESSION, [], [0] * 10, "inconclusive"),
        (NO_SESSION, [0] * 5, [0] * 5 + [-9, 6, 0, 0, 0], "fail"),
        (Signal("g", "q", "growth", None, 1.0), [0] * 5, [0] * 7 + [NONE] * 3, "fail"),
        # level: needs no reference
        (UP, [], [3] * 5, "pass"),
        (UP, [], [0, 0, 3, 3, 3], "pass"),
        (UP, [], [3, 3, 3, 2, 3], "pass"),
        (UP, [], [3, 3, 3, 3, 2], "inconclusive"),
        (UP, [], [3, 3, 3, 2, 2], "fail"),
        (UP, [], [2, 2, 2, 2, 3], "fail"),
        (UP, [], [3, 3, 3, 2, 3, 2], "fail"),
        (UP, [], [3, 3, 3, 3, NONE, 3], "pass"),
        (UP, [], [3] * 5 + [NONE] * 3, "fail"),
        (UP, [], [2, 2, 2, 2, 2, 2, 3, 3, 3], "pass"),
        (UP, [], [3, 3, 2, 3, 3, 2, 3, 3, 3], "pass"),
        (UP, [], [3, 3, 2, 2, 3, 3, 3, 3, 3], "pass"),
        (UP, [], [3, 3, 2, 2, 2, 3, 3, 3, 3], "fail"),
        (UP, [], [3, 3, 2, NONE, 2, 2, 3, 3, 3, 3], "fail"),
        (UP, [], [0, 3, 0, 0, 0, 3, 3, 3, 3], "fail"),
        (Signal("l", "q", "level", None, 10.0), [], [9, 9, 9, 11, 11], "fail"),
        (Signal("l", "q", "level", 3.0, None, "zero"), [], [NONE] * 5, "fail"),
    ],
)
def test_judge(signal: Signal, reference: Values, values: Values, verdict: Verdict) -> None:
    result = judge(signal, reference, values)
    assert result.verdict == verdict, result
    assert result.name == signal.name
    assert result.text


@pytest.mark.parametrize(
    ("signal", "values", "then", "later", "verdict"),
    [
        # both agree
        (SESSIONS, [200] * 5, [180] * 5, [180] * 5, "pass"),
        (SESSIONS, [150] * 5, [180] * 5, [180] * 5, "fail"),
        (SESSIONS, [260] * 5, [180] * 5, [180] * 5, "fail"),
        # a fleet that has grown since yesterday is no anomaly, and one that shrinks every evening is none either
        (SESSIONS, [200] * 5, [100] * 5, [100] * 5, "pass"),
        (SESSIONS, [150] * 5, [180] * 5, [135] * 5, "inconclusive"),
        # nor is it well that nothing grew when it should have
        (SESSIONS, [200] * 5, [100] * 5, [150] * 5, "inconclusive"),
        # no history, or too little, or a day without traffic
        (SESSIONS, [150] * 5, [], [], "fail"),
        (SESSIONS, [150] * 5, [NONE] * 5, [180] * 5, "fail"),
        (SESSIONS, [150] * 5, [180] * 4, [135] * 4, "fail"),
        (SESSIONS, [150] * 5, [0] * 5, [135] * 5, "fail"),
        (SESSIONS, [150] * 5, [180] * 5, [0] * 5, "fail"),
        (SESSIONS, [200] * 5, [0] * 5, [200] * 5, "pass"),
        # a rate is only expected to rise: two small rates differ by chance
        (NO_SESSION, [0] * 10, [9] * 5, [0] * 5, "pass"),
        (NO_SESSION, [5] * 10, [0] * 5, [5] * 5, "inconclusive"),
        (NO_SESSION, [5] * 10, [5] * 5, [0] * 5, "fail"),
        (NO_SESSION, [5] * 10, [0] * 5, [0] * 5, "fail"),
    ],
)
def test_the_two_references(signal: Signal, values: Values, then: Values, later: Values, verdict: Verdict) -> None:
    usual = FULL if signal is SESSIONS else [0.0] * 5
    earlier = Earlier(series(then), series(later))
    result = judge_signal(signal, series(usual), series(values), provider_errors=0, earlier=earlier)
    assert result.verdict == verdict, result


def test_words_and_numbers_of_the_two_references() -> None:
    earlier = Earlier(series([180] * 5), series([135] * 5))
    result = judge_signal(SESSIONS, series(FULL), series([150] * 5), provider_errors=0, earlier=earlier)
    assert result.text == (
        "ends at 150 and must be at least 190, 200 before, by the course of the same clock times a day earlier 150:"
        " only that reference is met"
    )
    assert (result.low, result.high, result.earlier_reference, result.earlier_low, result.earlier_high) == (190, 250, 150, 142.5, 187.5)
    other = judge_signal(SESSIONS, series(FULL), series(FULL), provider_errors=0, earlier=earlier)
    assert other.text.endswith("a day earlier 150: that reference is not met")


def test_no_traffic_before_the_rollout_is_not_made_up_for_by_yesterday() -> None:
    earlier = Earlier(series(FULL), series(FULL))
    assert judge_signal(SESSIONS, series([0] * 5), series(FULL), provider_errors=0, earlier=earlier).verdict == "no_traffic"


@pytest.mark.parametrize(("errors", "verdict"), [(0, "pass"), (4, "pass"), (5, "error")])
def test_provider_errors(errors: int, verdict: Verdict) -> None:
    assert judge(UP, [], [3] * 5, errors).verdict == verdict


def test_absence_that_failed_queries_may_explain_is_no_proof_against_the_deployment() -> None:
    gone: Values = [3, 3, 3, 3, NONE, NONE, NONE]
    assert judge(UP, [], gone, 0).verdict == "fail"
    assert judge(UP, [], gone, 3).verdict == "inconclusive"
    assert judge(UP, [], gone, 5).verdict == "error"


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (judge(SESSIONS, FULL, [200] * 4 + [150] * 3), ("ends at 150 and must be at least 190, 200 before", 200, 150, 190, 250)),
        (judge(SESSIONS, FULL, [200] * 4 + [300] * 3), ("ends at 300 and must be at most 250, 200 before", 200, 300, 190, 250)),
        (judge(SESSIONS, FULL, [200] * 5), ("ends at 200, 200 before", 200, 200, 190, 250)),
        (judge(UP, [], [3, 3, 3, 2, 2]), ("ends at 2 and must be at least 3", None, 2, 3, None)),
        (
            judge(UP, [], [3, 3, 3, 3, 2]),
            ("ends at 2 and must be at least 3; one more sample would tell whether it stays there", None, 2, 3, None),
        ),
        (judge(NO_SESSION, [7] * 5, [9] * 10), ("grows by 9 a sample and must be at most 8, 7 before", 7, 9, None, 8)),
        (judge(SESSIONS, FULL, [200, 0, 0, NONE, NONE, NONE]), ("nothing is there at the end", None, 0, None, None)),
        (judge(SESSIONS, FULL, [1] * 4), ("4 samples, and 5 are needed", None, 1, None, None)),
        (judge(SESSIONS, FULL[:3], [1] * 5), ("the reference before the rollout has 3 samples, and 5 are needed", None, 1, None, None)),
        (judge(UP, [], [3] * 5, 7), ("the metrics could not be read 7 times in a row", None, None, None, None)),
    ],
)
def test_words_and_numbers(result: SignalResult, expected: tuple[object, ...]) -> None:
    assert (result.text, result.reference, result.last, result.low, result.high) == expected


VALUES = st.lists(st.none() | st.floats(width=32), max_size=12)
SIGNALS = st.sampled_from([SESSIONS, NO_SESSION, UP])


@given(SIGNALS, VALUES, VALUES, st.integers(0, 9))
def test_any_samples_get_a_verdict_and_a_pass_rests_on_data(
    signal: Signal, reference: list[float | None], values: list[float | None], errors: int
) -> None:
    result = judge(signal, reference, values, errors)
    assert result.verdict in PRECEDENCE
    assert (result.verdict == "error") is (errors > 4)
    if result.verdict == "pass" and signal.absent == "fail":
        assert any(value is not None for value in values[-3:])
        assert sum(value is not None for value in values) >= 5


@given(VALUES, st.lists(st.floats(0, 500), min_size=5, max_size=9))
def test_losing_the_end_of_a_window_never_helps(values: list[float | None], reference: list[float]) -> None:
    assert judge(SESSIONS, reference, [*values, NONE, NONE, NONE]).verdict != "pass"


@given(st.lists(st.floats(1, 500), min_size=5, max_size=12), st.floats(1, 1000))
def test_scale_does_not_matter_to_a_recovery(values: list[float], factor: float) -> None:
    # By powers of two, which scale floats exactly.
    exact = 2.0 ** round(factor) if factor < 60 else 1.0
    assert (
        judge(SESSIONS, values, values[::-1]).verdict
        == judge(SESSIONS, [v * exact for v in values], [v * exact for v in values[::-1]]).verdict
    )


@given(st.lists(st.sampled_from(PRECEDENCE)))
def test_the_worst_verdict_wins(verdicts: list[Verdict]) -> None:
    found = overall(SignalResult(str(number), verdict, "") for number, verdict in enumerate(verdicts))
    assert found == min(verdicts, key=PRECEDENCE.index, default="inconclusive")


def test_the_precedence() -> None:
    for worse, better in pairwise(["error", "fail", "inconclusive", "no_traffic", "pass"]):
        both: list[Verdict] = [better, worse]  # type: ignore[list-item]
        assert overall(SignalResult("x", verdict, "") for verdict in both) == worse
