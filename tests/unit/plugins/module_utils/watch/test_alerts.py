# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.alerts import (
    Alert,
    AlertSample,
    alert,
    appeared,
    at_best,
    judge_alerts,
    words,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import Verdict
from hypothesis import given
from hypothesis import strategies as st


def of(name: str, **labels: str) -> Alert:
    return alert({"__name__": "ALERTS", "alertstate": "firing", "alertname": name, **labels})


DOWN, SLOW = of("Down", severity="critical"), of("Slow")


def samples(*firing: list[Alert] | None) -> list[AlertSample]:
    return [(float(number), one) for number, one in enumerate(firing)]


def test_an_alert_is_its_labels_without_those_of_the_series() -> None:
    assert of("Down", b="2", a="1") == (("a", "1"), ("alertname", "Down"), ("b", "2"))
    assert words(of("Down", severity="critical", pod="x-1", other="o")) == "Down (severity critical, pod x-1)"
    assert words(alert({})) == "an alert without a name"
    assert words(of("Red\x1b[31m\n")) == "Red?[31m?"
    assert len(words(of("A" * 5000))) == 200


@pytest.mark.parametrize(
    ("before", "now", "new"),
    [
        ([], [DOWN], [DOWN]),
        ([DOWN], [DOWN], []),
        ([DOWN], [], []),
        ([DOWN], [DOWN, SLOW], [SLOW]),
        ([of("Down")], [of("Down", severity="critical")], [of("Down", severity="critical")]),
        # the same trouble of the next pod, and one pod more that is in trouble
        ([of("Hot", pod="a", instance="1")], [of("Hot", pod="b", instance="2")], []),
        ([of("Hot", pod="a")], [of("Hot", pod="b"), of("Hot", pod="c")], [of("Hot", pod="c")]),
    ],
)
def test_which_have_appeared(before: list[Alert], now: list[Alert], new: list[Alert]) -> None:
    assert appeared(before, now) == new


@pytest.mark.parametrize(
    ("before", "firing", "errors", "verdict", "text"),
    [
        ([], [[]] * 5, 0, "pass", "no new alert"),
        ([SLOW], [[SLOW]] * 5, 0, "pass", "no new alert; fired before already, and ignored: Slow"),
        ([], [[DOWN], [DOWN], [], [], []], 0, "pass", "no new alert; set off by the rollout and over: Down (severity critical)"),
        ([], [[DOWN]] * 5, 0, "fail", "fire since the rollout: Down (severity critical)"),
        ([], [[], [DOWN], [], [], []], 0, "fail", "began to fire: Down (severity critical)"),
        ([SLOW], [[SLOW], [], [SLOW], [SLOW], [SLOW]], 0, "pass", "no new alert; fired before already, and ignored: Slow"),
        ([], [[]] * 4, 0, "inconclusive", "4 samples, and 5 are needed"),
        ([], [[], [], [], [], None], 0, "pass", "no new alert"),
        ([], [[], [], [], None, None, None], 0, "inconclusive", "only 3 of 6 samples are there"),
        ([], [None] * 5, 5, "error", "the alerts could not be read 5 times in a row"),
        (None, [[]] * 5, 0, "inconclusive", "it could not be read which alerts fired before the rollout"),
    ],
)
def test_judge(before: list[Alert] | None, firing: Any, errors: int, verdict: Verdict, text: str) -> None:
    result = judge_alerts(before, samples(*firing), provider_errors=errors)
    assert (result.verdict, result.text) == (verdict, text)


@pytest.mark.parametrize(
    ("firing", "verdict", "text"),
    [
        ([[], [DOWN], [SLOW], [], []], "pass", "no new alert; set off by the rollout and over: Down (severity critical), Slow"),
        ([[DOWN], [DOWN], [], [], []], "pass", "no new alert; set off by the rollout and over: Down (severity critical)"),
        ([[], [], [], [], [DOWN]], "fail", "fire since the rollout: Down (severity critical)"),
        ([[], [DOWN], [], [], None], "pass", "no new alert; set off by the rollout and over: Down (severity critical)"),
        ([[DOWN]] * 4, "inconclusive", "4 samples, and 5 are needed"),
    ],
)
def test_where_all_pods_were_stopped_only_the_end_counts(firing: Any, verdict: Verdict, text: str) -> None:
    result = judge_alerts([], samples(*firing), provider_errors=0, stopped=True)
    assert (result.verdict, result.text) == (verdict, text)


def test_many_alerts_are_not_all_named() -> None:
    firing = [of(f"A{number}") for number in range(9)]
    assert judge_alerts([], samples([], firing), provider_errors=0).text == "began to fire: A0, A1, A2, A3, A4 and 4 more"


FIRING = st.one_of(st.none(), st.lists(st.sampled_from([DOWN, SLOW, of("Hot", pod="a"), of("Hot", pod="b")]), unique=True, max_size=3))


@given(st.one_of(st.none(), st.just([SLOW])), st.lists(FIRING, max_size=6), st.lists(FIRING, max_size=6), st.integers(0, 6), st.booleans())
def test_what_cannot_pass_at_best_does_not_pass_whatever_comes(
    before: Any, taken: list[Any], coming: list[Any], errors: int, stopped: bool
) -> None:
    best = at_best(before, samples(*taken), len(coming), provider_errors=errors, stopped=stopped)
    full = judge_alerts(before, samples(*taken, *coming), provider_errors=errors, stopped=stopped)
    assert best.verdict == "pass" or full.verdict != "pass"
