# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose the way back from facts; change nothing."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import ROUTE
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.automatic import may_return
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.data_loss import Subjects
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.forecast import forecast
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.route import RouteDecision
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.key_before import hindrance
from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.master_key import fingerprint, read_key
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import GOING_BACK
from ansible_collections.ampora.upgrades.plugins.plugin_utils.server import Server
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.kept import read_swap_back
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.swapping import swap_back_command
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.way_back import read_current, read_way_back, require_consent

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
            return {"changed": False, "go": False, "run": "", "route": "none", "reason": NOTHING, "next_command": ""}
        self._open_again(cluster, args)
        if args["swap_back"]:
            return self._swap_back(cluster, args)
        key, database = read_key(cluster, cluster.deployment(), args["master_key"]), self.database(cluster, args)
        subjects = Subjects.from_options(args["data"])
        found = read_way_back(cluster, self.record(cluster), database, args["run"], fingerprint(cluster, key), subjects)
        decision = found.decision
        result = _answer(found.journal.run, decision, found.previous, found.current)
        if found.loss is not None:
            result.update(lost_rows=found.loss.rows, loss=found.loss.to_dict())
        self.say(f"{decision.route}: {decision.reason}")
        if decision.route == "restore" and found.manifest is not None:
            expected = forecast(found.manifest.seconds)
            result["forecast_seconds"] = expected.seconds
            self.say(str(expected))
            if found.loss is not None:
                self.say(f"a restore now would lose {found.loss.words()}")
        hindered = None if decision.done else hindrance(database, key, args["master_key"], decision.route)
        if hindered is not None:
            if not (args["automatic"] or self.check_mode):
                raise hindered
            self.say(str(hindered))
            result["reason"] = hindered.message
        if args["automatic"]:
            go, why = (False, hindered.message) if hindered is not None else may_return(found.journal, decision)
            self.say(f"{'going back by itself' if go else 'holding'}: {why}")
            return {**result, "go": go, "reason": why}
        if decision.done:
            return {**result, "go": False}
        if decision.route in {"none", "ask"}:
            return {**result, "go": False, "failed": True, "msg": f"There is no safe way back by this tool: {decision.reason}"}
        if decision.route == "restore" and not self.check_mode:
            require_consent(found, args["accept_data_loss"], args["accept_in_place"])
        return result

    def _open_again(self, cluster: Cluster, args: dict[str, Any]) -> None:
        """A way back that was killed behind the door that it had shut has left the live database to nobody, us too."""
        journal = self.record(cluster).open_journal()
        if journal is None or journal.kind not in GOING_BACK or self.check_mode:
            return
        database = self.database(cluster, args)
        server, live = Server(database), database.parameters.database
        if server.shut(live):
            server.admit(live, True)
            self.say(f"{live} was shut by the run {journal.run}, which broke off before its swap: it is open again")

    def _swap_back(self, cluster: Cluster, args: dict[str, Any]) -> dict[str, Any]:
        """A person has named the run whose swap is to be undone: that is the route, and the consent to it."""
        database = self.database(cluster, args)
        found = read_swap_back(self.record(cluster), Server(database), database.parameters.database, args["swap_back"])
        run = found.journal.run
        reason = f"The database that the run {run} replaced takes its place again; the one that goes is kept, with what was written to it."
        self.say(f"swap_back: {reason}")
        decision = RouteDecision("swap_back", reason, None, swap_back_command(run))
        return _answer(run, decision, found.recorded, read_current(cluster, found.journal))


def _answer(run: str, decision: RouteDecision, previous: dict[str, Any], current: dict[str, Any]) -> dict[str, Any]:
    """The result; its `plan` is what a run of its own records."""
    shown = {name: getattr(decision, name) for name in ("route", "reason", "next_command")}
    return {
        "changed": False,
        "go": True,
        "run": run,
        **shown,
        "lossless": decision.lossless,
        "lost_rows": {},
        "loss": {},
        "forecast_seconds": None,
        "in_place": decision.in_place,
        "previous": previous,
        "current": current,
        "plan": {"of": run, "current": current, "target": previous, **shown},
    }
