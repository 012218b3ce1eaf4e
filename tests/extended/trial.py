# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A namespace for one test, and the few objects that these tests put into it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.sandbox.commands import wait_for
from tests.sandbox.kubectl import apply, get, kubectl


def is_ready(node: Mapping[str, Any]) -> bool:
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in node["status"]["conditions"])


@dataclass(frozen=True)
class Trial:
    namespace: str

    def apply(self, kind: str, name: str, spec: Mapping[str, Any], api: str = "v1") -> None:
        head = {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": self.namespace}}
        apply(json.dumps({**head, "spec": dict(spec)}))

    def get(self, kind: str, name: str) -> Any:
        return get("--namespace", self.namespace, kind, name)

    def claim(self, name: str, storage_class: str, **more: object) -> None:
        spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": storage_class, "resources": {"requests": {"storage": "16Mi"}}}
        self.apply("PersistentVolumeClaim", name, {**spec, **more})

    def shell(self, name: str, script: str, *, claim: str = "", **more: object) -> str:
        """Run a script in a pod, with a claim at /data; returns what it printed."""
        image = f"{os.environ['AMPORA_SANDBOX_REGISTRY']}/postgres:17"
        container: dict[str, Any] = {"name": "shell", "image": image, "command": ["sh", "-ec", script]}
        spec: dict[str, Any] = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1, "containers": [container], **more}
        if claim:
            container["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
            spec["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]
        self.apply("Pod", name, spec)
        wait_for(f"pod {name}", lambda: self.get("pod", name)["status"]["phase"] in ("Succeeded", "Failed"))
        output = kubectl("--namespace", self.namespace, "logs", name)
        assert self.get("pod", name)["status"]["phase"] == "Succeeded", output
        return output


@contextmanager
def trial(name: str) -> Iterator[Trial]:
    namespace = f"sandbox-trial-{name}"
    apply(json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}))
    wait_for("the service account", lambda: bool(get("--namespace", namespace, "serviceaccounts")["items"]))
    try:
        yield Trial(namespace)
    finally:
        kubectl("delete", "namespace", namespace, "--timeout=100s")
