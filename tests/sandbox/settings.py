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
class ExtendedPorts:
    """Of the parts that are only started on demand."""

    s3: int = 29100
    keycloak: int = 29101
    git: int = 29102
    collector: int = 29103
    argocd_redis: int = 29104
    argocd_repo_server: int = 29105
    argocd_repo_server_metrics: int = 29106
    argocd_controller_metrics: int = 29107


@dataclass(frozen=True)
class ExtendedVersions:
    versitygw: str = "v1.8.0"
    cosign: str = "v2.6.5"
    keycloak: str = "26.0.8"
    collector: str = "0.149.0"
    snapshotter: str = "8.6.0"
    argocd: str = "3.2.11"


@dataclass(frozen=True)
class SecondNode:
    """A node in a network namespace: its name is also the namespace's and the control group's."""

    name: str = "sandbox-second"
    address: str = "10.244.254.2"
    gateway: str = "10.244.254.1"  # this machine's end of the link
    pod_cidr: str = "10.244.1.0/24"
    link: str = "ampora-second"
    network: str = "ampora-second"
    taint: str = "sandbox.ampora.io/second"


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
    extended_ports: ExtendedPorts = field(default_factory=ExtendedPorts)
    extended_versions: ExtendedVersions = field(default_factory=ExtendedVersions)
    second_node: SecondNode = field(default_factory=SecondNode)
    unsigned_version: str = "1.5.1"  # of the images, the one that cosign has not signed


SETTINGS = Settings()
