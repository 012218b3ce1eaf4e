# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs the Jobs of a namespace in memory: each ends at once, as a test says by the name of its container."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Object

from tests.unit.doubles.kubernetes import Kubernetes, plain


@dataclass
class End:
    """How a Job ends: `condition` empty means that it runs on."""

    condition: str = "Complete"
    logs: dict[str, str] = field(default_factory=dict)
    message: str = ""
    waiting: dict[str, str] | None = None
    conditions: list[Object] = field(default_factory=list)


class Kubelet:
    """`ends` by the name of any container of the Job; what is not there is complete and silent."""

    def __init__(self, cluster: Kubernetes) -> None:
        self.ends: dict[str, End] = {}
        self.jobs: list[Object] = []
        self.leaves_pods = False
        self.running = ""  # the only container that runs while a Job has no end
        self._cluster = cluster
        cluster.after["create Job"] = self._run
        cluster.after["delete Job"] = self._remove

    def _run(self, job: Object) -> None:
        self.jobs.append(plain(job))
        spec = job["spec"]["template"]["spec"]
        names = [entry["name"] for entry in [*spec.get("initContainers", []), *spec["containers"]]]
        end = next((self.ends[name] for name in names if name in self.ends), End())
        job["status"] = {"conditions": [{"type": end.condition, "status": "True", "message": end.message}]} if end.condition else {}
        self._pod(str(job["metadata"]["name"]), names, end)

    def finish(self, end: End) -> None:
        """The last Job, which runs on, ends now."""
        name = str(self.jobs[-1]["metadata"]["name"])
        job = self._cluster.objects["Job", name]
        self.remove_pods(name)
        job["status"] = {"conditions": [{"type": end.condition, "status": "True", "message": end.message}]}
        spec = job["spec"]["template"]["spec"]
        self._pod(name, [entry["name"] for entry in [*spec.get("initContainers", []), *spec["containers"]]], end)

    def _pod(self, job: str, names: list[str], end: End) -> None:
        number = len(self.jobs)
        state: Object = {"terminated": {}} if end.condition else {"running": {}}
        statuses = [{"name": name, "state": {"waiting": {"reason": "PodInitializing"}} if end.waiting else state} for name in names]
        if self.running and not end.condition:
            for status in statuses:
                status["state"] = {"running": {}} if status["name"] == self.running else {"terminated": {}}
        if end.waiting:  # the first one waits for its image, the others for the first
            statuses[0]["state"] = {"waiting": end.waiting}
        pod = {
            "metadata": {"name": f"{job}-{number}", "labels": {"batch.kubernetes.io/job-name": job}},
            "status": {"initContainerStatuses": statuses[:-1], "containerStatuses": statuses[-1:], "conditions": end.conditions},
        }
        self._cluster.add("Pod", pod)
        for name in names:
            self._cluster.logs[f"{job}-{number}", name] = end.logs.get(name, "")

    def _remove(self, job: Object) -> None:
        if not self.leaves_pods:
            self.remove_pods(str(job["metadata"]["name"]))

    def remove_pods(self, job: str) -> None:
        """The garbage collector, which may be late."""
        for kind, name in list(self._cluster.objects):
            labels = self._cluster.objects[kind, name]["metadata"].get("labels", {})
            if kind == "Pod" and labels.get("batch.kubernetes.io/job-name") == job:
                del self._cluster.objects[kind, name]
