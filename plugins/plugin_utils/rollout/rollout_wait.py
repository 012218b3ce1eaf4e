# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a rollout: the state is a decision (rollout.state), the waiting is here."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout import foreign
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.state import RolloutState, classify
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster, Object
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.changes import UnreachableError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.migration_watch import MigrationWatch
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint

POLL_SECONDS = 1.0
# "complete" must be seen in two looks: between two of the controller's writes the numbers may fit by chance.
SEEN_COMPLETE = 2
LOG_LINES = 5


@dataclass(frozen=True)
class Lookout:
    """What is looked out for beside the rollout itself; nothing of it by default.

    `applied` is what must stay as it was applied. `migration` explains pods that are not ready yet. A pod that runs and
    is not ready for `ready_timeout` seconds, with nothing moving and no migration running, is taken for broken (0: never).
    """

    applied: foreign.Applied | None = None
    migration: MigrationWatch | None = None
    ready_timeout: int = 0


def read_state(cluster: Cluster, *, evidence: bool = False) -> tuple[RolloutState, Object, list[Object]]:
    """The rollout's state now, the Deployment and its pods; events are read where they may say something."""
    deployment = cluster.deployment()
    selector = deployment["spec"]["selector"].get("matchLabels", {})
    replica_sets = cluster.find_all("ReplicaSet", labels=selector)
    pods = cluster.find_all("Pod", labels=selector)
    state = classify(deployment, replica_sets, pods)
    if state.state == "stuck" or evidence:
        state = classify(deployment, replica_sets, pods, cluster.find_all("Event"))
    return state, deployment, pods


def wait_for_rollout(
    cluster: Cluster, timeout: int, safe_point: SafePoint, say: Callable[[str], None], lookout: Lookout | None = None
) -> dict[str, Any]:
    """Wait until the rollout is complete; stop at once, with the pods' own words, when it is stuck.

    Returns seconds and the replica counts, and of what must stay as applied the fields that somebody else changed; raises
    UpgradeError with the evidence. What the release notes expect a migration to take is added to the time-out.
    """
    return _Wait(cluster, timeout, safe_point, say, lookout or Lookout()).run()


class StuckError(UpgradeError):
    """A rollout that cannot go on; `reason` is the cluster's word for why."""

    def __init__(self, reason: str, message: str, *, next_step: str, evidence: Sequence[str]) -> None:
        super().__init__(message, next_step=next_step, evidence=evidence)
        self.reason = reason


