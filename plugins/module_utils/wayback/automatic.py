# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""May a failed upgrade go back by itself: only on a clear fail, and only where nothing is lost."""

from __future__ import annotations

from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.route import RouteDecision

# A failure of one of these may have changed the deployment or the overlay; before them nothing was.
CHANGING = ("pin_by_digest", "migrate", "apply", "spot_check")


def may_return(journal: Journal, decision: RouteDecision) -> tuple[bool, str]:
    """Whether to go back now, and why (not)."""
    if decision.route != "undo" or not decision.lossless:
        return False, f"going back would not be lossless ({decision.reason}), so a person decides"
    watched = journal.step("watch")
    verdict = str(watched.result.get("verdict", "")) if watched is not None and watched.state == "ended" else ""
    if verdict not in {"", "pass"}:
        return verdict == "fail", f"the verdict is {verdict}" + ("" if verdict == "fail" else ", which proves nothing, so a person decides")
    failed = next((step for step in reversed(journal.steps) if step.state == "failed"), None)
    if failed is not None and failed.name in CHANGING:
        return True, f"the step {failed.name} failed"
    if failed is not None and failed.name == "watch":
        return False, "the watch did not come to an end, so a person decides"
    return False, "nothing was changed yet"
