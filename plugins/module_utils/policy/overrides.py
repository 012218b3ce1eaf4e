# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Overrides: a rule switched off for one run, by its name and with a reason that lands in the journal and the report.

There is no switch for all rules, and none for a rule that says what the run cannot do without.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding, Override

# No reason makes these untrue: what could not be read, what is missing, and who else is at work.
NEVER = frozenset(
    {
        "another-run",
        "api-token-missing",
        "browser-missing",
        "database",
        "downgrade",
        "invalid-version",
        "label-differs",
        "master-key",
        "master-key-wrong",
        "migrate-job-missing",
        "not-a-downgrade",
        "overlay",
        "overlay-without-image",
        "permissions",
        "registry",
        "rollout",
        "run-record",
        "signature",
        "snapshot-claim-missing",
        "snapshot-tool-missing",
        "unfinished-run",
        "unknown-version",
    }
)
NEXT_STEP = "Correct ampora_overrides: {rule: <the id of a finding>, reason: <why>, until: <ISO date, optional>}."


def check(overrides: Sequence[Override]) -> None:
    """All that is wrong with the input, at once."""
    wrong = []
    for number, override in enumerate(overrides, 1):
        if not override.reason.strip():
            wrong.append(f"entry {number} ({quote(override.rule)}) has no reason")
        if override.until and _end(override.until) is None:
            wrong.append(f"entry {number} ({quote(override.rule)}) has until {quote(override.until)}, which is no ISO date or time")
        if override.rule in NEVER:
            wrong.append(f"entry {number} names {quote(override.rule)}, which cannot be overridden: without it the run cannot be done")
    if wrong:
        raise UpgradeError(f"ampora_overrides is wrong: {'; '.join(wrong)}.", next_step=NEXT_STEP)


def override(findings: Iterable[Finding], overrides: Sequence[Override], now: float) -> list[Finding]:
    """Mark the findings that are overridden; an override that is over, or that overrides nothing, is itself a finding."""
    found = list(findings)
    valid = {item.rule: item for item in overrides if not _over(item, now) and item.rule not in NEVER}  # whoever forgot to check them
    marked = [
        replace(item, overridden=valid[item.id]) if item.id in valid and item.severity != "info" and not item.acknowledged else item
        for item in found
    ]
    return [*marked, *(remark for item in overrides for remark in _remarks(item, found, now))]


def _remarks(item: Override, found: Sequence[Finding], now: float) -> list[Finding]:
    if _over(item, now):
        text = f"ampora_overrides overrides {quote(item.rule)} until {item.until}, which has passed: the rule counts again."
        return [Finding("override-over", "info", text)]
    if not any(finding.id == item.rule and finding.severity != "info" for finding in found):
        text = f"ampora_overrides overrides {quote(item.rule)}, but there is no such finding: remove the entry or correct its name."
        return [Finding("unused-override", "info", text)]
    return []


def _over(item: Override, now: float) -> bool:
    end = _end(item.until)
    return end is not None and end.timestamp() <= now


def _end(until: str) -> datetime | None:
    """The moment at which it ends: a date counts to its end, and what names no zone is in UTC."""
    try:
        end = datetime.fromisoformat(until)
    except ValueError:
        return None
    if len(until) <= len("2026-11-22"):
        end = datetime.combine(end.date(), time.max)
    return end if end.tzinfo else end.replace(tzinfo=UTC)
