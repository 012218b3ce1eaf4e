# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Putting an image into the Deployment, and nothing else: annotations and the rest of the template stay."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster


def previous_image(previous: dict[str, Any]) -> str:
    """The recorded image by its digest, so that a moved tag cannot bring another one back."""
    return str(parse_reference(previous["image"]).with_digest(previous["digest"]))


def patch_image(cluster: Cluster, image: str) -> bool:
    """Give the application's container the image; False when it has it already."""
    if cluster.container(cluster.deployment())["image"] == image:
        return False
    template = {"spec": {"containers": [{"name": cluster.container_name, "image": image}]}}
    cluster.patch("Deployment", cluster.deployment_name, {"spec": {"template": template}})
    return True


def scale(cluster: Cluster, replicas: int) -> None:
    cluster.patch("Deployment", cluster.deployment_name, {"spec": {"replicas": replicas}}, subresource="scale")
