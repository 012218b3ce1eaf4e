# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.filter.watch_verdict import FilterModule

watch_verdict = FilterModule().filters()["watch_verdict"]
FULL = [[15 * number, 200] for number in range(5)]
SESSIONS = {"name": "sessions", "promql": "q", "kind": "recovery", "min": 0.95, "reference": FULL, "samples": FULL}
UP = {"name": "up", "promql": "q", "kind": "level", "min": "{replicas}", "samples": [[15 * number, 3] for number in range(5)]}

UNKNOWN = {"earlier_reference": None, "earlier_low": None, "earlier_high": None}


def test_judges_each_signal_and_all_together() -> None:
    down = UP | {"samples": [[15 * number, 2] for number in range(5)]}
    found = watch_verdict([SESSIONS, down], replicas=3)
    assert found["verdict"] == "fail"
    assert found["signals"] == [
        {
            "name": "sessions",
            "verdict": "pass",
            "text": "ends at 200, 200 before",
            "reference": 200.0,
            "last": 200.0,
            "low": 190.0,
            "high": None,
            **UNKNOWN,
        },
        {
            "name": "up",
            "verdict": "fail",
            "text": "ends at 2 and must be at least 3",
            "reference": None,
            "last": 2.0,
            "low": 3.0,
            "high": None,
            **UNKNOWN,
        },
    ]


def test_a_day_earlier_is_a_reference_too() -> None:
    fallen = SESSIONS | {"samples": [[15 * number, 150] for number in range(5)]}
    evening = {"earlier_reference": FULL, "earlier_samples": [[15 * number, 150] for number in range(5)]}
    assert (watch_verdict([fallen])["verdict"], watch_verdict([fallen | evening])["verdict"]) == ("fail", "inconclusive")


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        ([UP], "pass"),
        ([], "inconclusive"),
        ([UP | {"samples": []}], "inconclusive"),
        ([UP | {"provider_errors": 5}], "error"),
        ([SESSIONS | {"samples": [[15 * number, float("nan")] for number in range(5)]}], "fail"),
        ([SESSIONS | {"samples": [(15 * number, None) for number in range(5)]}], "fail"),
    ],
)
def test_overall(measured: list[dict[str, Any]], verdict: str) -> None:
    assert watch_verdict(measured, 3)["verdict"] == verdict


@pytest.mark.parametrize(
    ("measured", "problem"),
    [
        (SESSIONS, "needs a list of signals"),
        (["x"], "needs a list of signals"),
        ([UP], "the number of replicas is not known here"),
        ([SESSIONS | {"kind": "x"}], "kind is 'x'"),
        ([SESSIONS | {"samples": "x"}], "must be lists of"),
        ([SESSIONS | {"samples": [[1]]}], "must be lists of"),
        ([SESSIONS | {"samples": [["t", 1]]}], "must be lists of"),
        ([SESSIONS | {"samples": [[1, "x"]]}], "must be lists of"),
        ([SESSIONS | {"reference": None}], "must be lists of"),
        ([SESSIONS | {"provider_errors": "many"}], "provider_errors must be a whole number"),
    ],
)
def test_refuses(measured: Any, problem: str) -> None:
    with pytest.raises(AnsibleFilterError, match=problem):
        watch_verdict(measured)
