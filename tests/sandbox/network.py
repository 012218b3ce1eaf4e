# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking the cluster's network off the machine again: kube-proxy's and the kubelet's rules, the bridge, the pods' links."""

from __future__ import annotations

import json
from pathlib import Path

from tests.sandbox.commands import SandboxError, run
from tests.sandbox.settings import SETTINGS

_TABLES = ("nat", "filter", "mangle")
_MARK = "KUBE-"
CGROUPS = Path("/sys/fs/cgroup")


def _programs() -> list[str]:
    return ["iptables", "ip6tables"]


def rules() -> list[str]:
    """Chains and rules of Kubernetes that stand in the machine's tables."""
    found = []
    for program in _programs():
        for table in _TABLES:
            lines = run([f"{program}-save", "-t", table]).splitlines()
            found += [f"{program} {table} {line}" for line in lines if _MARK in line and not line.startswith("#")]
    return found


def remove_rules() -> None:
    """Everything that mentions a KUBE-* chain, in one transaction a table."""
    for program in _programs():
        for table in _TABLES:
            lines = run([f"{program}-save", "-t", table]).splitlines()
            chains = [line.split()[0][1:] for line in lines if line.startswith(f":{_MARK}")]
            jumps = [line for line in lines if line.startswith("-A ") and _MARK in line and not line.startswith(f"-A {_MARK}")]
            if not chains:
                continue
            flush = [f":{chain} - [0:0]" for chain in chains]
            delete = [line.replace("-A ", "-D ", 1) for line in jumps]
            drop = [f"-X {chain}" for chain in chains]
            run([f"{program}-restore", "--noflush"], stdin="\n".join([f"*{table}", *flush, *delete, *drop, "COMMIT", ""]))


def links() -> list[str]:
    """The bridge and what is plugged into it."""
    devices = json.loads(run(["ip", "-json", "link", "show"]) or "[]")
    return [device["ifname"] for device in devices if SETTINGS.bridge in (device["ifname"], device.get("master"))]


def remove_links() -> None:
    # A pod's link goes by itself when the kernel has cleared its namespace, which may happen between the two lines below.
    for name in sorted(links(), key=lambda link: link == SETTINGS.bridge):
        try:
            run(["ip", "link", "delete", name])
        except SandboxError:
            if name in links():
                raise


def cgroups() -> list[Path]:
    """The kubelet's control groups, deepest first."""
    roots = [*CGROUPS.glob("kubepods"), *CGROUPS.glob("*/kubepods")]
    return sorted((path for root in roots for path in (root, *root.rglob("*")) if path.is_dir()), reverse=True)


def remove_cgroups() -> None:
    for path in cgroups():
        path.rmdir()
