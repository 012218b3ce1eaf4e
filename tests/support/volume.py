# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shell on a claim of the cluster: what somebody with access to the volume could do to the files on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.sandbox import Sandbox

NAME = "volume-shell"
MOUNT = "/volume"
USER = 999  # as the snapshot's Jobs


@contextmanager
def volume_shell(sandbox: Sandbox, folder: Path, claim: str) -> Iterator[Callable[[str], str]]:
    """A function that runs a shell script in the claim's root and gives its output."""
    image = sandbox.snapshot_image
    pod = {
        "securityContext": {"runAsUser": USER, "runAsGroup": USER, "fsGroup": USER},
        "terminationGracePeriodSeconds": 0,
        "containers": [
            {"name": "shell", "image": image, "command": ["sleep", "3600"], "volumeMounts": [{"name": "volume", "mountPath": MOUNT}]}
        ],
        "volumes": [{"name": "volume", "persistentVolumeClaim": {"claimName": claim}}],
    }
    file = folder / "shell.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": NAME}, "spec": pod}), encoding="utf-8")
    sandbox.kubectl_text("apply", f"--filename={file}")
    try:
        sandbox.kubectl_text("wait", f"pod/{NAME}", "--for=condition=Ready", "--timeout=50s")
        yield lambda script: sandbox.kubectl_text("exec", NAME, "--", "sh", "-euc", f"cd {MOUNT}; {script}")
    finally:
        sandbox.kubectl_text("delete", "pod", NAME, "--wait=true")
