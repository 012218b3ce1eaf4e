# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The method `job`: pg_dump in a Kubernetes Job, with the server's own major version, to a PersistentVolumeClaim."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.database.connection_string import check_in_a_pod, to_environment
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot import job as jobs_of
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.clients import check_client
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.damage import damage, refuse_damaged
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import read_facts
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import Forecast, check_room, progress
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.in_place import leftovers_sql
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import labels
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import StoppedError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Taken, Tools

LOOK_SECONDS = 5.0
ENDING_SECONDS = 60


class JobMethod:
    """See SnapshotMethod; a location has claim and path."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._options = tools.options

    def place(self) -> str:
        return f"the claim {self._options['claim']}"

    def take(self, run: str, forecast: Forecast, left: Sequence[str]) -> Taken:
        check_in_a_pod(self._tools.database.parameters)
        inputs = self._inputs("snapshot", run, {"claim": self._options["claim"], "path": run})
        files = jobs_of.take_files(self._tools.history_query, self._tools.audit_query)
        left = [killed for killed in left if self._ended(killed)]
        try:
            logs = self._run(inputs, files, jobs_of.take_job(inputs, forecast.size, left), _Progress(self._tools.cluster, forecast).words)
            for killed in jobs_of.parse_left(logs["prepare"]):
                self._tools.say(f"removed what the run {killed}, which was stopped, had left on {self.place()}")
            found, dumped = jobs_of.parse_facts(logs["take"]), jobs_of.parse_files(logs["prove"])
            facts = read_facts(found)
            check_client(int(found["client_version"]), facts.server_version, f"the image {inputs.image}")
            if not dumped:
                raise UpgradeError("The dump has no files.")
            proof = jobs_of.parse_decoded(logs["prove"])
        except StoppedError:
            raise  # a pod to clean up would outlast the patience of whoever stops us: what takes the next one removes it
        except UpgradeError as error:
            # The cause counts; what a failed clean-up leaves, the next attempt removes before it begins.
            with contextlib.suppress(UpgradeError):
                self._run(inputs, {}, jobs_of.remove_job(inputs))
            if (free := jobs_of.parse_room(error.evidence)) is not None:
                check_room(forecast, free, self.place())
            raise
        return Taken(
            facts=facts,
            location={"claim": inputs.claim, "path": inputs.directory},
            files=dumped,
            size=sum(entry["size"] for entry in dumped.values()),
            client_version=int(found["client_version"]),
            seconds={"take": facts.seconds, "proof": proof},
        )

    def restore_beside(self, manifest: Manifest, run: str, database: str, create: Callable[[], None]) -> None:
        check_in_a_pod(self._tools.database.parameters)
        create()  # one pod verifies and restores: its start may take longer than both
        inputs = self._inputs("restore", run, manifest.location, database)
        jobs_of.check_restored(self._restore(manifest, inputs, {"restore.sh": jobs_of.RESTORE_SH}))

    def restore_in_place(self, manifest: Manifest, run: str) -> None:
        check_in_a_pod(self._tools.database.parameters)
        inputs = self._inputs("restore", run, manifest.location)
        files = {"restore.sh": jobs_of.RESTORE_IN_PLACE_SH, "leftovers.sql": leftovers_sql(self._tools.database.rows(), manifest.rows)}
        log = self._restore(manifest, inputs, files)
        jobs_of.parse_decoded(log)
        jobs_of.check_restored(log)

    def _ended(self, run: str) -> bool:
        """Whether nothing of a killed run works on any more: one whose pod does not end keeps its directory."""
        try:
            self._tools.jobs.forget(f"upgrade-snapshot-{run}", ENDING_SECONDS)
        except StoppedError:
            raise
        except UpgradeError as error:
            self._tools.say(f"left for now: {error.message}")
            return False
        return True

    def _restore(self, manifest: Manifest, inputs: jobs_of.JobInputs, files: dict[str, str]) -> str:
        """Verify, and restore what is good; the log of both."""
        log = self._run(inputs, files, jobs_of.restore_job(inputs, manifest.files))["restore"]
        refuse_damaged(manifest, damage(manifest.files, jobs_of.parse_files(log)))
        return log

    def remove(self, manifest: Manifest) -> None:
        inputs = self._inputs("remove", manifest.id, manifest.location)
        self._run(inputs, {}, jobs_of.remove_job(inputs))

    def _run(
        self,
        inputs: jobs_of.JobInputs,
        files: dict[str, str],
        job: dict[str, Any],
        progress: Callable[[Sequence[tuple[str, str]]], str] | None = None,
    ) -> dict[str, str]:
        """Run a Job with its Secret, which lives as long as it; the logs by container."""
        database = self._tools.database
        secrets = {"password": database.parameters.password, jobs_of.ROOT_CERTIFICATE: database.authority}
        with self._tools.jobs.secret(inputs.secret, inputs.labels, {**files, **{name: text for name, text in secrets.items() if text}}):
            return self._tools.jobs.run(job, self._options["timeout"], progress)

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
                **to_environment(parameters),
                **({"PGSSLROOTCERT": f"{jobs_of.SECRET_MOUNT}/{jobs_of.ROOT_CERTIFICATE}"} if self._tools.database.authority else {}),
                "PGDATABASE": database or parameters.database,
                "PGCONNECT_TIMEOUT": "10",
            },
        )


class _Progress:
    """Bytes, rate and time left while the Job dumps, from what it wrote last; looked at every few seconds."""

    def __init__(self, cluster: Cluster, forecast: Forecast) -> None:
        self._cluster = cluster
        self._forecast = forecast
        self._began = 0.0
        self._looked = 0.0
        self._words = ""

    def words(self, running: Sequence[tuple[str, str]]) -> str:
        pod = next((pod for pod, container in running if container == "take"), "")
        if not pod:
            return ""
        now = time.monotonic()
        self._began = self._began or now
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            done = jobs_of.parse_progress(self._cluster.log(pod, "take", tail=1).strip())
            self._words = "" if done is None else progress(done, now - self._began, self._forecast)
        return self._words
