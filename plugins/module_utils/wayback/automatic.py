# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""May a failed upgrade go back by itself: only on a clear fail, only where nothing is lost, and only while it serves on.

A restore stops every pod, also the old ones that may serve well: that is a person's to decide, even where it would lose nothing.
"""

from __future__ import annotations

from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.route import RouteDecision

# These change the deployment or the overlay; before them nothing was changed.
CHANGING = ("pin_by_digest", "migrate", "apply")


def may_return(journal: Journal, decision: RouteDecision) -> tuple[bool, str]:
    """Whether to go back now, and why (not)."""
    if decision.route == "restore" and decision.lossless:
        return False, f"going back would lose nothing and would stop every pod ({decision.reason}), so a person decides"
    if decision.route != "undo" or not decision.lossless:
        return False, f"going back would not be lossless ({decision.reason}), so a person decides"
    watched = journal.step("watch")
    verdict = str(watched.result.get("verdict", "")) if watched is not None and watched.state == "ended" else ""
    if verdict not in {"", "pass", "fail"}:
        return False, f"the verdict is {verdict}, which proves nothing, so a person decides"
    if verdict == "fail":
        return True, "the verdict is fail"
    if watched is not None and watched.state == "failed":
        return False, "the watch did not come to an end, so a person decides"
    changing = [step for step in journal.steps if step.name in CHANGING]
    if not changing:
        return False, "nothing was changed yet"
    return True, f"the run failed {'in' if changing[-1].state == 'failed' else 'after'} {changing[-1].name}"
