# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots of one deployment: taken and proven by a Job, known by their manifest in the cluster, restored beside.

The manifest is a ConfigMap, so that every step and every later run finds it without the volume; the dump is on the claim.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot import job as jobs_of
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest, check_master_key, key_fingerprint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import MAINTENANCE_DATABASE, ROWS_QUERY, Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import Deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.jobs import Jobs
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run_record import labels, now


def find_manifest(cluster: Cluster, snapshot: str) -> Manifest | None:
    """The manifest of a snapshot, or None when there is none of that id."""
    found = cluster.get("ConfigMap", f"upgrade-snapshot-{snapshot}")
    return Manifest.from_json(found["data"]["manifest.json"]) if found else None


def fingerprint(cluster: Cluster, deployment: Mapping[str, Any], options: Mapping[str, str]) -> str:
    """The master key's fingerprint; empty when the deployment has no key (both inputs empty)."""
    if not (options["env"] or options["value"]):
        return ""
    found = cluster.environment(deployment, options["env"]) if options["env"] else None
    if found is None and not options["value"]:
        raise UpgradeError(f"The container {cluster.container_name} has no variable {options['env']} (ampora_master_key_env).")
    key = check_master_key(found.value if found else options["value"], found.source if found else "ampora_master_key")
    return key_fingerprint(key, f"{cluster.namespace}/{cluster.deployment_name}")


class Snapshots:
    """Takes and restores; `options` are the snapshot inputs (image, claim, jobs, timeout, user)."""

    def __init__(self, cluster: Cluster, database: Database, jobs: Jobs, options: Mapping[str, Any], history_query: str) -> None:
        self._cluster = cluster
        self._database = database
        self._jobs = jobs
        self._options = options
        self._history_query = history_query

    def take(self, run: str, deployed: Deployed, key: str) -> Manifest:
        """Take and prove a dump, and write its manifest; a failed one leaves nothing on the claim."""
        started = now()
        inputs = self._inputs(f"upgrade-snapshot-{run}", run, self._database.parameters.database)
        files = {"take.sql": jobs_of.take_sql(self._history_query, ROWS_QUERY), "prove.sh": jobs_of.PROVE_SH}
        with self._jobs.secret(inputs.secret, inputs.labels, {**files, "password": self._database.parameters.password}):
            try:
                logs = self._jobs.run(jobs_of.take_job(inputs), self._options["timeout"])
            except UpgradeError as error:
                # The cause counts; what a failed clean-up leaves, the next attempt removes before it begins.
                with contextlib.suppress(UpgradeError):
                    self._remove(inputs)
                raise UpgradeError(
                    f"The snapshot on the claim {self._options['claim']} failed: {error.message}",
                    next_step="Nothing was changed. Mend the cause (space on the claim, image, network), then run the same command again.",
                    evidence=error.evidence,
                ) from error
        facts, dumped = jobs_of.parse_facts(logs["take"]), jobs_of.parse_files(logs["prove"])
        manifest = Manifest(
            id=run,
            run=run,
            deployment={"namespace": self._cluster.namespace, "name": self._cluster.deployment_name},
            app={"version": deployed.version, "digest": deployed.digest},
            migrations=tuple(facts["migrations"]),
            rows=facts["rows"],
            watermark={"lsn": facts["lsn"], "taken_at": facts["taken_at"]},
            server_version=facts["server_version"],
            client_version=facts["client_version"],
            files=dumped,
            size=sum(entry["size"] for entry in dumped.values()),
            key_fingerprint=key,
            started_at=started,
            ended_at=now(),
            method="job",
            proof="decoded",
            location={"claim": self._options["claim"], "path": inputs.directory},
        )
        self._write(manifest)
        return manifest

    def restore_beside(self, manifest: Manifest, run: str, database: str) -> None:
        """Restore the snapshot into a new database on the same server, every file checked against the manifest first."""
        inputs = self._inputs(f"upgrade-restore-{run}", run, database, manifest.location["path"], manifest.location["claim"])
        files = {"restore.sh": jobs_of.RESTORE_SH, "SHA256SUMS": jobs_of.sha256_sums(manifest.files)}
        with self._jobs.secret(inputs.secret, inputs.labels, {**files, "password": self._database.parameters.password}):
            self._jobs.run(jobs_of.restore_job(inputs, MAINTENANCE_DATABASE), self._options["timeout"])

    def _remove(self, inputs: jobs_of.JobInputs) -> None:
        self._jobs.run(jobs_of.remove_job(inputs), self._options["timeout"])

    def _inputs(self, name: str, run: str, database: str, path: str = "", claim: str = "") -> jobs_of.JobInputs:
        parameters = self._database.parameters
        major = str(self._database.facts()["server_version"] // 10000)
        return jobs_of.JobInputs(
            name=name,
            labels=labels(self._cluster, "job", run),
            image=self._options["image"].replace("{major}", major),
            claim=claim or self._options["claim"],
            directory=path or run,
            jobs=self._options["jobs"],
            timeout=self._options["timeout"],
            user=self._options["user"],
            secret=name,
            database={
                "PGHOST": parameters.host,
                "PGPORT": str(parameters.port),
                "PGUSER": parameters.username,
                "PGDATABASE": database,
                "PGSSLMODE": parameters.ssl_mode,
                "PGCONNECT_TIMEOUT": "10",
            },
        )

    def _write(self, manifest: Manifest) -> None:
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": f"upgrade-snapshot-{manifest.id}", "labels": labels(self._cluster, "snapshot", manifest.run)},
            "data": {"manifest.json": manifest.to_json()},
        }
        self._cluster.create("ConfigMap", body)
