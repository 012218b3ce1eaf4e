# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's migration Job with the pinned image: which containers get it, and how the Job is named."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, cast

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import ImageReference
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference

MAX_NAME = 52  # leaves room for the digest's start below the 63 characters of a label


def migration_job(template: object, image_name: str, image: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """A copy of the template whose containers of the image `image_name` run `image`.

    The name ends with the digest's first characters, so that each version's Job is its own.
    """
    job, pinned = _job(template), parse_reference(image)
    pod = job["spec"]["template"]["spec"]
    chosen = [entry for entry in [*pod.get("initContainers", []), *pod["containers"]] if _is(entry["image"], image_name, pinned)]
    if not chosen:
        raise UpgradeError(
            f"The Job in ampora_migrate_job has no container with the image {image_name}.",
            next_step=f"Give its container the image {image_name}.",
        )
    for entry in chosen:
        entry["image"] = image
    metadata = job.setdefault("metadata", {})
    metadata.pop("namespace", None)
    metadata["name"] = f"{str(metadata.get('name', 'migrate'))[:MAX_NAME]}-{pinned.digest.rpartition(':')[2][:8] or 'latest'}"
    metadata["labels"] = {**metadata.get("labels", {}), **labels}
    job["spec"].setdefault("backoffLimit", 0)
    return job


def _job(template: object) -> dict[str, Any]:
    """A copy of the template, once it is known to be one Job whose containers have images."""
    try:
        job = copy.deepcopy(cast("dict[str, Any]", template))
        pod = job["spec"]["template"]["spec"]
        whole = job["kind"] == "Job" and all(isinstance(e["image"], str) for e in [*pod.get("initContainers", []), *pod["containers"]])
    except (AttributeError, KeyError, TypeError):
        whole = False
    if not whole:
        raise UpgradeError("ampora_migrate_job does not hold one Job.", next_step="Write one batch/v1 Job into the file.")
    return job


def _is(image: str, image_name: str, pinned: ImageReference) -> bool:
    """Whether a container's image is the application's: by the kustomize name or by the repository."""
    bare = image.split("@", 1)[0]
    return bare.rpartition(":")[0] == image_name or bare == image_name or bare.startswith(f"{pinned.name}:") or bare == pinned.name
