# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.restarts import Restarts, counts, judge_restarts, last_words
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.samples import Sample
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import Verdict
from hypothesis import given
from hypothesis import strategies as st


def pod(name: str, restarts: int, **ended: Any) -> dict[str, Any]:
    status = {"name": "web", "restartCount": restarts, "lastState": {"terminated": ended} if ended else {}}
    return {"metadata": {"name": name}, "status": {"containerStatuses": [status, {"name": "side"}]}}


def test_counts_all_containers_of_a_pod() -> None:
    assert counts([pod("a", 2), {"metadata": {"name": "new"}, "status": {}}]) == {"a": 2, "new": 0}


def test_adds_up_what_is_new() -> None:
    restarts = Restarts({"a": 2, "b": 0})
    looks = [{"a": 2, "b": 0}, {"a": 3, "b": 0}, {"b": 0, "c": 0}, {"b": 0, "c": 1}, {"a": 3, "b": 2, "c": 1}]
    assert [restarts.add(look) for look in looks] == [0, 1, 1, 2, 4]


def test_a_count_that_falls_back_is_no_restart() -> None:
    restarts = Restarts({"a": 5})
    assert [restarts.add({"a": 0}), restarts.add({"a": 5}), restarts.add({"a": 6})] == [0, 0, 1]


def test_the_clusters_own_account() -> None:
    pods = [pod("b", 1, exitCode=137, reason="OOMKilled"), pod("a", 1, exitCode=1), pod("c", 0)]
    assert last_words(pods) == "a ended with 1 (no reason), b ended with 137 (OOMKilled)"


def series(*values: float | None) -> list[Sample]:
    return [(float(number), value) for number, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "allowed", "errors", "verdict", "text"),
    [
        ([0, 0, 0], 0, 0, "pass", "0 restarts while watching"),
        ([0, 1, 1], 1, 0, "pass", "1 restart while watching"),
        ([0, 1, 2], 1, 0, "fail", "2 restarts while watching, and at most 1 may be: a ended with 1 (Error)"),
        ([0, None, 0], 0, 1, "pass", "0 restarts while watching"),
        ([0, None, None, None], 0, 3, "inconclusive", "0 restarts while watching, but the pods could not be read at the end"),
        ([None], 0, 1, "inconclusive", "the pods could not be read"),
        ([1, None], 0, 5, "error", "the pods could not be read 5 times in a row"),
    ],
)
def test_judge(values: list[float | None], allowed: int, errors: int, verdict: Verdict, text: str) -> None:
    result = judge_restarts(series(*values), allowed, "a ended with 1 (Error)", provider_errors=errors)
    assert (result.verdict, result.text) == (verdict, text)


GROWING = st.lists(st.one_of(st.none(), st.integers(0, 1)), max_size=6)


@given(GROWING, GROWING, st.integers(0, 2), st.integers(0, 6))
def test_what_cannot_pass_at_best_does_not_pass_whatever_comes(taken: Any, coming: Any, allowed: int, errors: int) -> None:
    total, values = 0, []
    for step in [*taken, *coming]:
        total += step or 0
        values.append(None if step is None else float(total))
    best = judge_restarts(series(*values[: len(taken)]), allowed, left=len(coming), provider_errors=errors)
    full = judge_restarts(series(*values), allowed, provider_errors=errors)
    assert best.verdict == "pass" or full.verdict != "pass"
