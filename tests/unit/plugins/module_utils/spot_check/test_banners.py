# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.deprecations import LogFacts, Tally, judge
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.banners import MOST_BANNERS, compare, counted

LINE = (
    b'{"timestamp":"2026-11-25T10:00:00Z","category":"Ampora.OpAmp","level":"Warning",'
    b'"message":"{Key} is deprecated","Key":"OpAmp:LegacyHeartbeat"}'
)


def test_what_the_plan_says_is_what_is_counted() -> None:
    """The evidence as the plan itself writes it."""
    tally = Tally()
    tally.add_all([LINE] * 3)
    findings = [finding.to_dict() for finding in judge(LogFacts(tally, 3600))]
    assert counted(findings) == {"OpAmp:LegacyHeartbeat": 3}


@pytest.mark.parametrize(
    "findings", [[], [{"id": "deprecated-in-use"}], [{"id": "deprecated-in-use", "evidence": [7, "and 3 more warnings"]}], [{"id": 3}]]
)
def test_a_plan_that_says_nothing(findings: list[dict[str, Any]]) -> None:
    assert counted(findings) == {}


@pytest.mark.parametrize(
    ("text", "logged"),
    [
        ("Deprecated: OpAmp:LegacyHeartbeat will be removed in 2.0.0.", 3),
        ("opamp:legacyheartbeat is deprecated", 3),
        ("OpAmp__LegacyHeartbeat is deprecated", 3),
        ("Deprecated: Dispatch:Backplane", None),
    ],
)
def test_a_banner_beside_the_logs(text: str, logged: int | None) -> None:
    found = compare([text], {"OpAmp:LegacyHeartbeat": 3})
    assert found["banners"] == [{"text": text, "logged": logged}]
    assert found["only_in_logs"] == ({} if logged else {"OpAmp:LegacyHeartbeat": 3})


def test_there_is_an_end_of_banners() -> None:
    assert len(compare(["x"] * 1000, {})["banners"]) == MOST_BANNERS
