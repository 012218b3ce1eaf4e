# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pod template of a recorded revision, from the ReplicaSets that the Deployment still has."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.state import REVISION

HISTORY = "deployment.kubernetes.io/revision-history"  # the numbers that a ReplicaSet had before it was used again
HASH = "pod-template-hash"  # the controller's own label: each template gets it anew

Object = Mapping[str, Any]


def template_of(
    deployment: Object, replica_sets: Sequence[Object], *, revision: str, container: str, recorded: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The template of `revision` with the recorded image by its digest; None when the history no longer has it.

    A revision that carries the number and runs another image than the recorded one is not the recorded one: numbers
    begin again when a Deployment is made anew.
    """
    wanted = parse_reference(str(recorded["image"])).with_digest(str(recorded["digest"]))
    for replica_set in replica_sets:
        if not (revision and _owned(replica_set, deployment) and revision in _revisions(replica_set)):
            continue
        template = copy.deepcopy(dict(replica_set["spec"]["template"]))
        for entry in template["spec"]["containers"]:
            if entry["name"] == container and str(entry["image"]) in {str(recorded["image"]), str(wanted)}:
                entry["image"] = str(wanted)
                template.setdefault("metadata", {}).get("labels", {}).pop(HASH, None)
                return template
    return None


def standing_template(
    deployment: Object, replica_sets: Sequence[Object], pods: Sequence[Object], *, container: str, recorded: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The template of the recorded revision exactly as it is, when all the pods that it needs still run the recorded digest.

    Going back to it starts no pod, so that an image by a tag cannot bring another one. None when a pod is wanting, is not
    ready, is going, or runs something else.
    """
    wanted, revision = deployment["spec"].get("replicas", 1), str(recorded.get("revision") or "")
    for replica_set in replica_sets:
        if template_of(deployment, [replica_set], revision=revision, container=container, recorded=recorded) is None:
            continue
        own = [pod for pod in pods if _owned(pod, replica_set) and _runs(pod, container, str(recorded["digest"]))]
        if wanted and len(own) >= wanted:
            template = copy.deepcopy(dict(replica_set["spec"]["template"]))
            template.setdefault("metadata", {}).get("labels", {}).pop(HASH, None)
            return template
    return None


def _runs(pod: Object, container: str, digest: str) -> bool:
    """Whether it is ready, stays, and runs this very image."""
    statuses = [status for status in pod.get("status", {}).get("containerStatuses", []) if status["name"] == container]
    here = not pod["metadata"].get("deletionTimestamp")
    return here and any(status.get("ready") and str(status.get("imageID", "")).endswith(f"@{digest}") for status in statuses)


def _owned(item: Object, by: Object) -> bool:
    uid = by["metadata"].get("uid")
    return any(owner.get("uid") == uid for owner in item["metadata"].get("ownerReferences", []))


def _revisions(replica_set: Object) -> set[str]:
    annotations = replica_set["metadata"].get("annotations") or {}
    return {str(annotations.get(REVISION, "")), *str(annotations.get(HISTORY, "")).split(",")}
