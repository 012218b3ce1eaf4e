# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs of a run: made with their Secret, waited for with their words, and always cleaned up."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.state import broken, job_state, unschedulable
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.clients import reason
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster, Object
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.changes import UnreachableError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint

POLL_SECONDS = 1.0


class Jobs:
    """Runs one Job at a time in the deployment's namespace."""

    def __init__(self, cluster: Cluster, safe_point: SafePoint, say: Callable[[str], None]) -> None:
        self._cluster = cluster
        self._safe_point = safe_point
        self._say = say

    @contextlib.contextmanager
    def secret(self, name: str, labels: Mapping[str, str], files: Mapping[str, str]) -> Iterator[None]:
        """A Secret that lives as long as the block: pgpass and scripts for the Job's volume."""
        data = {key: base64.b64encode(value.encode()).decode() for key, value in files.items()}
        self._cluster.delete("Secret", name)
        self._cluster.create(
            "Secret", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "labels": dict(labels)}, "data": data}
        )
        try:
            yield
        finally:
            self._cluster.delete("Secret", name)

    def run(self, job: Object, timeout: int, progress: Callable[[Sequence[tuple[str, str]]], str] | None = None) -> dict[str, str]:
        """Run the Job to its end and give the logs by container; a failed one raises with its own last words.

        `progress` gives more words for the live line, from the (pod, container) that run.
        """
        name = job["metadata"]["name"]
        self._stop(name, timeout)
        self._cluster.create("Job", job)
        try:
            state, message = self._wait(name, timeout, progress)
            logs = self._logs(name)
            if state != "complete":
                lines = [line for log in logs.values() for line in log.splitlines() if line.strip()]
                raise UpgradeError(f"The Job {name} failed: {reason(lines) if lines else message}", evidence=tuple(lines[-8:]))
            return logs
        finally:
            self._cluster.delete("Job", name)

    def forget(self, name: str, timeout: int) -> None:
        """End a Job of a run that was killed, with its Secret."""
        self._stop(name, timeout)
        self._cluster.delete("Secret", name)

    def _stop(self, name: str, timeout: int) -> None:
        """Delete an earlier Job and wait until it and its pods, which would work on or speak for the new one, are gone."""
        self._cluster.delete("Job", name)
        began = time.monotonic()
        while self._cluster.get("Job", name) is not None or self._pods(name):
            if time.monotonic() - began >= timeout:
                raise UpgradeError(f"The pods of an earlier Job {name} do not end.", next_step="Look at them and at their node.")
            self._safe_point.pause(POLL_SECONDS)

    def _wait(self, name: str, timeout: int, progress: Callable[[Sequence[tuple[str, str]]], str] | None) -> tuple[str, str]:
        started = time.monotonic()
        while time.monotonic() - started < timeout:
            try:
                if (ended := self._look(name, f"{int(time.monotonic() - started) // 10 * 10} s", progress)) is not None:
                    return ended
            except UnreachableError as error:
                self._say(f"waiting for the API server: {error.message}")
            self._safe_point.pause(POLL_SECONDS)
        raise UpgradeError(f"The Job {name} did not end within {timeout} s.", next_step="Raise its time-out, or look at its pod.")

    def _look(self, name: str, passed: str, progress: Callable[[Sequence[tuple[str, str]]], str] | None) -> tuple[str, str] | None:
        """How the Job ended; None while it runs."""
        job = self._cluster.get("Job", name)
        if job is None:
            raise UpgradeError(f"The Job {name} was deleted by somebody else while it ran.", next_step="Run the same command again.")
        state, message = job_state(job)
        if state != "running":
            return state, message
        pods = self._pods(name)
        self._refuse_stuck(name, pods)
        words = progress(_running(pods)) if progress else ""
        self._say(f"{name}: {_phase(pods)}, {passed}" + (f"; {words}" if words else ""))
        return None

    def _pods(self, name: str) -> list[Object]:
        return self._cluster.find_all("Pod", labels={"batch.kubernetes.io/job-name": name})

    def _refuse_stuck(self, name: str, pods: list[Object]) -> None:
        """A pod that can never run ends the wait at once, with its own words."""
        for pod in pods:
            if unschedulable(pod):
                conditions = [str(item.get("message", "")) for item in pod["status"].get("conditions", []) if item.get("status") == "False"]
                raise UpgradeError(f"The Job {name} finds no place: {'; '.join(filter(None, conditions))}")
            if reason := broken(pod):
                waiting = [status.get("state", {}).get("waiting", {}) for status in _statuses(pod)]
                words = "; ".join(dict.fromkeys(str(item["message"]) for item in waiting if item.get("message")))
                raise UpgradeError(f"The Job {name} cannot start: {reason}: {words}")

    def _logs(self, name: str) -> dict[str, str]:
        return {
            status["name"]: self._cluster.log(pod["metadata"]["name"], status["name"])
            for pod in self._pods(name)
            for status in _statuses(pod)
        }


def _statuses(pod: Mapping[str, Any]) -> list[dict[str, Any]]:
    status = pod.get("status", {})
    return [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]


def _running(pods: list[Object]) -> list[tuple[str, str]]:
    """(pod, container) of those that run."""
    return [(pod["metadata"]["name"], status["name"]) for pod in pods for status in _statuses(pod) if "running" in status.get("state", {})]


def _phase(pods: list[Object]) -> str:
    running = _running(pods)
    return f"{running[0][1]} runs" if running else "starting"
