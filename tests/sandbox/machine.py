# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `up` finds and changes on the machine, written down so that `down` can put it back and a second sandbox is refused."""

from __future__ import annotations

import json
import os
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.sandbox import paths, processes
from tests.sandbox.commands import SandboxError, run, say
from tests.sandbox.settings import SETTINGS

_FORWARD = Path("/proc/sys/net/ipv4/ip_forward")
NAMESPACES = Path("/run/netns")


@dataclass(frozen=True)
class Record:
    state: str
    ip_forward: str
    netns_bound: bool
    boot: str

    @staticmethod
    def read() -> Record | None:
        try:
            record = Record(**json.loads(paths.MACHINE_RECORD.read_text()))
        except FileNotFoundError:
            return None
        return record if record.boot == _boot() else None


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def is_mount_point(path: Path) -> bool:
    return any(line.split()[4] == str(path) for line in Path("/proc/self/mountinfo").read_text().splitlines())


def check() -> None:
    """Refuse before anything is changed: wrong user, another sandbox, somebody's port or network."""
    if os.geteuid() != 0:
        raise SandboxError("the sandbox starts containerd and a kubelet: run it as root")
    if len(str(paths.RUN)) > 75:
        raise SandboxError(f"{paths.RUN} is too long for a UNIX socket's path: use a shorter checkout path")
    refuse_another()
    if Record.read() is None:
        _check_ports()
        if "KUBE-" in run(["iptables-save", "-t", "nat"]):
            raise SandboxError("this machine has iptables rules of another kube-proxy (chains KUBE-*): the sandbox would mix with them")


def another() -> Path | None:
    """The state folder of the sandbox of another checkout that this machine's network and control groups belong to."""
    record = Record.read()
    return Path(record.state) if record and record.state != str(paths.STATE) else None


def refuse_another() -> None:
    """The machine belongs to one sandbox; neither `up` nor `down` touches another's that somebody may be using."""
    if state := another():
        raise SandboxError(f"another sandbox is up on this machine, of {state}: run `down` there first")


def take_over() -> None:
    """Take down another checkout's sandbox where nobody can miss it: all of its processes have ended, or this is a CI runner,
    whose machine an earlier job may have left in the middle."""
    state = another()
    if state is None or (processes.any_of(state / "run") and os.environ.get("CI") != "true"):
        return
    say(f"taking down what is left of the sandbox of {state}")
    run([sys.executable, "-m", "tests.sandbox", "down"], env={"AMPORA_SANDBOX_STATE": str(state)}, cwd=paths.REPOSITORY)


def _check_ports() -> None:
    for name, port in SETTINGS.ports.all().items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))
            except OSError as error:
                raise SandboxError(f"port {port} ({name}) is taken by another program: end it, or change settings.py") from error


def prepare() -> None:
    """The node's address, IP forwarding, and /run/netns as a mount of its own."""
    if Record.read() is None:
        record = Record(str(paths.STATE), _FORWARD.read_text().strip(), not is_mount_point(NAMESPACES), _boot())
        paths.MACHINE_RECORD.write_text(json.dumps(asdict(record)))
    _FORWARD.write_text("1\n")
    address = f"{SETTINGS.node_address}/32"
    if address not in run(["ip", "-o", "address", "show", "dev", "lo"]):
        run(["ip", "address", "add", address, "dev", "lo"])
    NAMESPACES.mkdir(exist_ok=True)
    # `ip netns add` binds this folder over itself the first time that anybody uses it. Pods made before that moment could not
    # be removed any more, so it happens before the first of them.
    if not is_mount_point(NAMESPACES):
        run(["mount", "--bind", NAMESPACES, NAMESPACES])
        run(["mount", "--make-shared", NAMESPACES])


def restore() -> None:
    record = Record.read()
    if record is None:
        raise AssertionError("nothing was changed by this sandbox")
    _FORWARD.write_text(f"{record.ip_forward}\n")
    if f"{SETTINGS.node_address}/32" in run(["ip", "-o", "address", "show", "dev", "lo"]):
        run(["ip", "address", "delete", f"{SETTINGS.node_address}/32", "dev", "lo"])
    if record.netns_bound and is_mount_point(NAMESPACES) and not any(NAMESPACES.iterdir()):
        run(["umount", NAMESPACES])
    paths.MACHINE_RECORD.unlink()
