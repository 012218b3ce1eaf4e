# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every address, port, version and size of the sandbox, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field, fields


@dataclass(frozen=True)
class Ports:
    """All on loopback or on the node's address; nothing listens on an outside interface."""

    etcd: int = 23790
    etcd_peer: int = 23800
    apiserver: int = 26443
    controller_manager: int = 30257
    scheduler: int = 30259
    kubelet: int = 20250
    kubelet_health: int = 20248
    proxy_health: int = 20256
    proxy_metrics: int = 20249
    registry: int = 25000
    prometheus: int = 29090
    discovery: int = 29091
    identity: int = 29092
    agents: int = 29093

    def all(self) -> dict[str, int]:
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class Versions:
    kubernetes: str = "1.34.4"
    crane: str = "v0.22.1"
    kustomize: str = "v5.8.1"
    postgres: str = "17"
    ampora: tuple[str, ...] = ("1.4.2", "1.4.3", "1.5.0", "1.5.1", "1.6.0", "2.0.0")


@dataclass(frozen=True)
class Seed:
    """How much data the clean 1.4.2 holds."""

    tenants: int = 3
    agents: int = 200
    configuration_versions: int = 1000
    audit_events: int = 50_000


@dataclass(frozen=True)
class Settings:
    node: str = "sandbox"
    # On the loopback interface: reachable from this machine and from the pods, and from nowhere else.
    node_address: str = "10.244.255.1"
    pod_cidr: str = "10.244.0.0/24"
    service_cidr: str = "10.245.0.0/16"
    kubernetes_service: str = "10.245.0.1"
    domain: str = "cluster.local"
    bridge: str = "ampora0"
    network: str = "ampora-sandbox"
    namespace: str = "ampora"
    database_namespace: str = "ampora-db"
    start_version: str = "1.4.2"
    agent_version: str = "1.4.0"
    ports: Ports = field(default_factory=Ports)
    versions: Versions = field(default_factory=Versions)
    seed: Seed = field(default_factory=Seed)


SETTINGS = Settings()
