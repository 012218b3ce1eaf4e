# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing the rendered overlay into the cluster: by kubectl after a dry run and a look at what else would change, or by Git."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.foreign import Applied, applied
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.object_change import ObjectChange, besides_image, unexpected
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import Overlay
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.gitops_owner import GitOpsOwner
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint


class Applying:
    """One overlay, rendered; `args` are the action's own."""

    def __init__(self, cluster: Cluster, overlay: Overlay, manifest: str, image: str, args: Mapping[str, Any]) -> None:
        self._cluster, self._overlay, self._manifest, self._image, self._args = cluster, overlay, manifest, image, args

    def predict(self) -> dict[str, Any]:
        """For check mode: what the API server says would become of each object, and what of it is more than the image."""
        if self._by_git:
            return {"changed": not self._is_live(), "objects": [], "besides_image": [], "image": self._image}
        changes = self._overlay.apply(self._manifest, dry_run=True)
        lines = [str(change) for change in changes]
        return {"changed": _changed(lines), "objects": lines, "besides_image": self._besides(changes), "image": self._image}

    def bring(self, plan: Mapping[str, Any], safe_point: SafePoint, say: Callable[[str], None]) -> tuple[list[str], Applied]:
        """A line for each object, and the Deployment as it was applied; nothing is written before the dry run has passed."""
        if self._by_git:
            word = "unchanged" if self._is_live() else "configured"
            GitOpsOwner(self._cluster, self._args["gitops"]).wait_for(self._image, self._args["gitops_timeout"], safe_point, say)
            return [f"deployment/{self._cluster.deployment_name} {word}"], self._applied(self._cluster.deployment())
        besides = self._besides(self._overlay.apply(self._manifest, dry_run=True))
        if besides:
            say(f"besides the image this changes {'; '.join(besides[:5])}" + (f" and {len(besides) - 5} more" if len(besides) > 5 else ""))
        if new := unexpected(besides, plan):
            raise UpgradeError(
                f"Applying the overlay would now change more than the image and what the plan had found: {'; '.join(new[:3])}.",
                next_step="Somebody changed the overlay or the cluster since the plan: run the same command again, which plans anew.",
                evidence=new,
            )
        changes = self._overlay.apply(self._manifest)
        name = f"deployment/{self._cluster.deployment_name}"
        return [str(change) for change in changes], self._applied(next(change.after for change in changes if change.name == name))

    @property
    def _by_git(self) -> bool:
        return bool(self._args["apply"] == "gitops")

    def _is_live(self) -> bool:
        return bool(self._cluster.container(self._cluster.deployment())["image"] == self._image)

    def _besides(self, changes: Sequence[ObjectChange]) -> list[str]:
        return besides_image(changes, self._cluster.deployment_name, self._cluster.container_name)

    def _applied(self, deployment: Mapping[str, Any]) -> Applied:
        return applied(deployment, self._cluster.container_name, self._image)


def _changed(lines: Sequence[str]) -> bool:
    return any(not line.endswith(" unchanged") for line in lines)
