# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which snapshots nobody needs any more, and which runs have left one half made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import RUN_ID, Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest

# What a rollback may still be asked for: a run that has not ended, or has ended without being well or being back.
UNFINISHED = (None, "held", "failed")
UPGRADES = ("upgrade", "downgrade")


def superfluous(manifests: Iterable[Manifest], keep: int, journals: Sequence[Journal], coming: int = 0) -> list[Manifest]:
    """The snapshots beyond the newest `keep` (0 keeps all), the oldest first, once `coming` new ones are there.

    Never the newest one, never one that an unfinished run names, and never that of the latest upgrade, which is the one
    that rollback.yml goes back from.
    """
    if keep < 1:
        return []
    newest_first = sorted(manifests, key=lambda manifest: manifest.started_at, reverse=True)
    needed = {snapshot_of(journal) for journal in journals if journal.outcome in UNFINISHED}
    upgrades = [journal for journal in journals if journal.kind in UPGRADES]
    if upgrades:
        needed.add(snapshot_of(max(upgrades, key=lambda journal: journal.started_at)))
    return [manifest for manifest in reversed(newest_first[max(keep - coming, 0) :]) if manifest.id not in needed]


def half_made(journals: Iterable[Journal], manifests: Iterable[Manifest]) -> list[str]:
    """The runs that have ended, and whose snapshot was begun and never made: what they may have left is worth nothing.

    Only of runs that this deployment's own journals name, so never somebody else's; and one that was once made, whose
    manifest somebody has removed, is somebody's affair.
    """
    made = {manifest.run for manifest in manifests}
    return sorted(
        journal.run
        for journal in journals
        if journal.ended_at is not None and journal.run not in made and RUN_ID.fullmatch(journal.run) and _never_made(journal)
    )


def _never_made(journal: Journal) -> bool:
    states = [step.state for step in journal.steps if step.name == "snapshot"]
    return bool(states) and "ended" not in states


def snapshot_of(journal: Journal) -> str:
    """The id of the snapshot that a run names: its step's, or its own when the step has not ended."""
    step = journal.step("snapshot")
    return str(step.result.get("id", journal.run)) if step is not None else journal.run
