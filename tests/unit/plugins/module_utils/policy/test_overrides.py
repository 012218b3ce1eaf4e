# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding, Override, decide
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.overrides import NEVER, check, override

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC).timestamp()
DRIFT = Finding("overlay-drift", "ack", "It drifts.", "1.5.0")
BLOCK = Finding("skipped-minor", "block", "It skips.", "1.6.0")
NOTE = Finding("prerelease", "info", "It is one.", "1.5.0-rc.1")
WHY = Override("skipped-minor", "The vendor said so in case 4711.")


def test_an_override_takes_away_the_rule_and_nothing_else() -> None:
    marked = override([BLOCK, DRIFT, NOTE], [WHY], NOW)
    assert [finding.overridden for finding in marked] == [WHY, None, None]
    assert marked[0].to_dict()["overridden"] == {"rule": "skipped-minor", "reason": WHY.reason, "until": ""}
    assert decide(marked) == "acknowledge"
    assert decide(override([BLOCK], [WHY], NOW)) == "go"


def test_every_finding_of_that_rule_is_overridden() -> None:
    other = Finding("skipped-minor", "block", "Again.", "1.7.0")
    assert [item.overridden for item in override([BLOCK, other], [WHY], NOW)] == [WHY, WHY]


@pytest.mark.parametrize(
    ("until", "counts"),
    [
        ("", True),
        ("2026-11-22", True),  # a date counts to its end
        ("20261122", True),
        ("20261121", False),
        ("2026-W47-7", True),
        ("2026-11-21", False),
        ("2026-11-22T12:00:00+00:00", False),
        ("2026-11-22T12:00:01Z", True),
        ("2026-11-22T13:30:00", True),
        ("2026-11-22T13:30:00+02:00", False),
    ],
)
def test_until(until: str, counts: bool) -> None:
    marked = override([BLOCK], [Override("skipped-minor", "why", until)], NOW)
    assert (marked[0].overridden is not None) is counts
    remarks = [(item.id, item.severity) for item in marked[1:]]
    assert remarks == ([] if counts else [("override-over", "info")])
    assert decide(marked) == ("go" if counts else "blocked")


@pytest.mark.parametrize("findings", [[], [NOTE], [DRIFT]])
def test_an_override_of_nothing_is_said(findings: list[Finding]) -> None:
    rule = Override("prerelease", "why") if findings == [NOTE] else WHY
    marked = override(findings, [rule], NOW)
    assert marked[:-1] == findings
    assert (marked[-1].id, marked[-1].severity) == ("unused-override", "info")
    assert f'"{rule.rule}"' in marked[-1].text


def test_all_that_is_wrong_is_said_at_once() -> None:
    wrong = [Override("a", " "), Override("b", "why", "tomorrow"), Override("database", "why"), WHY]
    with pytest.raises(UpgradeError) as error:
        check(wrong)
    for words in ('entry 1 ("a") has no reason', 'entry 2 ("b") has until "tomorrow", which is no ISO date', 'entry 3 names "database"'):
        assert words in str(error.value)
    assert "entry 4" not in str(error.value)


@pytest.mark.parametrize("rule", sorted(NEVER))
def test_what_cannot_be_overridden(rule: str) -> None:
    with pytest.raises(UpgradeError, match="cannot be overridden"):
        check([Override(rule, "why")])


def test_nothing_wrong() -> None:
    check([WHY, Override("overlay-drift", "why", "2026-12-01")])