class _Wait:
    def __init__(self, cluster: Cluster, timeout: int, safe_point: SafePoint, say: Callable[[str], None], lookout: Lookout) -> None:
        self._cluster, self._safe_point, self._say, self._lookout = cluster, safe_point, say, lookout
        self._timeout = timeout + (lookout.migration.expected if lookout.migration else 0)
        self._started = self._moved = time.monotonic()
        self._seen: object = None
        self._complete = 0
        self._foreign: tuple[str, ...] = ()
        self._migrating = False

    def run(self) -> dict[str, Any]:
        labels = self._cluster.deployment()["spec"]["selector"].get("matchLabels", {})
        with self._cluster.changes("Deployment", "Pod", labels=labels) as changes:
            while (passed := time.monotonic() - self._started) < self._timeout:
                if (replicas := self._look()) is not None:
                    more = {"foreign_changes": list(self._foreign)} if self._lookout.applied is not None else {}
                    return {"seconds": round(passed, 1), "replicas": replicas, **more}
                if self._complete:
                    self._safe_point.pause(POLL_SECONDS)
                else:
                    changes.wait(self._safe_point)
        state, _deployment, pods = read_state(self._cluster, evidence=True)
        raise UpgradeError(
            f"The rollout of {self._cluster.deployment_name} is not complete after {self._timeout} s (ampora_rollout_timeout):"
            f" {state.message}",
            next_step="Look at the pods, then run the same command again or go back with rollback.yml.",
            evidence=(*state.evidence, *_last_words(self._cluster, pods)),
        )

    def _look(self) -> dict[str, int] | None:
        """The replica counts once the rollout is complete; None while it is not, be it that nobody answers."""
        try:
            state, deployment, pods = read_state(self._cluster)
        except UnreachableError as error:
            self._complete = 0
            self._say(f"waiting for the API server: {error.message}")
            return None
        self._note_foreign(deployment)
        self._note_progress(state, pods)
        self._say(self._line(state))
        if state.state == "stuck" and not (state.reason == "ProgressDeadlineExceeded" and self._migrating):
            raise self._stuck(state.reason, state.message, state, pods)
        self._refuse_unready(state)
        self._complete = self._complete + 1 if state.state == "complete" else 0
        return dict(state.replicas) if self._complete == SEEN_COMPLETE else None

    def _note_foreign(self, deployment: Object) -> None:
        if self._lookout.applied is None:
            return
        found = foreign.check(deployment, self._lookout.applied)
        if found and found != self._foreign:
            self._say(f"somebody else changed the Deployment {self._cluster.deployment_name} while it rolled: {', '.join(found)}")
        self._foreign = found or self._foreign

    def _note_progress(self, state: RolloutState, pods: Sequence[Object]) -> None:
        migration, added = self._lookout.migration, 0
        if migration is not None and state.state != "complete":
            unready = [(name, self._cluster.container_name) for name in state.unready]
            found = migration.look(unready)
            self._migrating, added = found.running, len(found.added)
        seen = (state.replicas, state.reason, state.unready, added, len(pods))
        if self._migrating or seen != self._seen:
            self._seen, self._moved = seen, time.monotonic()

    def _line(self, state: RolloutState) -> str:
        counts = state.replicas
        words = self._lookout.migration.words() if self._lookout.migration is not None and state.state != "complete" else ""
        return (
            f"{counts.get('updated', 0)} of {counts.get('desired', 0)} pods updated, {counts.get('available', 0)} available,"
            f" {counts.get('old', 0)} old ({state.message})" + (f"; {words}" if words else "")
        )

    def _refuse_unready(self, state: RolloutState) -> None:
        patience, still = self._lookout.ready_timeout, time.monotonic() - self._moved
        if not (patience and state.unready) or still < patience:
            return
        state, _deployment, pods = read_state(self._cluster, evidence=True)
        if state.unready:
            message = f"pod {state.unready[0]} of the new version runs and has not become ready in {still:.0f} s (ampora_ready_timeout)"
            raise self._stuck("NotReady", message, state, pods)

    def _stuck(self, reason: str, message: str, state: RolloutState, pods: Sequence[Object]) -> StuckError:
        return StuckError(
            reason,
            f"The rollout of {self._cluster.deployment_name} is stuck: {reason}: {message}",
            next_step="Mend the cause, or go back with rollback.yml.",
            evidence=(*state.evidence, *_last_words(self._cluster, pods)),
        )


def wait_until_gone(cluster: Cluster, timeout: int, safe_point: SafePoint, say: Callable[[str], None]) -> None:
    """Wait until the Deployment has no pod left, terminating ones counted."""
    started = time.monotonic()
    while time.monotonic() - started < timeout:
        pods = cluster.pods(cluster.deployment())
        if not pods:
            return
        say(f"{len(pods)} pods are stopping")
        safe_point.pause(POLL_SECONDS)
    raise UpgradeError(
        f"Pods of {cluster.deployment_name} are still there after {timeout} s.", next_step="Look at the pods, then run this again."
    )


def still_serving(cluster: Cluster) -> str:
    """What serves now, in words, for a failure ahead of the rollout: looked at and not assumed."""
    deployment = cluster.deployment()
    image = cluster.container(deployment)["image"]
    available, wanted = deployment.get("status", {}).get("availableReplicas", 0), deployment["spec"].get("replicas", 1)
    if available == wanted:
        return f"The old version still serves: all {wanted} pods of {image} are available"
    return f"Of the old version {image} {available} of {wanted} pods are available"


def _last_words(cluster: Cluster, pods: Sequence[Object]) -> list[str]:
    """The last log lines of containers that crashed."""
    lines = []
    for pod in pods:
        for status in pod.get("status", {}).get("containerStatuses", []):
            if status["name"] == cluster.container_name and status.get("restartCount", 0) > 0:
                name = pod["metadata"]["name"]
                log = cluster.log(name, status["name"], tail=LOG_LINES, previous=True)
                lines += [f"{name}: {line[:300]}" for line in log.splitlines()]
    return lines[:20]
