# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things lie: sources in the repository, state in `.sandbox/`, what is slow to build in the user's cache folder."""

from __future__ import annotations

import os
from pathlib import Path

SOURCES = Path(__file__).resolve().parent
REPOSITORY = SOURCES.parent.parent
# Named by the environment only when one checkout takes down the sandbox of another: see machine.py.
STATE = Path(os.environ.get("AMPORA_SANDBOX_STATE") or REPOSITORY / ".sandbox")

BIN = STATE / "bin"
LOGS = STATE / "logs"
RUN = STATE / "run"
REPORTS = STATE / "reports"
DEPLOY = STATE / "deploy" / "kustomize"
OVERLAY = DEPLOY / "overlays" / "acme-prod"
RELEASE_NOTES = STATE / "release-notes"
KUBECONFIG = STATE / "kubeconfig"
ENV = STATE / "env"
VARS = STATE / "vars.yml"

MACHINE = STATE / "machine"  # what the parts keep on disk: etcd, containerd, kubelet, registry, Prometheus
VOLUMES = MACHINE / "volumes"
PKI = MACHINE / "pki"
SECRETS = MACHINE / "secrets.json"
EXTENDED = MACHINE / "extended"  # the same, of the parts of the extended tier
DATABASE_CA = PKI / "database" / "ca.crt"

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ampora-upgrades"

# Outside `.sandbox/` on purpose: it says what was changed on the machine even when somebody has deleted `.sandbox/`,
# and it vanishes with a reboot as those changes do.
MACHINE_RECORD = Path("/run/ampora-sandbox.json")
