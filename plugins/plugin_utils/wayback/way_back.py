# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts for the way back, read from the journal, the database and the snapshot's manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import History, SchemaChange, compare
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest, judge
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.data_loss import Loss, Subjects
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.route import RouteDecision, choose
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import REVISION, running_digest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.image_patch import previous_image
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import find_manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.writes_since import read_loss

UPGRADES = ("upgrade", "downgrade")


@dataclass(frozen=True)
class WayBack:
    """The upgrade to go back from, and how."""

    journal: Journal
    manifest: Manifest | None
    schema: SchemaChange
    decision: RouteDecision
    loss: Loss | None  # what a restore would lose now; None where none is the way back
    current: dict[str, Any]  # what runs now: version (where it is known), image, digest, revision, replicas

    @property
    def previous(self) -> dict[str, Any]:
        return dict(self.journal.plan.get("current") or {})


def read_way_back(cluster: Cluster, record: RunRecord, database: Database, run: str, key: str, subjects: Subjects) -> WayBack:
    """Route and facts for the upgrade `run`, or for the latest one."""
    journal = record.find(run, UPGRADES)
    snapshot = journal.step("snapshot")
    manifest = find_manifest(cluster, str(snapshot.result["id"])) if snapshot is not None and snapshot.state == "ended" else None
    previous = journal.plan.get("current") or {}
    schema = schema_since(journal, database)
    current = read_current(cluster, journal)
    reasons = ["no snapshot of this run is recorded"]
    if manifest is not None:
        reasons = judge(
            manifest,
            deployment=journal.deployment,
            app_version=str(previous.get("version", "")),
            key_fingerprint=key,
            recorded=str(snapshot.result.get("manifest_sha256", "")) if snapshot is not None else "",
        )
    loss = read_loss(database, manifest, subjects) if manifest is not None and schema.state == "migrated" else None
    decision = choose(
        run=journal.run,
        schema=schema,
        previous_digest=str(previous.get("digest", "")),
        snapshot_proven=manifest is not None and manifest.proof != "none",
        snapshot_reasons=reasons,
        writes_since=loss.writes if loss is not None else None,
        back_already=_runs(current, previous) and record.open_journal() is None,
        may_create_databases=schema.state != "migrated" or bool(database.facts()["may_create_databases"]),
    )
    return WayBack(journal, manifest, schema, decision, loss, current)


def schema_since(journal: Journal, database: Database) -> SchemaChange:
    """What was migrated since the run began."""
    return compare((journal.plan.get("database") or {}).get("migrations"), history_for(journal.plan, database))


def history_for(plan: Mapping[str, Any], database: Database) -> History:
    """The migration history now. A plan that went on over a held advisory lock knows it to be another program's."""
    overrides = (plan.get("answers") or {}).get("overrides") or []
    known = any(item.get("rule") == "advisory-lock-held" for item in overrides)
    return database.history(mind_advisory_locks=not known)


def read_current(cluster: Cluster, journal: Journal) -> dict[str, Any]:
    """What runs now, as a plan records it; its version is known when it is one of the run's two."""
    deployment = cluster.deployment()
    image = parse_reference(str(cluster.container(deployment)["image"]))
    known = (journal.plan.get("current") or {}, journal.plan.get("target") or {})
    digest = image.digest or running_digest(cluster.pods(deployment), cluster.container_name)
    return {
        "version": next((str(one["version"]) for one in known if one.get("digest") == digest), ""),
        "image": str(image),
        "digest": digest,
        "revision": str(deployment["metadata"].get("annotations", {}).get(REVISION, "")),
        "replicas": int(deployment["spec"].get("replicas", 1)),
    }


def _runs(current: dict[str, Any], previous: dict[str, Any]) -> bool:
    """Whether the Deployment asks for the previous image, and for pods: by its digest, or as it was while the pods prove that."""
    if not (previous.get("digest") and current["replicas"]):
        return False
    as_it_was = (current["image"], current["digest"]) == (previous["image"], previous["digest"])
    return as_it_was or current["image"] == previous_image(previous)


def require_consent(found: WayBack, consent: str, in_place: str = "") -> Manifest:
    """The manifest to restore, once the route allows it and a person has agreed to what it loses by the snapshot's id."""
    decision, manifest = found.decision, found.manifest
    if decision.route != "restore" or manifest is None:
        raise UpgradeError(f"A restore is not the way back: {decision.reason}", next_step=decision.next_command)
    wanting = [] if decision.lossless or consent == manifest.id else [_loss(found, manifest, consent)]
    if decision.in_place and in_place != manifest.id:
        wanting.append(
            "The role may not create databases, so the restore is in place: the database as it is now is not kept, and nothing swaps it"
            f" back; ampora_accept_in_place is {in_place or 'empty'}."
        )
    if wanting:
        raise UpgradeError(" ".join(wanting), next_step=f"To agree, run this: {decision.next_command}")
    return manifest


def _loss(found: WayBack, manifest: Manifest, consent: str) -> str:
    lost = found.loss.words() if found.loss is not None else "it is not known what"
    return (
        f"A restore of the snapshot {manifest.id} of {manifest.watermark['taken_at']} loses what was written since: {lost};"
        f" and ampora_accept_data_loss is {consent or 'empty'}."
    )
