# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the world for a plan, part by part; a part that cannot be read becomes a finding and the others go on."""

from __future__ import annotations

import contextlib
import importlib.util
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.kustomization import read_image
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import notes as release_notes
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import readiness, version
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan import Facts
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import check_master_key
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import open_database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import Deployed, open_registry, read_deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.notes_source import read_notes
from ansible_collections.ampora.upgrades.plugins.plugin_utils.overlay import Overlay, image_of
from ansible_collections.ampora.upgrades.plugins.plugin_utils.prometheus import Prometheus
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout_wait import read_state
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run_record import RunRecord

if TYPE_CHECKING:
    import semver


class PlanReader:
    """One reading; `findings` fills while `read` goes through the parts."""

    def __init__(self, *, cluster: Cluster, overlay: Overlay, actor: Mapping[str, str], args: Mapping[str, Any]) -> None:
        self._cluster = cluster
        self._overlay = overlay
        self._record = RunRecord(cluster, actor)
        self._args = args
        self._facts = Facts()
        self._target: semver.Version | None = None
        self.findings: list[Finding] = []

    def read(self) -> Facts:
        """Every part in turn; without the deployment itself nothing else can be judged, so that alone stops."""
        with self._part("invalid-version"):
            self._target = version.parse(self._args["target_version"], "ampora_target_version")
        deployed = read_deployed(self._cluster, self._args["registry"], self._args["current_version"])
        self._facts.deployment = {
            "namespace": self._cluster.namespace,
            "name": self._cluster.deployment_name,
            "container": self._cluster.container_name,
        }
        self._facts.current = deployed.to_dict()
        with self._part("run-record"):
            self._read_runs()
        with self._part("registry"):
            self._read_target(deployed)
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
            self._read_rollout(deployed)
        with self._part("permissions"):
            self._read_permissions()
        with self._part("snapshot-claim"):
            self._read_claim()
        self._read_controller()
        return self._facts

    @contextlib.contextmanager
    def _part(self, name: str) -> Iterator[None]:
        try:
            yield
        except UpgradeError as error:
            self.findings.append(Finding(name, "block", str(error), evidence=error.evidence))

    def _read_runs(self) -> None:
        """Somebody else at work, or an unfinished run that this command goes on with."""
        if reason := self._record.foreign_holder():
            self.findings.append(Finding("another-run", "block", f"Another run works on this deployment: {reason}. Wait for it to end."))
        journal = self._record.open_journal()
        if journal is None:
            return
        planned = str(journal.plan.get("target", {}).get("version", ""))
        if journal.kind in {"upgrade", "downgrade"} and self._target is not None and planned == str(self._target):
            self._facts.resumes = journal.run
            self._facts.current = dict(journal.plan["current"])
            return
        self.findings.append(
            Finding(
                "unfinished-run",
                "block",
                f"The {journal.kind} {journal.run} ({planned or 'no target'}) has not ended. Go on with its own target, or"
                " go back with rollback.yml.",
            )
        )

    def _read_target(self, deployed: Deployed) -> None:
        """What the registry has: the versions to choose from, and the digest behind the target's tag."""
        entry = read_image(self._overlay.read(), self._overlay.image_name)
        name = entry.new_name if entry and entry.new_name else deployed.reference.name
        repository = parse_reference(name)
        registry = open_registry(repository, self._args["registry"])
        tags = {parsed: tag for tag in registry.tags(repository.repository) if (parsed := _version_or_none(tag)) is not None}
        self._facts.available = [str(known) for known in sorted(tags)]
        if self._target is None:
            return
        self._judge_jump(sorted(tags))
        tag = tags.get(self._target, str(self._target))
        resolved = registry.resolve(parse_reference(f"{name}:{tag}"))
        self._facts.target = {
            "version": str(self._target),
            "image": f"{name}@{resolved.digest}",
            "digest": resolved.digest,
            "children": list(resolved.children),
        }
        if resolved.version and _version_or_none(resolved.version) != self._target:
            self.findings.append(
                Finding(
                    "label-differs",
                    "block",
                    f"The image with the tag {tag} says in its label that it is {resolved.version}, not {self._target}.",
                )
            )

    def _judge_jump(self, available: list[semver.Version]) -> None:
        if self._target is None:
            return
        current = version.parse(self._facts.current["version"], "ampora_current_version")
        self._facts.change = version.change(current, self._target)
        self._facts.target = {"version": str(self._target)}
        jump = version.judge_jump(current, self._target, available, allow_prerelease=bool(self._target.prerelease))
        if self._args["change"] == "downgrade":
            same_minor = (current.major, current.minor) == (self._target.major, self._target.minor)
            jump = [finding for finding in jump if not (finding.id == "downgrade" and same_minor)]
            if self._facts.change not in {"downgrade", "none"}:
                jump.append(Finding("not-a-downgrade", "block", f"{self._target} is newer than {current}; use upgrade.yml."))
        self.findings += jump

    def _read_notes(self) -> None:
        if self._target is None or self._facts.change in {"none", "downgrade", ""}:
            return
        current = version.parse(self._facts.current["version"], "ampora_current_version")
        available = [version.parse(text, "tag") for text in self._facts.available]
        chosen, missing = release_notes.between(read_notes(self._args["release_notes"]), current, self._target, available)
        self.findings += missing
        for note in chosen:
            found = release_notes.scan(note)
            self.findings += found
            if any(finding.id == "note-too-large" for finding in found):
                continue
            self._facts.notes.append(
                {
                    "version": note.version,
                    "source": note.source,
                    "sections": release_notes.sections(note),
                    "runtime_seconds": release_notes.runtime_seconds(note),
                }
            )

    def _read_database(self, deployed: Deployed) -> None:
        database = open_database(self._cluster, self._args["database"], deployed.deployment)
        facts = database.facts()
        self._facts.database = {name: facts[name] for name in ("server_version", "size", "migrations")}
        minimum = self._args["minimum_server_version"]
        self.findings += readiness.judge_database(
            facts["server_version"], minimum, facts["may_create_databases"], database.advisory_locks()
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
                annotations = secret["metadata"].get("annotations", {})
                self.findings += readiness.judge_placeholder(name, annotations, self._args["placeholder_annotation"])

    def _read_signals(self, deployed: Deployed) -> None:
        prometheus = Prometheus(**self._args["prometheus"])
        now = time.time()
        values = {signal["name"]: prometheus.value(signal["promql"], now) for signal in self._args["signals"]}
        zero = [signal["name"] for signal in self._args["signals"] if signal["absent"] == "zero"]
        self.findings += readiness.judge_signals(values, zero, deployed.replicas)

    def _read_overlay(self, deployed: Deployed) -> None:
        rendered = image_of(self._overlay.render(), self._cluster.deployment_name, self._cluster.container_name)
        repository = parse_reference(rendered).name if "/" in rendered or ":" in rendered else rendered
        entry = read_image(self._overlay.read(), self._overlay.image_name)
        live = "" if self._facts.resumes else str(deployed.reference)
        self.findings += readiness.judge_overlay(entry, self._overlay.image_name, repository, rendered, live or rendered)

    def _read_rollout(self, deployed: Deployed) -> None:
        container = self._cluster.container(deployed.deployment)
        if not self._facts.resumes:
            state, _pods = read_state(self._cluster)
            self.findings += readiness.judge_deployment(deployed.deployment, container, state)

    def _read_permissions(self) -> None:
        denied = [needed for needed in readiness.PERMISSIONS if not self._cluster.allowed(*needed)]
        self.findings += readiness.judge_permissions(denied)

    def _read_claim(self) -> None:
        claim = self._args["snapshot"]["claim"]
        if self._cluster.get("PersistentVolumeClaim", claim) is None:
            text = (
                f"There is no PersistentVolumeClaim {claim} (ampora_snapshot_claim) in {self._cluster.namespace}; make"
                " one that holds the database's dump."
            )
            self.findings.append(Finding("snapshot-claim-missing", "block", text))

    def _read_controller(self) -> None:
        """What must be there where ansible-playbook runs."""
        if self._args["migrate"] == "job" and not Path(self._args["migrate_job"]).is_file():
            text = (
                f"ampora_migrate is job, and ampora_migrate_job is {self._args['migrate_job'] or 'empty'}: name the file"
                " with your migration Job."
            )
            self.findings.append(Finding("migrate-job-missing", "block", text))
        if self._args["spot_check"] == "browser" and importlib.util.find_spec("playwright") is None:
            text = (
                "ampora_spot_check is browser, and the Python package playwright is not installed on the controller;"
                " install it or set ampora_spot_check to none."
            )
            self.findings.append(Finding("browser-missing", "block", text))


def _version_or_none(tag: str) -> semver.Version | None:
    try:
        return version.parse(tag, "tag")
    except UpgradeError:
        return None
