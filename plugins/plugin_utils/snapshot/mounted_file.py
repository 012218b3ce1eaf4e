# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that the application's container sees, read from the ConfigMap or the Secret that is mounted there."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster


def mounted_file(cluster: Cluster, deployment: Mapping[str, Any], path: str) -> str | None:
    """The text behind a path of the container; None when it comes from the image or from another kind of volume."""
    volumes = {volume["name"]: volume for volume in deployment["spec"]["template"]["spec"].get("volumes", [])}
    mounts = sorted(cluster.container(deployment).get("volumeMounts", []), key=lambda mount: len(mount["mountPath"]), reverse=True)
    for mount in mounts:
        wanted, folder = PurePosixPath(path), PurePosixPath(mount["mountPath"])
        if wanted == folder or folder in wanted.parents:
            inside = PurePosixPath(mount.get("subPath", "")) / wanted.relative_to(folder)
            found = (_read(cluster, source, str(inside)) for source in _sources(volumes.get(mount["name"], {})))
            return next((text for text in found if text is not None), None)
    return None


def _sources(volume: Mapping[str, Any]) -> Iterator[tuple[str, str, list[dict[str, str]]]]:
    """(kind, name, items) of each ConfigMap and Secret of a volume."""
    for part in [volume, *volume.get("projected", {}).get("sources", [])]:
        if "configMap" in part:
            yield "ConfigMap", part["configMap"]["name"], part["configMap"].get("items", [])
        if "secret" in part:
            yield "Secret", part["secret"].get("secretName") or part["secret"]["name"], part["secret"].get("items", [])


def _read(cluster: Cluster, source: tuple[str, str, list[dict[str, str]]], inside: str) -> str | None:
    kind, name, items = source
    key = next((item["key"] for item in items if item["path"] == inside), None) if items else inside
    body = cluster.get(kind, name) if key else None
    value = (body or {}).get("data", {}).get(key)
    if value is None:
        return None
    return base64.b64decode(value).decode(errors="replace") if kind == "Secret" else str(value)
