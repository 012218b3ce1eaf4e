# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the world for a plan, part by part; a part that cannot be read is named as such and the others go on."""

from __future__ import annotations

import contextlib
import importlib.util
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.kustomization import read_image
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import facts as read
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import readiness
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import check_master_key
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import open_database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import Deployed, read_deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.notes_source import read_notes
from ansible_collections.ampora.upgrades.plugins.plugin_utils.overlay import Overlay, image_of
from ansible_collections.ampora.upgrades.plugins.plugin_utils.path_reader import PathReader
from ansible_collections.ampora.upgrades.plugins.plugin_utils.prometheus import Prometheus
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout_wait import read_state
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run_record import RunRecord


class PlanReader:
    """One reading of the world."""

    def __init__(self, *, cluster: Cluster, overlay: Overlay, actor: Mapping[str, str], args: Mapping[str, Any]) -> None:
        self._cluster = cluster
        self._overlay = overlay
        self._record = RunRecord(cluster, actor)
        self._args = args
        self._facts = read.Facts(now=time.time(), kind=args["change"], placeholder_annotation=args["placeholder_annotation"])

    def read(self) -> read.Facts:
        """Every part in turn; without the deployment itself nothing else can be judged, so that alone stops."""
        deployed = read_deployed(self._cluster, self._args["registry"], self._args["current_version"])
        self._facts.deployment = {
            "namespace": self._cluster.namespace,
            "name": self._cluster.deployment_name,
            "container": self._cluster.container_name,
        }
        self._facts.current = deployed.to_dict()
        self._read_path(deployed)
        with self._part("release-notes"):
            self._read_notes()
        with self._part("database"):
            self._read_database(deployed)
        with self._part("master-key"):
            self._read_master_key(deployed)
        with self._part("prometheus"):
            self._read_signals(deployed)
        with self._part("overlay"):
            self._read_overlay(deployed)
        with self._part("rollout"):
            self._read_workload(deployed)
        with self._part("permissions"):
            self._facts.denied = [needed for needed in readiness.PERMISSIONS if not self._cluster.allowed(*needed)]
        with self._part("snapshot-claim"):
            self._read_claim()
        self._read_controller()
        return self._facts

    @contextlib.contextmanager
    def _part(self, name: str) -> Iterator[None]:
        try:
            yield
        except UpgradeError as error:
            self._facts.unreadable.append(read.Unreadable(name, str(error), error.evidence))

    def _read_path(self, deployed: Deployed) -> None:
        """Which versions there are, the one asked for, and the hops to it, from where an unfinished run has begun."""
        path = PathReader(self._facts, deployed, self._overlay, self._args)
        with self._part("run-record"):
            self._facts.foreign_holder = self._record.foreign_holder()
            path.journals = self._record.journals()
        with self._part("registry"):
            path.read_available()
        with self._part("invalid-version"):
            path.choose()
        if path.tags:
            with self._part("registry"):
                path.resolve()

    def _read_notes(self) -> None:
        if any(hop.change not in {"none", "downgrade"} for hop in self._facts.hops):
            self._facts.notes = read_notes(self._args["release_notes"])

    def _read_database(self, deployed: Deployed) -> None:
        database = open_database(self._cluster, self._args["database"], deployed.deployment)
        found = database.facts()
        self._facts.database = read.DatabaseFacts(
            server_version=found["server_version"],
            size=found["size"],
            migrations=tuple(found["migrations"]),
            minimum=self._args["minimum_server_version"],
            may_create_databases=found["may_create_databases"],
            locks=tuple(database.advisory_locks()),
        )

    def _read_master_key(self, deployed: Deployed) -> None:
        options = self._args["master_key"]
        if not (options["env"] or options["value"]):
            return
        found = self._cluster.environment(deployed.deployment, options["env"]) if options["env"] else None
        if found is None and not options["value"]:
            raise UpgradeError(
                f"The container {self._cluster.container_name} has no variable {options['env']} (ampora_master_key_env): a"
                " restore could not be read without the key."
            )
        check_master_key(found.value if found else options["value"], found.source if found else "ampora_master_key")
        for entry in self._cluster.container(deployed.deployment).get("envFrom", []):
            name = entry.get("secretRef", {}).get("name", "")
            secret = self._cluster.get("Secret", name) if name else None
            if secret is not None:
                self._facts.placeholders[name] = secret["metadata"].get("annotations", {})

    def _read_signals(self, deployed: Deployed) -> None:
        prometheus = Prometheus(**self._args["prometheus"])
        now = self._facts.now
        values = {signal["name"]: prometheus.value(signal["promql"], now) for signal in self._args["signals"]}
        zero = tuple(signal["name"] for signal in self._args["signals"] if signal["absent"] == "zero")
        self._facts.signals = read.SignalFacts(values, zero, deployed.replicas)

    def _read_overlay(self, deployed: Deployed) -> None:
        rendered = image_of(self._overlay.render(), self._cluster.deployment_name, self._cluster.container_name)
        repository = parse_reference(rendered).name if "/" in rendered or ":" in rendered else rendered
        self._facts.overlay = read.OverlayFacts(
            entry=read_image(self._overlay.read(), self._overlay.image_name),
            image_name=self._overlay.image_name,
            repository=repository,
            rendered=rendered,
            live=rendered if self._facts.resumes else str(deployed.reference),
        )

    def _read_workload(self, deployed: Deployed) -> None:
        if not self._facts.resumes:
            state, _pods = read_state(self._cluster)
            self._facts.workload = read.Workload(deployed.deployment, self._cluster.container(deployed.deployment), state)

    def _read_claim(self) -> None:
        claim = self._args["snapshot"]["claim"]
        if self._cluster.get("PersistentVolumeClaim", claim) is None:
            self._facts.missing["snapshot-claim-missing"] = (
                f"There is no PersistentVolumeClaim {claim} (ampora_snapshot_claim) in {self._cluster.namespace}; make"
                " one that holds the database's dump."
            )

    def _read_controller(self) -> None:
        """What must be there where ansible-playbook runs."""
        job = self._args["migrate_job"]
        if self._args["migrate"] == "job" and not Path(job).is_file():
            self._facts.missing["migrate-job-missing"] = (
                f"ampora_migrate is job, and ampora_migrate_job is {job or 'empty'}: name the file with your migration Job."
            )
        if self._args["spot_check"] == "browser" and importlib.util.find_spec("playwright") is None:
            self._facts.missing["browser-missing"] = (
                "ampora_spot_check is browser, and the Python package playwright is not installed on the controller;"
                " install it or set ampora_spot_check to none."
            )
