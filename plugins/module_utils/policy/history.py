# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What earlier runs say about a version: one that was rolled back here is on hold until a person clears it."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal

UPGRADES = ("upgrade", "downgrade")
ROLLED_BACK, UPGRADED = "rolled back", "upgraded"


def on_hold(journals: Iterable[Journal]) -> dict[str, str]:
    """Version -> the run that went back from it, where no later run has brought it here for good."""
    held: dict[str, str] = {}
    targets: dict[str, str] = {}
    for journal in sorted(journals, key=lambda journal: (journal.started_at, journal.run)):
        version = str((journal.plan.get("target") or {}).get("version") or "")
        if journal.kind in UPGRADES:
            targets[journal.run] = version
        else:
            version = targets.get(str(journal.plan.get("of") or ""), "")
        if version and journal.outcome == ROLLED_BACK:
            held[version] = journal.run
        elif version and journal.outcome == UPGRADED:
            held.pop(version, None)
    return held


def judge(held: dict[str, str], version: str) -> list[Finding]:
    if version not in held:
        return []
    key = Finding("on-hold", "ack", "", version).ack_key
    text = (
        f"{version} was rolled back here by the run {held[version]} and is on hold: read that run's report, then set"
        f' {key}: "true" in ampora_acks to try it again.'
    )
    return [Finding("on-hold", "ack", text, version)]
