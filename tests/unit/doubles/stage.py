# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stage for actions: they run in this process as ansible-playbook runs them, on doubles of everything outside."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar
from ansible_collections.ampora.upgrades.plugins.plugin_utils import action
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout import gitops_owner, migration_watch, rollout_wait
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run import run_record
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot import jobs, scratch, snapshots
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods import job as job_method
from ansible_collections.ampora.upgrades.plugins.plugin_utils.watch import sampling, watching
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback import loss_guard, restoring, swapping, writes_since

from tests.unit.doubles.clock import Clock, Point
from tests.unit.doubles.controller import Controller
from tests.unit.doubles.database import MemoryDatabase, MemoryServer, memory_catalog, memory_export, memory_now
from tests.unit.doubles.kubectl import FakeKubectl, kustomization
from tests.unit.doubles.kubelet import Kubelet
from tests.unit.doubles.registry_server import RegistryServer
from tests.unit.doubles.scene import KEY_OPTIONS, deployment

Result = dict[str, Any]
CLUSTER = {"namespace": "ampora", "deployment": "ampora-web", "container": "ampora-web"}
DATABASE = {"env": "ConnectionStrings__Ampora", "history_query": "SELECT id FROM h"}
SNAPSHOT = {"image": "postgres:{major}", "claim": "ampora-snapshots"}


def build(module: Any, args: dict[str, Any], *, check: bool = False, diff: bool = False) -> UpgradeAction:
    """The plugin, as ansible-core makes it for a task."""
    task = Task()
    task.action = f"ampora.upgrades.{module.__name__.rsplit('.', 1)[-1]}"
    task.args, task.check_mode, task.diff, task.async_val = args, check, diff, 0
    connection, loader = MagicMock(), DataLoader()
    connection._shell.tmpdir = None
    plugin: UpgradeAction = module.ActionModule(task, connection, MagicMock(), loader, Templar(loader=loader), None)
    plugin._load_name = task.action
    return plugin


def load(name: str) -> Any:
    return importlib.import_module(f"ansible_collections.ampora.upgrades.plugins.action.{name}")


class Stage:
    """A deployment that runs 1.4.2 from a registry on loopback, its database, its overlay, and a clock that only waits move."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, registry: RegistryServer) -> None:
        self.folder, self.registry, self.monkeypatch = folder, registry, monkeypatch
        self.digests = {version: registry.image(version)[0] for version in ("1.4.2", "1.5.0")}
        self.name = f"{registry.host}/ampora/ampora-web"
        self.cluster = deployment(f"{self.name}:1.4.2")
        self.controller = Controller(self.cluster)
        self.kubelet = Kubelet(self.cluster)
        self.database = MemoryDatabase(self.cluster.writes)
        self.kubectl = FakeKubectl(folder / "bin")
        self.kubectl.follow_overlay(f"{self.name}:1.4.2")
        self.overlay = kustomization(folder / "overlay", self.name)
        self.clock = Clock()
        self.point = Point(self.clock)
        self.lines: list[str] = []
        self._patch()

    def _patch(self) -> None:
        patch = self.monkeypatch.setattr
        patch(UpgradeAction, "cluster", lambda _self, _args: self.cluster)
        patch(UpgradeAction, "database", lambda _self, _cluster, _args: self.database)
        patch(UpgradeAction, "_early_needs_tmp_path", lambda _self: False)
        patch(action.display, "display", self.lines.append)
        patch(SafePoint, "pause", lambda _self, seconds: self.point.pause(seconds))
        patch(watching, "time", self.clock)
        for module in (gitops_owner, job_method, jobs, migration_watch, restoring, rollout_wait, sampling, swapping):
            patch(module, "time", self.clock)
        for module in (restoring, scratch, load("route"), load("swap_back"), load("release")):
            patch(module, "Server", MemoryServer)
        for module in (restoring, snapshots):
            patch(module, "read_catalog", memory_catalog)
        patch(writes_since, "read_now", memory_now)
        patch(loss_guard, "export_audit", memory_export)
        for module in (run_record, snapshots, writes_since, load("report")):
            patch(module, "now", self.clock.now)

    # --- arguments that many actions share

    @property
    def overlay_options(self) -> dict[str, Any]:
        return {"path": str(self.overlay), "image_name": "ampora-web", "kubectl": str(self.kubectl.path)}

    @property
    def shared(self) -> dict[str, Any]:
        """Every group; an action takes those that its spec names."""
        return {
            "cluster": CLUSTER,
            "database": DATABASE,
            "master_key": KEY_OPTIONS,
            "data": {"audit_table": "audit_events"},
            "export_directory": str(self.folder / "reports"),
            "overlay": self.overlay_options,
            "registry": {"plain_http": True},
            "snapshot": SNAPSHOT,
        }

    def args(self, name: str, **more: Any) -> dict[str, Any]:
        spec = load(name).ActionModule.spec
        return {**{key: value for key, value in self.shared.items() if key in spec}, **more}

    def run(self, name: str, *, check: bool = False, diff: bool = False, **more: Any) -> Result:
        """Run an action; in check mode nothing may have been written."""
        before, file = list(self.cluster.writes), self._overlay_bytes()
        plugin = build(load(name), self.args(name, **more), check=check, diff=diff)
        result: Result = plugin.run(task_vars={})
        if check:
            assert self.cluster.writes == before
            assert self._overlay_bytes() == file
            assert not any("apply" in call["argv"] and "--dry-run=server" not in call["argv"] for call in self.kubectl.calls())
        return result

    def _overlay_bytes(self) -> bytes:
        return (self.overlay / "kustomization.yaml").read_bytes()

    def said(self) -> list[str]:
        return list(self.lines)

    def journals(self) -> list[tuple[str, str | None, list[tuple[str, str]]]]:
        """(kind, outcome, steps) of every run, the newest first."""
        found = run_record.RunRecord(self.cluster, {}).journals()
        return [(one.kind, one.outcome, [(step.name, step.state) for step in one.steps]) for one in found]

    def image(self) -> str:
        return str(self.cluster.container(self.cluster.deployment())["image"])


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    registry = RegistryServer()
    with registry:
        yield Stage(tmp_path, monkeypatch, registry)
