# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts for the way back, read from the journal, the database and the snapshot's manifest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import SchemaChange, applied
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest, judge
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.route import RouteDecision, choose
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run_record import RunRecord
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshots import find_manifest

UPGRADES = ("upgrade", "downgrade")


@dataclass(frozen=True)
class WayBack:
    """The upgrade to go back from, and how."""

    journal: Journal
    manifest: Manifest | None
    schema: SchemaChange
    decision: RouteDecision
    lost_rows: dict[str, int] | None  # table -> rows that the live database has more than the snapshot

    @property
    def previous(self) -> dict[str, Any]:
        return dict(self.journal.plan.get("current") or {})


def read_way_back(cluster: Cluster, record: RunRecord, database: Database, run: str, key: str) -> WayBack:
    """Route and facts for the upgrade `run`, or for the latest one."""
    journal = record.find(run, UPGRADES)
    snapshot = journal.step("snapshot")
    manifest = find_manifest(cluster, str(snapshot.result["id"])) if snapshot is not None and snapshot.state == "ended" else None
    previous = journal.plan.get("current") or {}
    schema = applied((journal.plan.get("database") or {}).get("migrations"), database.migrations_or_none())
    reasons = ["no snapshot of this run is recorded"]
    if manifest is not None:
        reasons = judge(manifest, deployment=journal.deployment, app_version=str(previous.get("version", "")), key_fingerprint=key)
    lost = _lost(manifest, database) if manifest is not None and schema.state == "migrated" else None
    decision = choose(
        run=journal.run,
        schema=schema,
        previous_digest=str(previous.get("digest", "")),
        snapshot_proven=manifest is not None and manifest.proof != "none",
        snapshot_reasons=reasons,
        # Counting rows cannot see an update, so equal counts are "not known" and never "nothing".
        writes_since=(sum(lost.values()) or None) if lost is not None else None,
    )
    return WayBack(journal, manifest, schema, decision, lost)


def _lost(manifest: Manifest, database: Database) -> dict[str, int]:
    now = database.rows()
    return {table: count - manifest.rows.get(table, 0) for table, count in now.items() if count > manifest.rows.get(table, 0)}


def require_consent(found: WayBack, consent: str) -> Manifest:
    """The manifest to restore, once the route allows it and a person has agreed to the loss by the snapshot's id."""
    decision, manifest = found.decision, found.manifest
    if decision.route != "restore" or manifest is None:
        raise UpgradeError(f"A restore is not the way back: {decision.reason}", next_step=decision.next_command)
    if decision.lossless or consent == manifest.id:
        return manifest
    lost = (
        ", ".join(f"{table} {count}" for table, count in sorted((found.lost_rows or {}).items()))
        or "no table has more rows, updates are not visible"
    )
    raise UpgradeError(
        f"A restore of the snapshot {manifest.id} of {manifest.watermark['taken_at']} loses everything written since (new rows: {lost}),"
        f" and ampora_accept_data_loss is {consent or 'empty'}.",
        next_step=f"To agree, run this again with -e ampora_accept_data_loss={manifest.id}.",
    )
