# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show the databases that runs have kept, and drop the one of the run that is named."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import RELEASE
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import safe_points
from ansible_collections.ampora.upgrades.plugins.plugin_utils.server import Server
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.kept import find_kept, needed_by
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.kept_content import describe, snapshots_that_stay


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.release."""

    spec = RELEASE

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        cluster = self.cluster(args)
        record = self.record(cluster)
        database = self.database(cluster, args)
        server = Server(database)
        journals = record.journals()
        kept = find_kept(server, database.parameters.database)
        chosen = [one for one in kept if one.run == args["run"]]
        shown = []
        for one in chosen if args["run"] else kept:
            shown.append(describe(cluster, server, database, one, journals))
            self.say(shown[-1]["text"])
        staying = snapshots_that_stay(cluster)
        result: dict[str, Any] = {"changed": False, "databases": shown, "dropped": [], "snapshots": staying}
        if not args["run"]:
            self.say("nothing is dropped: name a run with -e ampora_run_id=RUN" if kept else "no run has kept a database")
            return result
        if not chosen:
            self.say(f"the run {args['run']} has kept no database (any more)")
            return result
        for one in chosen:
            if needing := needed_by(one, journals):
                raise UpgradeError(
                    f"{one.name} is needed by the run {needing}, which has not ended.",
                    next_step="End that run first: its own command goes on with it.",
                )
        if not self.check_mode:
            with safe_points(), record.step("release") as step:
                for one in chosen:
                    database.drop(one.name)
                step.result = {"run": args["run"], "databases": shown, "dropped": [one.name for one in chosen], "snapshots": staying}
        self.say(
            f"{'would drop' if self.check_mode else 'dropped'} {', '.join(one.name for one in chosen)};"
            f" these snapshots stay: {', '.join(staying) or 'none'}"
        )
        return {**result, "changed": True, "dropped": [one.name for one in chosen]}
