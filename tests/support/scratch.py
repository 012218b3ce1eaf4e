# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployment of nothing in a namespace of its own, and a database of its own on the sandbox's server.

What the ways back do is done to it for real (pods, Jobs, databases) without touching the deployment that others look at.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import DATABASE, SNAPSHOT_INPUTS
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.data_loss import Subjects
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database, open_database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import Deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.server import Server
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Tools
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import Snapshots
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.loss_guard import LossGuard
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.restoring import Restoring

from tests.sandbox import postgres
from tests.support.sandbox import Sandbox

HISTORY = "SELECT id FROM history ORDER BY id"
LABELS = {"app.kubernetes.io/name": "web"}
RUN = "20261122t2140z-ab12cd"
BACK = "20261122t2200z-cd34ef"


def defaults(group: dict[str, Any]) -> dict[str, Any]:
    """A port's options, as an action has them of a person who sets none."""
    return {name: defaults(option) if option.get("apply_defaults") else option.get("default") for name, option in group["options"].items()}


class Scratch:
    """The pieces, by the names that the collection gives them."""

    def __init__(self, sandbox: Sandbox, name: str, folder: Path) -> None:
        self.sandbox, self.name, self.folder = sandbox, name, folder
        self.image = sandbox.snapshot_image
        self.lines: list[str] = []

    # --- the ports, as an action opens them

    @property
    def cluster(self) -> Cluster:
        return Cluster(namespace=self.name, deployment="web", container="web", kubeconfig=self.sandbox.env["KUBECONFIG"])

    @property
    def database(self) -> Database:
        options = {
            **defaults(DATABASE),
            "connection_string": postgres.npgsql(self.name),
            "hostaddr": self.sandbox.vars["ampora_database_hostaddr"],
            "history_query": HISTORY,
        }
        return open_database(self.cluster, options, {})

    @property
    def server(self) -> Server:
        return Server(self.database, self.lines.append)

    @property
    def safe_point(self) -> SafePoint:
        return SafePoint()

    @property
    def tools(self) -> Tools:
        options = {**defaults(SNAPSHOT_INPUTS), "image": self.image, "claim": "snapshots", "timeout": 600}
        return Tools(self.cluster, self.database, options, HISTORY, self.safe_point, self.lines.append)

    @property
    def snapshots(self) -> Snapshots:
        return Snapshots(self.tools)

    @property
    def restoring(self) -> Restoring:
        return Restoring(self.cluster, self.database, self.snapshots, self.safe_point, self.lines.append)

    def guard(self, manifest: Manifest, subjects: Subjects | None = None, *, agreed: bool = True) -> LossGuard:
        """What a restore of this snapshot loses; agreed to, where a test is about something else."""
        return LossGuard(self.database, manifest, subjects or Subjects(), self.folder, agreed=agreed, say=self.lines.append)

    @property
    def deployed(self) -> Deployed:
        digest = "sha256:" + "a" * 64
        return Deployed("1.0.0", parse_reference(self.image), digest, "1", 1, {})

    @property
    def recorded(self) -> dict[str, Any]:
        """What runs: the image as it is written, since this Deployment is not pinned."""
        image = parse_reference(self.cluster.container(self.cluster.deployment())["image"])
        return {"version": "1.0.0", "image": str(image), "digest": image.digest, "revision": "1", "replicas": 1}

    # --- looking, and changing as somebody else would

    def query(self, statement: str, *values: Any, database: str = "") -> list[tuple[Any, ...]]:
        """By the role that owns the database."""
        return self.sandbox.query(statement, *values, database=database or self.name)

    def kubectl(self, *arguments: str) -> str:
        return self.sandbox.kubectl_text(*arguments, f"--namespace={self.name}")

    def build(self) -> None:
        self.remove()
        self.sandbox.kubectl_text("create", "namespace", self.name)
        pod = {
            "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "web", "image": self._by_digest(), "command": ["sleep", "infinity"]}],
        }
        deployment = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web"},
            "spec": {"replicas": 1, "selector": {"matchLabels": LABELS}, "template": {"metadata": {"labels": LABELS}, "spec": pod}},
        }
        self._make_volume()
        room = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "scratch"}
        claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "snapshots"}, "spec": room}
        for kind, body in (("Deployment", deployment), ("PersistentVolumeClaim", claim)):
            self.cluster.create(kind, body)
        self.kubectl("rollout", "status", "deployment/web", "--timeout=60s")

    def _make_volume(self) -> None:
        """A folder of this machine, which is the sandbox's node; the snapshot's pods are not its owner."""
        self.folder.chmod(0o777)
        volume = {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": self.name},
            "spec": {
                "capacity": {"storage": "8Gi"},
                "accessModes": ["ReadWriteOnce"],
                "persistentVolumeReclaimPolicy": "Retain",
                "storageClassName": "scratch",
                "claimRef": {"namespace": self.name, "name": "snapshots"},
                "hostPath": {"path": str(self.folder)},
            },
        }
        file = self.folder.with_suffix(".json")
        file.write_text(json.dumps(volume), encoding="utf-8")
        self.sandbox.kubectl_text("create", f"--filename={file}")
        file.unlink()

    def _by_digest(self) -> str:
        pods = self.sandbox.kubectl("get", "pods", "--namespace=ampora-db")["items"]
        return str(pods[0]["spec"]["containers"][0]["image"])

    def remove(self) -> None:
        with postgres.administrator() as connection:
            for name in postgres.databases():
                if name.startswith(self.name):
                    connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        self.sandbox.kubectl_text("delete", "namespace", self.name, "--ignore-not-found", "--wait=true", "--timeout=50s")
        self.sandbox.kubectl_text("delete", "persistentvolume", self.name, "--ignore-not-found", "--wait=true", "--timeout=50s")


@contextmanager
def scratch(sandbox: Sandbox, name: str) -> Iterator[Scratch]:
    """Built, and gone afterwards; its database is made by the test."""
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as folder:
        found = Scratch(sandbox, name, Path(folder))
        found.build()
        try:
            yield found
        finally:
            found.remove()
