# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Deployment's controller of a namespace in memory: whatever is written, the pods follow at once, unless told not to."""

from __future__ import annotations

from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Object

from tests.unit.doubles.kubernetes import Kubernetes, pod


class Controller:
    """`idle` leaves the pods as they are; `image_id` is what new pods run."""

    def __init__(self, cluster: Kubernetes, *, image_id: str = "") -> None:
        self.idle = False
        self.image_id = image_id
        self._cluster = cluster
        cluster.after["patch Deployment"] = self.settle
        cluster.after["patch Deployment/scale"] = self.settle

    def settle(self, deployment: Object) -> None:
        """Make the pods and the status what the Deployment asks for."""
        deployment["metadata"]["generation"] += 1
        if self.idle:
            return
        replicas = int(deployment["spec"]["replicas"])
        counts = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), replicas)
        deployment["status"] = {**counts, "observedGeneration": deployment["metadata"]["generation"]}
        for kind, name in list(self._cluster.objects):
            if kind == "Pod":
                del self._cluster.objects[kind, name]
        for number in range(replicas):
            self._cluster.add("Pod", pod(str(number), image_id=self.image_id))
