# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two grounds that the same objects stand on: a cluster that the sandbox builds, or one that the user has."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from tests.sandbox import build, cluster, containers, dns, images, machine, network, packages, paths, processes, registry
from tests.sandbox.commands import SandboxError, run, say
from tests.sandbox.files import write
from tests.sandbox.kubectl import apply_manifest, get, kubectl
from tests.sandbox.settings import SETTINGS

_UIDS = 999  # who writes snapshots and database files


class Ground(Protocol):
    registry: str
    host_address: str  # under which pods reach programs of this machine

    def start(self) -> None: ...
    def attach(self) -> None: ...  # to one that is up: nothing is started
    def names(self) -> list[str]: ...  # of the processes that it runs
    def forget(self, image: str) -> None: ...  # a tag that was pushed again
    def empty_snapshots(self) -> None: ...
    def stop(self) -> None: ...
    def leftovers(self) -> list[str]: ...


class BuiltGround:
    """Kubernetes, containerd, registry and DNS of the sandbox's own."""

    registry = containers.REGISTRY
    host_address = SETTINGS.node_address

    def __init__(self) -> None:
        self._removed = False

    def start(self) -> None:
        packages.install(packages.CLUSTER)
        machine.take_over()
        machine.check()
        build.KUBERNETES.build()
        build.KUBECTL.build()
        build.CRANE.build()
        build.PAUSE.build()
        machine.prepare()
        self._volumes()
        registry.start()
        dns.start()
        containers.start()
        cluster.start()
        dns.start_following()
        images.push_pause(self.registry)
        apply_manifest("namespaces.yaml")
        apply_manifest("volumes.yaml", {"volumes": paths.VOLUMES, "node": SETTINGS.node})

    def attach(self) -> None:
        """Nothing to find out: all addresses are the sandbox's own."""

    def names(self) -> list[str]:
        return [*cluster.COMPONENTS, "containerd", "registry", dns.NAME, dns.FOLLOWER]

    def forget(self, image: str) -> None:
        """Nodes keep what they have pulled under a tag; after a new push it would be the old image."""
        run(["ctr", "--address", containers.SOCKET, "--namespace", "k8s.io", "images", "remove", image])

    def _volumes(self) -> None:
        for name in ("pg", "snapshots", "snapshots-small"):
            (paths.VOLUMES / name).mkdir(parents=True, exist_ok=True)
        small = paths.VOLUMES / "snapshots-small"
        if not machine.is_mount_point(small):
            # More than a fifth of the database without its audit events, less than with them: what a snapshot is forecast to need.
            run(["mount", "-t", "tmpfs", "-o", "size=3m", "ampora-sandbox", small])
        for name in ("pg", "snapshots", "snapshots-small"):
            os.chown(paths.VOLUMES / name, _UIDS, _UIDS)
            (paths.VOLUMES / name).chmod(0o2770)

    def empty_snapshots(self) -> None:
        for name in ("snapshots", "snapshots-small"):
            for path in (paths.VOLUMES / name).iterdir():
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()

    def stop(self) -> None:
        # The kubelet first, or it would start again what is being ended; containerd last, for it watches the shims.
        order = ["kubelet", "kube-proxy", "kube-controller-manager", "kube-scheduler", "containerd"]
        processes.stop(order)
        processes.stop(["kube-apiserver", "registry", dns.NAME, dns.FOLLOWER], grace=3)
        processes.stop(["etcd"])
        containers.remove()
        network.remove_links()
        if machine.Record.read():  # or the rules and control groups are those of somebody else's Kubernetes
            network.remove_rules()
            network.remove_cgroups()
            machine.restore()
            self._removed = True

    def leftovers(self) -> list[str]:
        found = [f"process {pid} (container shim)" for pid in containers.shims()]
        found += [f"mount {path}" for path in containers.mounts_below(paths.STATE)]
        found += [f"network namespace {path}" for path in containers.network_namespaces()]
        found += [f"link {name}" for name in network.links()]
        if self._removed:
            found += [f"rule {rule}" for rule in network.rules()]
            found += [f"control group {path}" for path in network.cgroups()]
        if SETTINGS.node_address in run(["ip", "-o", "address", "show"]):
            found.append(f"address {SETTINGS.node_address}")
        return found


class GivenGround:
    """The user's cluster and registry: nothing is built or started for them, and both stay when the sandbox goes."""

    def __init__(self, kubeconfig: Path, registry: str) -> None:
        self.registry = registry
        self._kubeconfig = kubeconfig
        self.host_address = ""

    def start(self) -> None:
        program = shutil.which("kubectl")
        if not program:
            raise SandboxError("KUBECONFIG names your cluster, but there is no `kubectl` in PATH")
        build.link("kubectl", Path(program))
        write(paths.KUBECONFIG, self._kubeconfig.read_bytes())
        self.attach()
        say(f"using the cluster of {self._kubeconfig} and the registry {self.registry}")
        apply_manifest("namespaces.yaml")

    def _server(self) -> str:
        return kubectl("config", "view", "--minify", "--output=jsonpath={.clusters[0].cluster.server}")

    def attach(self) -> None:
        self.host_address = _address_towards(self._server())

    def names(self) -> list[str]:
        return []

    def forget(self, image: str) -> None:
        """The nodes are the user's: what they keep is not ours to remove."""

    def empty_snapshots(self) -> None:
        """A claim cannot be emptied from outside: it is made again, and the storage class gives a fresh volume."""
        kubectl("--namespace", SETTINGS.namespace, "delete", "pvc", "--all", "--timeout=60s")

    def stop(self) -> None:
        if not paths.KUBECONFIG.exists():
            return
        kubectl("delete", "namespace", SETTINGS.namespace, SETTINGS.database_namespace, "--ignore-not-found", timeout=300)

    def leftovers(self) -> list[str]:
        if not paths.KUBECONFIG.exists():
            return []
        names = {item["metadata"]["name"] for item in get("namespaces")["items"]}
        return [f"namespace {name}" for name in sorted(names & {SETTINGS.namespace, SETTINGS.database_namespace})]


def _address_towards(server: str) -> str:
    """The address of this machine that the cluster sees; AMPORA_SANDBOX_HOST_ADDRESS when that guess is wrong."""
    if given := os.environ.get("AMPORA_SANDBOX_HOST_ADDRESS"):
        return given
    parts = urlsplit(server)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 443), timeout=5) as connection:
            return str(connection.getsockname()[0])
    except OSError as error:
        raise SandboxError(f"your cluster's API server at {server} does not answer: {error}") from error


def choose() -> Ground:
    kubeconfig, given = os.environ.get("KUBECONFIG", ""), os.environ.get("AMPORA_SANDBOX_REGISTRY", "")
    # Both are also set by `.sandbox/env`; then they name the sandbox's own.
    if not kubeconfig or not given or Path(kubeconfig).resolve() == paths.KUBECONFIG:
        return BuiltGround()
    return GivenGround(Path(kubeconfig), given)
