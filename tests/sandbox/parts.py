# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sandbox consists of and how each part is: one line a part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.sandbox import agents, ampora, containers, identity, paths, processes
from tests.sandbox.commands import SandboxError
from tests.sandbox.ground import Ground
from tests.sandbox.kubectl import get
from tests.sandbox.processes import recorded
from tests.sandbox.settings import SETTINGS

_PORTS = SETTINGS.ports
_KUBERNETES = f"v{SETTINGS.versions.kubernetes}"
_DETAILS = {
    "etcd": f"127.0.0.1:{_PORTS.etcd}",
    "kube-apiserver": f"{_KUBERNETES}, {SETTINGS.node_address}:{_PORTS.apiserver}",
    "kube-controller-manager": _KUBERNETES,
    "kube-scheduler": _KUBERNETES,
    "kubelet": _KUBERNETES,
    "kube-proxy": _KUBERNETES,
    "registry": containers.REGISTRY,
    "dnsmasq": f"{SETTINGS.node_address}:53",
    "prometheus": f"127.0.0.1:{_PORTS.prometheus}",
    identity.NAME: f"port {_PORTS.identity}",
}


@dataclass(frozen=True)
class Part:
    name: str
    up: bool
    detail: str = ""
    memory: int = 0

    def __str__(self) -> str:
        memory = f"{self.memory / 2**20:.0f} MiB" if self.memory else ""
        return f"{self.name:26}{'up' if self.up else 'DOWN':6}{memory:>10}  {self.detail}".rstrip()


def survey(ground: Ground) -> list[Part]:
    names = [*ground.names(), "prometheus", "discovery", identity.NAME, agents.NAME]
    pods = [_containers()] if ground.names() else []  # of a cluster of the user's only the workloads are our business
    return [*(_process(name) for name in names), *_workloads(), *pods, _fleet()]


def _process(name: str) -> Part:
    pid = recorded(paths.RUN / f"{name}.pid")
    return Part(name, pid is not None, _DETAILS.get(name, ""), processes.rss(pid) if pid else 0)


def _workloads() -> list[Part]:
    wanted = (("deployment", SETTINGS.namespace, ampora.NAME), ("statefulset", SETTINGS.database_namespace, "pg"))
    return [_workload(*words) for words in wanted]


def _containers() -> Part:
    """Their memory is that of everything that runs below containerd's shims."""
    shims = containers.shims()
    inside = [pid for shim in shims for pid in processes.descendants(shim)]
    return Part("pods", bool(shims), f"{len(shims)} with their shims", sum(processes.rss(pid) for pid in (*shims, *inside)))


def _workload(kind: str, namespace: str, name: str) -> Part:
    title = f"{kind} {name}"
    try:
        item: Any = get("--namespace", namespace, kind, name)
    except SandboxError:
        return Part(title, False, "not found")
    ready, wanted = int(item["status"].get("readyReplicas", 0)), int(item["spec"]["replicas"])
    image = item["spec"]["template"]["spec"]["containers"][0]["image"]
    return Part(title, 0 < wanted == ready, f"{ready}/{wanted} ready, {image}")


def _fleet() -> Part:
    connected = agents.connected()
    return Part("sessions", connected >= SETTINGS.seed.agents, f"{connected} of {SETTINGS.seed.agents} agents connected")
