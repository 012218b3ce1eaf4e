# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The method `job`: pg_dump in a Kubernetes Job, with the server's own major version, to a PersistentVolumeClaim."""

from __future__ import annotations

import contextlib
import time

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot import job as jobs_of
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import facts_query, read_facts
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.in_place import leftovers_sql
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run_record import labels
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot_methods.method import Taken, Tools


class JobMethod:
    """See SnapshotMethod; a location has claim and path."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._options = tools.options

    def place(self) -> str:
        return f"the claim {self._options['claim']}"

    def take(self, run: str) -> Taken:
        inputs = self._inputs("snapshot", run, self._here(run))
        files = {"take.sql": jobs_of.take_sql(facts_query(self._tools.history_query)), "prove.sh": jobs_of.PROVE_SH}
        started = time.monotonic()
        try:
            logs = self._run(inputs, files, jobs_of.take_job(inputs))
        except UpgradeError:
            # The cause counts; what a failed clean-up leaves, the next attempt removes before it begins.
            with contextlib.suppress(UpgradeError):
                self._run(inputs, {}, jobs_of.remove_job(inputs))
            raise
        found, dumped = jobs_of.parse_facts(logs["take"]), jobs_of.parse_files(logs["prove"])
        return Taken(
            facts=read_facts(found),
            location={"claim": inputs.claim, "path": inputs.directory},
            files=dumped,
            size=sum(entry["size"] for entry in dumped.values()),
            client_version=int(found["client_version"]),
            seconds={"take": round(time.monotonic() - started, 1)},
        )

    def verify(self, manifest: Manifest) -> None:
        inputs = self._inputs("verify", manifest.id, manifest.location)
        self._run(inputs, {"verify.sh": jobs_of.VERIFY_SH, **_sums(manifest)}, jobs_of.verify_job(inputs))

    def restore_beside(self, manifest: Manifest, run: str, database: str) -> None:
        inputs = self._inputs("restore", run, manifest.location, database)
        self._run(inputs, {"restore.sh": jobs_of.RESTORE_SH}, jobs_of.restore_job(inputs))

    def restore_in_place(self, manifest: Manifest, run: str) -> None:
        inputs = self._inputs("restore", run, manifest.location)
        files = {"restore.sh": jobs_of.RESTORE_IN_PLACE_SH, "leftovers.sql": leftovers_sql(self._tools.database.rows(), manifest.rows)}
        self._run(inputs, files, jobs_of.restore_job(inputs))

    def remove(self, manifest: Manifest) -> None:
        inputs = self._inputs("remove", manifest.id, manifest.location)
        self._run(inputs, {}, jobs_of.remove_job(inputs))

    def _here(self, run: str) -> dict[str, str]:
        return {"claim": self._options["claim"], "path": run}

    def _run(self, inputs: jobs_of.JobInputs, files: dict[str, str], job: dict[str, object]) -> dict[str, str]:
        """Run a Job with its Secret, which lives as long as it; the logs by container."""
        password = self._tools.database.parameters.password
        with self._tools.jobs.secret(inputs.secret, inputs.labels, {**files, "password": password}):
            return self._tools.jobs.run(job, self._options["timeout"])

    def _inputs(self, verb: str, run: str, location: dict[str, str], database: str = "") -> jobs_of.JobInputs:
        parameters = self._tools.database.parameters
        major = str(self._tools.database.facts()["server_version"] // 10000)
        name = f"upgrade-{verb}-{run}"
        return jobs_of.JobInputs(
            name=name,
            labels=labels(self._tools.cluster, "job", run),
            image=self._options["image"].replace("{major}", major),
            claim=location["claim"],
            directory=location["path"],
            jobs=self._options["jobs"],
            timeout=self._options["timeout"],
            user=self._options["user"],
            secret=name,
            database={
                "PGHOST": parameters.host,
                "PGPORT": str(parameters.port),
                "PGUSER": parameters.username,
                "PGDATABASE": database or parameters.database,
                "PGSSLMODE": parameters.ssl_mode,
                "PGCONNECT_TIMEOUT": "10",
            },
        )


def _sums(manifest: Manifest) -> dict[str, str]:
    return {"SHA256SUMS": jobs_of.sha256_sums(manifest.files)}
