# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Putting a recorded state back into the Deployment: the recorded revision's template, or its image alone.

Annotations, replicas and everything else of the Deployment stay; `kubernetes.core.k8s_rollback` and `kubectl rollout undo`
go to "the one before" instead, which the second time is the bad one again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.revision import standing_template, template_of
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster


@dataclass(frozen=True)
class PutBack:
    """What was put back.

    `by` is "revision" (its whole template, the image by digest), "image" (its revision is gone), "pods" (its whole template
    as it was, whose pods still run) or "" (it was there already).
    """

    changed: bool
    image: str
    revision: str
    by: str

    def __str__(self) -> str:
        words = {
            "revision": f"the template of revision {self.revision}",
            "image": f"the image alone, since revision {self.revision or '(not recorded)'} is no longer in the history",
            "pods": f"revision {self.revision} as it was: its pods run the recorded digest, and no other one has room",
            "": "as it was",
        }
        return f"{self.image}: {words[self.by]}"


def previous_image(previous: Mapping[str, Any]) -> str:
    """The recorded image by its digest, so that a moved tag cannot bring another one back."""
    return str(parse_reference(previous["image"]).with_digest(previous["digest"]))


def put_back(cluster: Cluster, previous: Mapping[str, Any]) -> PutBack:
    """Give the Deployment what was recorded (image, digest, revision); nothing is written when its image runs already."""
    image, revision = previous_image(previous), str(previous.get("revision") or "")
    deployment = cluster.deployment()
    if cluster.container(deployment)["image"] == image:
        return PutBack(False, image, revision, "")
    replica_sets = cluster.find_all("ReplicaSet", labels=deployment["spec"]["selector"].get("matchLabels", {}))
    template = template_of(deployment, replica_sets, revision=revision, container=cluster.container_name, recorded=previous)
    image_alone: dict[str, Any] = {"spec": {"containers": [{"name": cluster.container_name, "image": image}]}}
    change = image_alone if template is None else {**template, "$patch": "replace"}
    cluster.patch("Deployment", cluster.deployment_name, {"spec": {"template": change}})
    return PutBack(True, image, revision, "image" if template is None else "revision")


def put_back_pods(cluster: Cluster, previous: Mapping[str, Any]) -> PutBack | None:
    """Give the Deployment the recorded revision exactly as it was, which starts no pod; None unless all its pods still run."""
    deployment = cluster.deployment()
    labels = deployment["spec"]["selector"].get("matchLabels", {})
    replica_sets, pods = cluster.find_all("ReplicaSet", labels=labels), cluster.pods(deployment)
    template = standing_template(deployment, replica_sets, pods, container=cluster.container_name, recorded=previous)
    if template is None:
        return None
    cluster.patch("Deployment", cluster.deployment_name, {"spec": {"template": {**template, "$patch": "replace"}}})
    return PutBack(True, str(previous["image"]), str(previous["revision"]), "pods")


def scale(cluster: Cluster, replicas: int) -> None:
    cluster.patch("Deployment", cluster.deployment_name, {"spec": {"replicas": replicas}}, subresource="scale")
