# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the master key from where it is given and from where the application has it, and attaches it again."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.keys.key import Held, Key, choose
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import key_fingerprint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster

MAXIMUM_BYTES = 4096


def read_key(cluster: Cluster, deployment: Mapping[str, Any], options: Mapping[str, Any]) -> Key | None:
    """The key that counts, by the inputs `master_key`; None for an application without one (none is named)."""
    env = options["env"]
    given = _given(options)
    if not env and given is None:
        return None
    found = cluster.environment(deployment, env) if env else None
    missing = f"The container {cluster.container_name} has no variable {env} (ampora_master_key_env)" if env else ""
    return choose(given, Held(found.value, found.source) if found else None, missing)


def fingerprint(cluster: Cluster, key: Key | None) -> str:
    """What tells this key from another, for manifest and journal; empty when there is no key."""
    return key_fingerprint(key.data, f"{cluster.namespace}/{cluster.deployment_name}") if key else ""


def require_attached(key: Key | None, next_step: str = "Put the key back there.") -> None:
    """Refuse to start an application that would not have the key."""
    if key is not None and key.detached:
        raise UpgradeError(f"The application would start without the master key from {key.source}: {key.detached}.", next_step=next_step)


def attach(cluster: Cluster, key: Key | None, env: str) -> str:
    """Write the key into the Secret that the container's variable comes from; where it was written, empty when it is there."""
    if key is None or not key.detached:
        return ""
    name, entry = secret_of(cluster, env)
    data = {entry: base64.b64encode(base64.b64encode(key.data)).decode()}
    if cluster.get("Secret", name) is None:
        cluster.create("Secret", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data})
    else:
        cluster.patch("Secret", name, {"data": data})
    return f"Secret {name}, key {entry}"


def secret_of(cluster: Cluster, env: str) -> tuple[str, str]:
    """Name and key of the Secret that gives the container this variable, or would if it had the key."""
    places = list(_places(cluster.container(cluster.deployment()), env))
    having = [(name, entry) for name, entry in places if entry in ((cluster.get("Secret", name) or {}).get("data") or {})]
    if having or len(places) == 1:
        return (having or places)[0]
    what = f"none of {', '.join(name for name, _entry in places)} has it" if places else "no Secret gives it"
    raise UpgradeError(
        f"It is not clear where the master key belongs: of the Secrets of the container {cluster.container_name}, {what} ({env}).",
        next_step="Put the key there yourself, then run the same command again.",
    )


def _places(container: Mapping[str, Any], env: str) -> Iterator[tuple[str, str]]:
    """In the order in which Kubernetes lets them count: env before envFrom, the last one first."""
    for entry in reversed(container.get("env", [])):
        if entry["name"] == env:
            reference = entry.get("valueFrom", {}).get("secretKeyRef")
            if reference:
                yield reference["name"], reference["key"]
            return  # a plain value or a ConfigMap's: no Secret gives it
    for entry in reversed(container.get("envFrom", [])):
        prefix = entry.get("prefix", "")
        if "secretRef" in entry and env.startswith(prefix):
            yield entry["secretRef"]["name"], env.removeprefix(prefix)


def _given(options: Mapping[str, Any]) -> Held | None:
    if options["value"] and options["file"]:
        raise UpgradeError("Both ampora_master_key and ampora_master_key_file are set.", next_step="Give the master key once.")
    if options["value"]:
        return Held(options["value"], "ampora_master_key")
    if not options["file"]:
        return None
    path = Path(options["file"]).expanduser()
    try:
        with path.open("rb") as file:
            data = file.read(MAXIMUM_BYTES)
    except OSError as error:
        raise UpgradeError(f"The master key's file {path} (ampora_master_key_file) cannot be read: {error.strerror}.") from error
    return Held(data.decode(errors="replace"), f"{path} (ampora_master_key_file)")
