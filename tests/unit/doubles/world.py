# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole small world before an upgrade from 1.4.2 to 1.5.0, each part of which a test can break."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import PLAN
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.evaluate import judge
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import Overlay
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.plan_reader import read_facts
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.reading import other_parts

from tests.unit.doubles.database import MemoryDatabase
from tests.unit.doubles.kubectl import FakeKubectl, kustomization, rendered
from tests.unit.doubles.prometheus_server import PrometheusServer
from tests.unit.doubles.registry_server import RegistryServer
from tests.unit.doubles.scene import KEY_OPTIONS, deployment

REPOSITORY = "ampora/ampora-web"
SIGNALS = [
    {"name": "sessions", "promql": "sessions", "kind": "recovery", "min": 0.95, "max": 1.25, "absent": "fail"},
    {"name": "no_session", "promql": "no_session", "kind": "growth", "min": None, "max": 1.0, "absent": "zero"},
    {"name": "up", "promql": "up", "kind": "level", "min": "{replicas}", "max": None, "absent": "fail"},
]
BUDGET = {
    "metadata": {"name": "ampora-web"},
    "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app.kubernetes.io/name": "ampora-web"}}},
    "status": {"disruptionsAllowed": 1},
}
NODE = {
    "metadata": {"name": "one", "labels": {}},
    "spec": {},
    "status": {"allocatable": {"cpu": "8", "memory": "32Gi", "pods": "110"}, "conditions": [{"type": "Ready", "status": "True"}]},
}


def arguments(notes: Path, prometheus: str) -> dict[str, Any]:
    """The action's arguments with the defaults of its spec."""
    given: dict[str, Any] = {
        "cluster": {"namespace": "ampora", "deployment": "ampora-web", "container": "ampora-web"},
        "database": {"history_query": "SELECT 1"},
        "master_key": dict(KEY_OPTIONS),
        "registry": {"plain_http": True, "timeout": 5},
        "prometheus": {"url": prometheus, "timeout": 5},
        "overlay": {"path": ".", "image_name": "ampora-web"},
        "snapshot": {"method": "job", "image": "postgres", "claim": "ampora-snapshots"},
        "signals": SIGNALS,
        "target_version": "1.5.0",
        "release_notes": str(notes),
        "api": {},
        "spot_check": "none",
        "minimum_server_version": 160000,
        "placeholder_annotation": "ampora.io/placeholder",
    }
    checked = ArgumentSpecValidator(PLAN).validate(given)
    assert checked.error_messages == []
    return dict(checked.validated_parameters)


class World:
    """Everything as it should be before an upgrade from 1.4.2 to 1.5.0."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: RegistryServer, prometheus: PrometheusServer) -> None:
        self.folder, self.registry, self.prometheus = tmp_path, registry, prometheus
        for version in ("1.4.2", "1.4.3", "1.5.0", "1.6.0"):
            registry.image(version)
        registry.manifest("latest", "")
        self.name = f"{registry.host}/{REPOSITORY}"
        self.cluster = deployment(f"{self.name}:1.4.2")
        self.cluster.add("PodDisruptionBudget", BUDGET)
        self.cluster.add("Node", NODE)
        prometheus.constant(sessions=200.0, no_session=None, up=3.0)
        self.database = MemoryDatabase()
        monkeypatch.setattr(other_parts, "open_database", lambda *_unused: self.database)
        self.kubectl = FakeKubectl(tmp_path / "bin")
        self.kubectl.answer("kustomize", rendered(f"{self.name}:1.4.2"))
        self.overlay = Overlay(kustomization(tmp_path / "overlay", self.name), "ampora-web", str(self.kubectl.path))
        self.notes = tmp_path / "notes"
        self.notes.mkdir()
        for version in ("1.4.3", "1.5.0"):
            self.note(version, f"# {version}\n\n## Fixes\n\n- A fix.\n")
        self.args = arguments(self.notes, prometheus.url)

    def note(self, version: str, text: str) -> None:
        (self.notes / f"{version}.md").write_text(text, encoding="utf-8")

    def pull(self, image: str) -> None:
        self.cluster.objects["Deployment", "ampora-web"]["spec"]["template"]["spec"]["containers"][0]["image"] = image

    def read(self) -> tuple[Facts, list[Finding]]:
        overlay = self.overlay.read()
        try:
            facts = read_facts(self.cluster, self.overlay, {"user": "ada"}, self.args)
            return facts, judge(facts)
        finally:
            assert self.cluster.writes == self.database.events == [], "a plan changes nothing"
            assert {request.method for request in [*self.registry.requests, *self.prometheus.requests]} <= {"GET"}
            assert all("--dry-run=server" in call["argv"] for call in self.kubectl.calls() if "apply" in call["argv"])
            assert set(self.kubectl.words()) <= {"kustomize", "get", "apply"}
            assert self.overlay.read() == overlay

    def found(self) -> list[tuple[str, str]]:
        return [(finding.id, finding.text) for finding in self.read()[1]]

    def ids(self) -> list[str]:
        return [finding.id for finding in self.read()[1]]
