# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sandbox takes from Debian or Ubuntu: one apt-get line, and no daemon started by it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.sandbox.commands import SandboxError, Stopwatch, run, say

# What must be there -> the package that brings it. A program that is there already is used as it is.
CLUSTER = {
    "containerd": "containerd",
    "runc": "runc",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "ethtool": "ethtool",
    "socat": "socat",
    "ip": "iproute2",
    "docker-registry": "docker-registry",
    "debootstrap": "debootstrap",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
    "dnsmasq": "dnsmasq-base",
}
CHROMIUM = "/usr/bin/chromium"
TOOLS = {
    "prometheus": "prometheus",
    CHROMIUM: "chromium",
    "node": "nodejs",
    "npm": "npm",
}
POLICY = Path("/usr/sbin/policy-rc.d")


def missing(wanted: dict[str, str]) -> list[str]:
    return sorted({package for probe, package in wanted.items() if not shutil.which(probe) and not Path(probe).is_file()})


@contextmanager
def _no_daemons() -> Iterator[None]:
    """Debian's way to say "install, but start nothing": policy-rc.d answers 101. The user's own file comes back afterwards."""
    before = POLICY.read_bytes() if POLICY.exists() else None
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()
        if before is not None:
            POLICY.write_bytes(before)
            POLICY.chmod(0o755)


def install(*wanted: dict[str, str]) -> None:
    packages = missing({probe: package for group in wanted for probe, package in group.items()})
    if not packages:
        return
    if not shutil.which("apt-get"):
        raise SandboxError(f"these are missing and this is neither Debian nor Ubuntu: {', '.join(packages)}")
    say(f"installing with apt-get: {' '.join(packages)}")
    watch, quiet = Stopwatch(), {"DEBIAN_FRONTEND": "noninteractive"}
    with _no_daemons():
        run(["apt-get", "update", "-qq"], env=quiet)
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], env=quiet, timeout=1800)
    say(f"installed in {watch}")
