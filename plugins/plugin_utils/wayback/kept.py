# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The databases that runs have kept, and the run whose swap is to be swapped back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback import names
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord
from ansible_collections.ampora.upgrades.plugins.plugin_utils.server import Server


@dataclass(frozen=True)
class Kept:
    """A database of a run: one that it replaced, or (not `replaced`) one that it was restoring when it broke off."""

    name: str
    run: str
    size: int
    shut: bool
    replaced: bool


@dataclass(frozen=True)
class SwapBack:
    """The run whose swap is undone, what ran before it, and whether this was done already by a run that broke off after it."""

    journal: Journal
    database: str
    done: bool

    @property
    def recorded(self) -> dict[str, Any]:
        return dict(self.journal.plan["current"])


def find_kept(server: Server, live: str) -> list[Kept]:
    """Every database that a run of this live one has made, the oldest first; never the live one, never a stranger's."""
    found = []
    for name, (size, admits) in server.beginning(names.prefix(live)).items():
        made = names.run_of(name, live)
        if made is not None:
            found.append(Kept(name, made[0], size, not admits, made[1]))
    return sorted(found, key=lambda one: one.run)


def needed_by(one: Kept, journals: Sequence[Journal]) -> str:
    """The open run that still needs this database: its own, or one that swaps it back; empty when none does."""
    needing = (journal for journal in journals if journal.ended_at is None)
    return next((journal.run for journal in needing if one.run in {journal.run, str(journal.plan.get("of", ""))}), "")


def read_swap_back(record: RunRecord, server: Server, live: str, run: str) -> SwapBack:
    """What `ampora_swap_back` names, or why it cannot be swapped back."""
    journal = record.find(run, ("rollback", "swap_back"))
    current = journal.plan.get("current") or {}
    if not (current.get("image") and current.get("digest")):
        raise UpgradeError(
            f"The run {journal.run} has not recorded what ran before it, so nobody knows what belongs to the database that it kept.",
            next_step="Name a run of rollback.yml.",
        )
    kept = {one.run: one.name for one in find_kept(server, live) if one.replaced}
    if journal.run in kept:
        return SwapBack(journal, kept[journal.run], done=False)
    mine = record.open_journal()
    if mine is not None and mine.kind == "swap_back" and mine.plan.get("of") == journal.run and mine.run in kept:
        return SwapBack(journal, "", done=True)
    raise UpgradeError(
        f"No database is kept of the run {journal.run}; kept are those of {', '.join(kept) or 'no run'}.",
        next_step="Look at that run's report: an undo swaps nothing, and release.yml drops what was kept.",
    )
