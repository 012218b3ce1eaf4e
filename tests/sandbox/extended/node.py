# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second node: kubelet, containerd and kube-proxy of their own in a network namespace, behind a link that a test can cut.

It carries a taint, or it would take the pods of tests that know of one node only.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from tests.sandbox import build as builds
from tests.sandbox import containers, machine, paths, processes
from tests.sandbox.certificates import Authority
from tests.sandbox.commands import SandboxError, run, wait_for
from tests.sandbox.extended.tools import process
from tests.sandbox.files import write
from tests.sandbox.kubectl import get
from tests.sandbox.network import CGROUPS
from tests.sandbox.parts import Part
from tests.sandbox.processes import Daemon
from tests.sandbox.settings import SETTINGS

NAME = "node"
PACKAGES: dict[str, str] = {}  # all of it came with the first node
_NODE = SETTINGS.second_node
_FOLDER = paths.EXTENDED / "node"
_NAMESPACE = machine.NAMESPACES / _NODE.name
_FIRST = paths.MACHINE / "kubernetes"  # the first node's settings
_RESULTS = Path("/var/lib/cni/results")
_SOCKET = paths.RUN / "containerd-second.sock"
_STATE = _FOLDER / "containerd" / "state"
DAEMONS = ("kubelet-second", "kube-proxy-second", "containerd-second", "registry-second")


def build() -> None:
    builds.KUBERNETES.build()


def start() -> None:
    _network()
    _control_groups()
    _containerd()
    for daemon in (_relay(), _kubelet(), _proxy()):
        daemon.start()
    wait_for(f"node {_NODE.name}", ready, timeout=60, interval=0.5, log=_kubelet().log)


def ready() -> bool:
    try:
        node = get("node", _NODE.name)
    except SandboxError:
        return False
    return any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"].get("conditions", []))


def _inside(name: str, *argv: str | Path) -> Daemon:
    # Not `ip netns exec`: that mounts /sys anew, and the kubelet would find no control groups.
    return Daemon(name, ["nsenter", f"--net={_NAMESPACE}", *argv])


