# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a run (lease and journal), or end it."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import JOURNAL
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.proof import require
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan import FORMAT, compact
from ansible_collections.ampora.upgrades.plugins.module_utils.run.notice import Event
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.digest_proof import prove_run
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord

ENDS: dict[str, Event] = {"upgraded": "end", "rolled back": "rollback", "swapped back": "rollback"}


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.journal."""

    spec = JOURNAL

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        if len(args["plan"].get("hops", ())) > 1:
            raise UpgradeError("A run is one hop, and this plan has several.", next_step="Plan each hop by itself: ampora_path is direct.")
        cluster = self.cluster(args)
        record = self.record(cluster)
        if self.check_mode:
            return {"changed": True, "run": ""}
        if args["state"] == "opened":
            journal, begun = record.open(args["kind"], compact(args["plan"]) if args["plan"].get("format") == FORMAT else args["plan"])
            self.say(f"run {journal.run} {'begins' if begun else 'goes on'}")
            self.tell(args, "start", journal)
            return {"changed": begun, "run": journal.run}
        if args["state"] == "held":
            record.hold(args["next_command"])
            self.tell(args, "hold", record.open_journal())
            return {"changed": False, "run": ""}
        if args["outcome"] == "upgraded":
            self._accept(cluster, record)
        closed = record.close(args["outcome"])
        self.tell(args, ENDS.get(args["outcome"], "hold"), closed)
        return {"changed": closed is not None, "run": closed.run if closed else ""}

    def _accept(self, cluster: Cluster, record: RunRecord) -> None:
        """The last step: what the pods, the Deployment, the footer and the notes say must be one version."""
        journal = record.open_journal()
        if journal is None or not (journal.plan.get("target") or {}).get("digest"):
            return
        with record.step("accept") as step:
            proof = prove_run(cluster, journal)
            step.result = {"proof": proof.to_dict()}
            require(proof)
        self.say(f"proven: {len(proof.pods)} pods run {proof.digest}; the footer is {proof.footer}, the notes {proof.notes}")
