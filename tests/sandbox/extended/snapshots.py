# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CSI snapshots: the cluster's own controllers, and a driver of ours whose volumes are folders of the first node."""

from __future__ import annotations

from tests.sandbox import paths, processes
from tests.sandbox.build import GoProgram
from tests.sandbox.commands import wait_for
from tests.sandbox.extended.tools import SOURCES, PinnedProgram, apply_manifest, apply_resources, go_module_folder, process
from tests.sandbox.files import write
from tests.sandbox.kubectl import get
from tests.sandbox.parts import Part
from tests.sandbox.processes import Daemon
from tests.sandbox.settings import SETTINGS

NAME = "snapshots"
PACKAGES: dict[str, str] = {}
DRIVER = "csi.sandbox.ampora.io"
CLASS = "sandbox-csi"  # of storage and of snapshots
_VERSION = SETTINGS.extended_versions.snapshotter
_MODULE = "github.com/kubernetes-csi/external-snapshotter"
_PINS = SOURCES / "snapshotter"
_KUBELET = paths.MACHINE / "kubelet"
_SOCKET = _KUBELET / "plugins" / DRIVER / "csi.sock"
_RESOURCES = paths.CACHE / f"snapshot-resources-{_VERSION}.yaml"
_PROGRAM = GoProgram("csi", SOURCES / "csi")
_CONTROLLER, _SNAPSHOTTER = (
    PinnedProgram(name, _PINS, _VERSION, about="(3 minutes)", package=f"{_MODULE}/v8/cmd/{name}")
    for name in ("snapshot-controller", "csi-snapshotter")
)
DAEMONS = (_PROGRAM.name, _CONTROLLER.name, _SNAPSHOTTER.name)


def build() -> None:
    for program in (_PROGRAM, _CONTROLLER, _SNAPSHOTTER):
        program.build()
    if not _RESOURCES.exists():
        folder = go_module_folder(_PINS, f"{_MODULE}/client/v8") / "config" / "crd"
        files = sorted(folder.glob("snapshot.storage.k8s.io_*.yaml"))
        write(_RESOURCES, "---\n".join(file.read_text() for file in files).encode())


def start() -> None:
    apply_resources(_RESOURCES)
    apply_manifest("snapshots.yaml", driver=DRIVER, name=CLASS)
    if _driver().start():
        wait_for("the CSI driver", registered, timeout=30, log=_driver().log)
    for daemon in (_controller(), _snapshotter()):
        daemon.start()


def _driver() -> Daemon:
    flags = {
        "name": DRIVER,
        "node": SETTINGS.node,
        "data": paths.EXTENDED / "csi",
        "kubelet": _KUBELET,
        "kubeconfig": paths.KUBECONFIG,
    }
    return Daemon(_PROGRAM.name, [_PROGRAM.build(), *(f"--{flag}={value}" for flag, value in flags.items())])


def _controller() -> Daemon:
    return Daemon(_CONTROLLER.name, [_CONTROLLER.build(), f"--kubeconfig={paths.KUBECONFIG}", "--leader-election=false"])


def _snapshotter() -> Daemon:
    flags = [f"--kubeconfig={paths.KUBECONFIG}", "--leader-election=false", f"--csi-address={_SOCKET}"]
    return Daemon(_SNAPSHOTTER.name, [_SNAPSHOTTER.build(), *flags])


def registered() -> bool:
    """The kubelet has found the driver and says so on the node's CSINode."""
    return any(driver["name"] == DRIVER for driver in get("csinode", SETTINGS.node)["spec"]["drivers"] or [])


def survey() -> list[Part]:
    return [process(name, f"storage class {CLASS}" if name == _PROGRAM.name else "") for name in DAEMONS]


def exports() -> dict[str, str]:
    return {"STORAGE_CLASS": CLASS, "SNAPSHOT_CLASS": CLASS}


def stop() -> None:
    processes.stop(DAEMONS)


def leftovers() -> list[str]:
    """Its mounts lie below the kubelet's folder, and the ground looks for those."""
    return []
