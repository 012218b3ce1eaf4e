# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a run (lease and journal), or end it."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import JOURNAL
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan import FORMAT, compact
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.journal."""

    spec = JOURNAL

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        if len(args["plan"].get("hops", ())) > 1:
            raise UpgradeError("A run is one hop, and this plan has several.", next_step="Plan each hop by itself: ampora_path is direct.")
        record = self.record(self.cluster(args))
        if self.check_mode:
            return {"changed": True, "run": ""}
        if args["state"] == "opened":
            journal, begun = record.open(args["kind"], compact(args["plan"]) if args["plan"].get("format") == FORMAT else args["plan"])
            self.say(f"run {journal.run} {'begins' if begun else 'goes on'}")
            return {"changed": begun, "run": journal.run}
        if args["state"] == "held":
            record.hold()
            return {"changed": False, "run": ""}
        closed = record.close(args["outcome"])
        return {"changed": closed is not None, "run": closed.run if closed else ""}
