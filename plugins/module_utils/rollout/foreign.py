# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has somebody else changed the Deployment while it rolled: what, and by the API's own record, who.

A rollout that ends on another image than the one applied proves nothing, so that stops it. Any other change of the pod
template is told and goes into the record: the watch that follows judges what really runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_owner import image_writers
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.differences import differences

Object = Mapping[str, Any]
MOST_CHANGES = 20


@dataclass(frozen=True)
class Applied:
    """What was applied: the container's image, and the pod template as the API server gave it back."""

    container: str
    image: str
    template: Object


def applied(deployment: Object, container: str, image: str) -> Applied:
    """Remember the Deployment as it is right after the change."""
    return Applied(container, image, deployment["spec"]["template"])


def check(deployment: Object, was: Applied) -> tuple[str, ...]:
    """The fields of the pod template that somebody else has changed; UpgradeError when the image is one of them."""
    template = deployment["spec"]["template"]
    found = image_of(template, was.container)
    if found != was.image:
        writer, moment = _last_writer(deployment, was.container)
        by = f" by {quote(writer)}" if writer else ""
        raise UpgradeError(
            f"The image of the Deployment {deployment['metadata']['name']} was changed{by} while it rolled{moment}: it is {found or 'gone'}"
            f" and {was.image} was applied.",
            next_step="Hold whoever changes it (for a GitOps controller set ampora_apply to gitops), then run the same command again.",
            evidence=tuple(differences(was.template, template))[:MOST_CHANGES],
        )
    return tuple(differences(was.template, template))[:MOST_CHANGES]


def image_of(template: Object, container: str) -> str:
    """The image of a container in a pod template; empty when there is no such container."""
    return next((str(entry.get("image", "")) for entry in template["spec"]["containers"] if entry.get("name") == container), "")


def _last_writer(deployment: Object, container: str) -> tuple[str, str]:
    """Who wrote the image last, and when, as words."""
    latest = max(image_writers(deployment["metadata"], container), key=lambda entry: str(entry.get("time", "")), default={})
    moment = str(latest.get("time", ""))
    return str(latest.get("manager", "")), f" (at {moment})" if moment else ""