def _network() -> None:
    """The namespace, the link into it, and the routes both ways."""
    if not _NAMESPACE.exists():
        run(["ip", "netns", "add", _NODE.name])
    inside = ["ip", "-n", _NODE.name]
    if _NODE.link not in run(["ip", "-o", "link", "show"]):
        run(["ip", "link", "add", _NODE.link, "type", "veth", "peer", "name", "eth0", "netns", _NODE.name])
    run(["ip", "address", "replace", f"{_NODE.gateway}/30", "dev", _NODE.link])
    run([*inside, "address", "replace", f"{_NODE.address}/30", "dev", "eth0"])
    for words in (["ip", "link", "set", _NODE.link], [*inside, "link", "set", "eth0"], [*inside, "link", "set", "lo"]):
        run([*words, "up"])
    run([*inside, "route", "replace", "default", "via", _NODE.gateway])
    # A link that goes down takes this route with it: `up` brings it back.
    run(["ip", "route", "replace", _NODE.pod_cidr, "via", _NODE.address])
    run(["nsenter", f"--net={_NAMESPACE}", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"])


def _control_group_roots() -> list[Path]:
    """One of version 2, or one in every hierarchy of version 1 (cpu and cpuacct may be two names of one)."""
    if (CGROUPS / "cgroup.controllers").exists():
        return [CGROUPS / _NODE.name]
    hierarchies = {path.resolve() for path in CGROUPS.iterdir() if (path / "cgroup.procs").exists()}
    return [path / _NODE.name for path in sorted(hierarchies)]


def _control_groups() -> None:
    """Of its own, or each kubelet would take the other's pods for orphans and end them."""
    for root in _control_group_roots():
        root.mkdir(exist_ok=True)
        for name in ("cpuset.cpus", "cpuset.mems"):  # empty at first in version 1, and then nothing can run there
            if (root / name).exists() and (root / name).read_text().strip() == "" and (root.parent / name).exists():
                (root / name).write_text((root.parent / name).read_text())


def _relay() -> Daemon:
    """The registry listens on this machine's loopback, which is not the namespace's."""
    port = SETTINGS.ports.registry
    listen = f"TCP-LISTEN:{port},bind={_NODE.gateway},fork,reuseaddr"
    return Daemon("registry-second", ["socat", listen, f"TCP:127.0.0.1:{port}"])


def _containerd() -> None:
    """The first node's settings with other places, another network and the relay as the registry's address."""
    folder, cni = _FOLDER / "containerd", _FOLDER / "cni"
    config = (containers.ROOT / "config.toml").read_text()
    first_cni = paths.MACHINE / "cni"
    changes = {
        f'"http://{containers.REGISTRY}"': f'"http://{_NODE.gateway}:{SETTINGS.ports.registry}"',
        str(containers.SOCKET): str(_SOCKET),
        str(containers.ROOT): str(folder),
        f'"{first_cni}"': f'"{cni}"',
    }
    for old, new in changes.items():
        config = config.replace(old, new)
    write(folder / "config.toml", config.encode())
    network = json.loads((first_cni / "10-sandbox.conflist").read_text())
    network["name"] = _NODE.network
    network["plugins"][0]["ipam"] |= {"dataDir": str(_FOLDER / "ipam"), "ranges": [[{"subnet": _NODE.pod_cidr}]]}
    write(cni / "10-second.conflist", json.dumps(network, indent=2).encode())
    daemon = _inside("containerd-second", "containerd", "--config", folder / "config.toml")
    if daemon.start():
        wait_for("the second containerd", _SOCKET.is_socket, timeout=20, log=daemon.log)


def _settings(name: str, **own: Any) -> Path:
    """A component's settings as on the first node, but for what is its own."""
    config = json.loads((_FIRST / f"{name}.json").read_text())
    path = _FOLDER / f"{name}.json"
    write(path, json.dumps({**config, **own}, indent=2).encode())
    return path


def _kubeconfig() -> Path:
    """The administrator's kubeconfig with this node's certificate in it."""
    authority = Authority(paths.PKI / "cluster", "sandbox cluster")
    certificate, key = authority.issue("kubelet-second", common_name=f"system:node:{_NODE.name}", organization="system:nodes")
    content = json.loads(paths.KUBECONFIG.read_text())
    crt, private = (base64.b64encode(file.read_bytes()).decode() for file in (certificate, key))
    content["users"][0]["user"] = {"client-certificate-data": crt, "client-key-data": private}
    path = _FOLDER / "kubelet.kubeconfig"
    write(path, json.dumps(content, indent=2).encode())
    return path


def _kubelet() -> Daemon:
    folder = _FOLDER / "kubelet"
    config = _settings(
        "kubelet",
        address=_NODE.address,
        containerRuntimeEndpoint=f"unix://{_SOCKET}",
        podLogsDir=str(_FOLDER / "pod-logs"),
        volumePluginDir=str(folder / "volume-plugins"),
        cgroupRoot=f"/{_NODE.name}",
        registerWithTaints=[{"key": _NODE.taint, "value": "true", "effect": "NoSchedule"}],
    )
    return _inside(
        "kubelet-second",
        builds.KUBERNETES.binary,
        "kubelet",
        f"--config={config}",
        f"--kubeconfig={_kubeconfig()}",
        f"--root-dir={folder}",
        f"--cert-dir={folder / 'pki'}",
        f"--hostname-override={_NODE.name}",
        f"--node-ip={_NODE.address}",
    )


def _proxy() -> Daemon:
    own = {"hostnameOverride": _NODE.name, "clusterCIDR": _NODE.pod_cidr, "nodePortAddresses": [f"{_NODE.address}/32"]}
    config = _settings("kube-proxy", **own)
    return _inside("kube-proxy-second", builds.KUBERNETES.binary, "kube-proxy", f"--config={config}")


def survey() -> list[Part]:
    details = {"kubelet-second": f"node {_NODE.name}, {_NODE.address}"}
    return [*(process(name, details.get(name, "")) for name in DAEMONS), Part(f"node {_NODE.name}", ready(), f"taint {_NODE.taint}")]


def exports() -> dict[str, str]:
    return {"SECOND_NODE": _NODE.name, "SECOND_NODE_TAINT": f"{_NODE.taint}=true:NoSchedule", "SECOND_NODE_LINK": _NODE.link}


def stop() -> None:
    """Its processes are those in the namespace and their children; pods that ran there are the shims' children.

    The API server is told nothing: it may not answer, and what it knows goes with it.
    """
    pods, sockets, records = _pod_namespaces(), _shim_sockets(), _records()
    processes.stop(DAEMONS)
    processes.terminate(_processes(), grace=0)
    containers.unmount_below(_FOLDER)
    for path in pods:
        run(["umount", "--lazy", path])
        path.unlink()
    for path in (*sockets, *records):
        path.unlink(missing_ok=True)
    _SOCKET.unlink(missing_ok=True)
    if _NODE.link in run(["ip", "-o", "link", "show"]):
        run(["ip", "link", "delete", _NODE.link])
    if _NAMESPACE.exists():
        run(["ip", "netns", "delete", _NODE.name])
    for path in _control_groups_left():
        path.rmdir()


def _processes() -> list[int]:
    if not _NAMESPACE.exists():
        return []
    first = [int(pid) for pid in run(["ip", "netns", "pids", _NODE.name]).split()]
    return [*first, *(child for pid in first for child in processes.descendants(pid) if child not in first)]


def _records() -> list[Path]:
    own = list(_RESULTS.glob(f"{_NODE.network}-*"))
    pods = [path.name.removeprefix(f"{_NODE.network}-").partition("-")[0] for path in own]
    return [*own, *(path for pod in pods for path in _RESULTS.glob(f"cni-loopback-{pod}-*"))]


def _pod_namespaces() -> set[Path]:
    """As the network plugins noted them."""
    found = set()
    for record in _RESULTS.glob(f"{_NODE.network}-*"):
        for interface in json.loads(record.read_text()).get("result", {}).get("interfaces", []):
            if interface.get("sandbox"):
                found.add(machine.NAMESPACES / Path(interface["sandbox"]).name)
    return {path for path in found if path.exists()}


def _shim_sockets() -> list[Path]:
    addresses = (path.read_text().strip() for path in _STATE.glob("io.containerd.runtime.v2.task/*/*/address"))
    return [Path(address.removeprefix("unix://")) for address in addresses]


def _control_groups_left() -> list[Path]:
    """Deepest first."""
    roots = [root for root in _control_group_roots() if root.exists()]
    return sorted((path for root in roots for path in (root, *root.rglob("*")) if path.is_dir()), reverse=True)


def leftovers() -> list[str]:
    found = [f"process {pid} (second node)" for pid in _processes()]
    found += [f"mount {path}" for path in containers.mounts_below(_FOLDER)]
    found += [f"network namespace {path}" for path in ([_NAMESPACE] if _NAMESPACE.exists() else []) + sorted(_pod_namespaces())]
    found += [f"link {_NODE.link}"] if _NODE.link in run(["ip", "-o", "link", "show"]) else []
    return found + [f"control group {path}" for path in _control_groups_left()]
