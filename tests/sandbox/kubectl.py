# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster through kubectl, as a person would use it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from tests.sandbox import paths
from tests.sandbox.commands import run

MANIFESTS = paths.SOURCES / "manifests"


def kubectl(*words: str | Path, stdin: str | None = None, timeout: float = 120) -> str:
    return run([paths.BIN / "kubectl", "--kubeconfig", paths.KUBECONFIG, *words], stdin=stdin, timeout=timeout)


def get(*words: str) -> Any:
    return json.loads(kubectl("get", *words, "--output=json"))


def apply(text: str) -> None:
    kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=sandbox", "--filename=-", stdin=text)


def apply_manifest(name: str, values: Mapping[str, object] | None = None) -> None:
    """A file of `manifests/`, its $names filled in."""
    apply(Template((MANIFESTS / name).read_text()).substitute(values or {}))


def secret(namespace: str, name: str, data: Mapping[str, str]) -> None:
    head = {"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": namespace, "name": name}}
    apply(json.dumps({**head, "stringData": dict(data)}))


def cluster_ip(namespace: str, service: str) -> str:
    return str(get("--namespace", namespace, "service", service)["spec"]["clusterIP"])
