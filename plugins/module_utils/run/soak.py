# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From when on a new version soaks: a run that was stopped meanwhile goes on with the time that is left."""

from __future__ import annotations

from datetime import datetime

from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal, StepRecord

STEP = "soak"
# What ends an attempt without a word about the deployment.
STOPPED = BY_SIGNAL, ORPHANED = ("Stopped by ", "ansible-playbook is gone.")


def begun_at(journal: Journal) -> datetime:
    """When the attempts at it began that nothing but a stop has parted; the journal has one that has begun."""
    since: datetime | None = None
    for record in journal.steps:
        if _is_another_version(record) or (record.name == STEP and record.state == "failed" and not record.message.startswith(STOPPED)):
            since = None
        elif record.name == STEP:
            since = since or record.began_at
    if since is None:
        raise ValueError("the step soak has not begun")
    return since


def _is_another_version(record: StepRecord) -> bool:
    """Whether an apply changed something: a run that goes on applies again, and mostly finds all as it left it."""
    lines = record.result.get("objects") or ()
    return record.name == "apply" and any(not str(line).endswith(" unchanged") for line in lines)
