# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose the way back from facts; change nothing."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import ROUTE
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.automatic import may_return
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.kept import read_swap_back
from ansible_collections.ampora.upgrades.plugins.plugin_utils.server import Server
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshots import fingerprint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.swapping import swap_back_command
from ansible_collections.ampora.upgrades.plugins.plugin_utils.way_back import read_current, read_way_back, require_consent

NOTHING = "this command has opened no run, so there is nothing to go back from"


def _is_open(journal: Journal | None) -> bool:
    return journal is not None and journal.ended_at is None


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.route."""

    spec = ROUTE

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        cluster = self.cluster(args)
        if args["automatic"] and not _is_open(self.record(cluster).mine()):
            # The latest run of the deployment is an older one, or somebody else's: nobody asked to go back from it.
            self.say(f"holding: {NOTHING}")
            return {"changed": False, "go": False, "run": "", "route": "none", "reason": NOTHING}
        if args["swap_back"]:
            return self._swap_back(cluster, args)
        key = fingerprint(cluster, cluster.deployment(), args["master_key"])
        found = read_way_back(cluster, self.record(cluster), self.database(cluster, args), args["run"], key)
        decision = found.decision
        result: dict[str, Any] = {
            "changed": False,
            "go": True,
            "run": found.journal.run,
            "route": decision.route,
            "reason": decision.reason,
            "lossless": decision.lossless,
            "lost_rows": found.lost_rows or {},
            "next_command": decision.next_command,
            "in_place": decision.in_place,
            "previous": found.previous,
            "current": found.current,
        }
        self.say(f"{decision.route}: {decision.reason}")
        if args["automatic"]:
            go, why = may_return(found.journal, decision)
            self.say(f"{'going back by itself' if go else 'holding'}: {why}")
            return {**result, "go": go, "reason": why}
        if decision.done:
            return {**result, "go": False}
        if decision.route in {"none", "ask"}:
            return {**result, "go": False, "failed": True, "msg": f"There is no safe way back by this tool: {decision.reason}"}
        if decision.route == "restore" and not self.check_mode:
            require_consent(found, args["accept_data_loss"], args["accept_in_place"])
        return result

    def _swap_back(self, cluster: Cluster, args: dict[str, Any]) -> dict[str, Any]:
        """A person has named the run whose swap is to be undone: that is the route, and the consent to it."""
        database = self.database(cluster, args)
        found = read_swap_back(self.record(cluster), Server(database), database.parameters.database, args["swap_back"])
        reason = (
            f"The database that the run {found.journal.run} replaced takes its place again; what was written since the swap is kept"
            " in the one that goes."
        )
        self.say(f"swap_back: {reason}")
        return {
            "changed": False,
            "go": True,
            "run": found.journal.run,
            "route": "swap_back",
            "reason": reason,
            "lossless": None,
            "lost_rows": {},
            "next_command": swap_back_command(found.journal.run),
            "in_place": False,
            "previous": found.recorded,
            "current": read_current(cluster, found.journal),
        }
