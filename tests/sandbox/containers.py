# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""containerd with root, state, socket and network of its own, so that a containerd of the user's is left alone."""

from __future__ import annotations

import json
from pathlib import Path

from tests.sandbox import machine, paths, processes
from tests.sandbox.commands import run, wait_for
from tests.sandbox.processes import Daemon
from tests.sandbox.settings import SETTINGS

ROOT = paths.MACHINE / "containerd"
SOCKET = paths.RUN / "containerd.sock"
_STATE = ROOT / "state"
_RESULTS = Path("/var/lib/cni/results")
_CNI = paths.MACHINE / "cni"
REGISTRY = f"127.0.0.1:{SETTINGS.ports.registry}"

_CONFIG = f"""\
version = 2
root = "{ROOT}/root"
state = "{_STATE}"

[grpc]
  address = "{SOCKET}"

[plugins."io.containerd.internal.v1.opt"]
  path = "{ROOT}/opt"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{REGISTRY}/pause:1"
  stream_server_address = "127.0.0.1"
  # In a container or a small virtual machine root may not lower these, and there may be no AppArmor.
  restrict_oom_score_adj = true
  disable_apparmor = true

  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      Root = "{ROOT}/runc"

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{_CNI}"

  [plugins."io.containerd.grpc.v1.cri".registry.mirrors."{REGISTRY}"]
    endpoint = ["http://{REGISTRY}"]
"""

_NETWORK = {
    "cniVersion": "0.4.0",
    "name": SETTINGS.network,
    "plugins": [
        {
            "type": "bridge",
            "bridge": SETTINGS.bridge,
            "isGateway": True,
            "hairpinMode": True,
            "ipam": {
                "type": "host-local",
                "dataDir": str(paths.MACHINE / "ipam"),
                "ranges": [[{"subnet": SETTINGS.pod_cidr}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        }
    ],
}


def daemon() -> Daemon:
    return Daemon("containerd", ["containerd", "--config", ROOT / "config.toml"])


def start() -> None:
    for folder in (ROOT, _CNI, paths.RUN):
        folder.mkdir(parents=True, exist_ok=True)
    (ROOT / "config.toml").write_text(_CONFIG)
    (_CNI / "10-sandbox.conflist").write_text(json.dumps(_NETWORK, indent=2))
    if daemon().start():
        wait_for("containerd", SOCKET.is_socket, timeout=20, log=daemon().log)


def shims() -> list[int]:
    """The shims of this containerd: known by its socket's path in their arguments."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            if words[0].endswith("containerd-shim-runc-v2") and str(SOCKET) in words and processes.start_time(int(entry.name)):
                found.append(int(entry.name))
    return found


def network_namespaces() -> set[Path]:
    """Those that pods of this containerd use, as their bundles name them, and those that nothing but our bridge is linked to."""
    found = set()
    for bundle in _STATE.glob("io.containerd.runtime.v2.task/k8s.io/*/config.json"):
        for namespace in json.loads(bundle.read_text())["linux"]["namespaces"]:
            if namespace["type"] == "network" and namespace.get("path"):
                found.add(machine.NAMESPACES / Path(namespace["path"]).name)
    for result in _RESULTS.glob(f"{SETTINGS.network}-*"):
        for interface in json.loads(result.read_text()).get("result", {}).get("interfaces", []):
            if interface.get("sandbox"):
                found.add(machine.NAMESPACES / Path(interface["sandbox"]).name)
    return {path for path in found if path.exists()}


def sockets() -> set[Path]:
    """The shims' sockets, which containerd keeps in one folder for all containerds of a machine."""
    addresses = (path.read_text().strip() for path in _STATE.glob("io.containerd.runtime.v2.task/*/*/address"))
    return {Path(address.removeprefix("unix://")) for address in addresses}


def _network_records() -> list[Path]:
    """What the network plugins noted about this containerd's pods, and about their loopback interfaces."""
    own = [path for path in _RESULTS.glob("*") if path.name.startswith(f"{SETTINGS.network}-")]
    pods = [path.name.removeprefix(f"{SETTINGS.network}-").partition("-")[0] for path in own]
    return [*own, *(path for pod in pods for path in _RESULTS.glob(f"cni-loopback-{pod}-*"))]


def remove() -> None:
    """End every container and take away what it had: processes, mounts, namespaces, links, records. containerd is down already."""
    namespaces, addresses, records = network_namespaces(), sockets(), _network_records()
    running = shims()
    inside = [pid for shim in running for pid in processes.descendants(shim)]
    processes.terminate([*running, *inside], grace=0)
    unmount_below(paths.MACHINE)
    for path in namespaces:
        run(["umount", "--lazy", path])
        path.unlink()
    for path in (*addresses, *records):
        path.unlink(missing_ok=True)
    for path in Path("/var/log/containers").glob("*.log"):
        if path.is_symlink() and str(path.readlink()).startswith(str(paths.MACHINE)):
            path.unlink()


def mounts_below(folder: Path) -> list[Path]:
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    points = [Path(line.split()[4].replace("\\040", " ")) for line in lines]
    return [point for point in points if point.is_relative_to(folder)]


def unmount_below(folder: Path) -> None:
    for point in sorted(mounts_below(folder), reverse=True):
        run(["umount", "--lazy", point])
