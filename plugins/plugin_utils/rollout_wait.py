# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a rollout: the state is a decision (rollout.state), the waiting is here."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.state import RolloutState, classify
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster, Object
from ansible_collections.ampora.upgrades.plugins.plugin_utils.safe_point import SafePoint

POLL_SECONDS = 1.0
# "complete" must be seen in two polls: between two of the controller's writes the numbers may fit by chance.
SEEN_COMPLETE = 2
LOG_LINES = 5


def read_state(cluster: Cluster) -> tuple[RolloutState, list[Object]]:
    """The rollout's state now, and the Deployment's pods."""
    deployment = cluster.deployment()
    selector = deployment["spec"]["selector"].get("matchLabels", {})
    replica_sets = cluster.find_all("ReplicaSet", labels=selector)
    pods = cluster.find_all("Pod", labels=selector)
    state = classify(deployment, replica_sets, pods)
    if state.state == "stuck":
        state = classify(deployment, replica_sets, pods, cluster.find_all("Event", fields="type=Warning"))
    return state, pods


def wait_for_rollout(cluster: Cluster, timeout: int, safe_point: SafePoint, say: Callable[[str], None]) -> dict[str, Any]:
    """Wait until the rollout is complete; stop at once, with the pods' own words, when it is stuck.

    Returns seconds and the replica counts; raises UpgradeError with the evidence.
    """
    started = time.monotonic()
    seen = 0
    while (passed := time.monotonic() - started) < timeout:
        state, pods = read_state(cluster)
        counts = state.replicas
        say(
            f"{counts.get('updated', 0)} of {counts.get('desired', 0)} pods updated, {counts.get('available', 0)} available,"
            f" {counts.get('old', 0)} old ({state.message})"
        )
        if state.state == "stuck":
            raise UpgradeError(
                f"The rollout of {cluster.deployment_name} is stuck: {state.reason}: {state.message}",
                next_step="Mend the cause, or go back with rollback.yml.",
                evidence=(*state.evidence, *_last_words(cluster, pods)),
            )
        seen = seen + 1 if state.state == "complete" else 0
        if seen == SEEN_COMPLETE:
            return {"seconds": round(passed, 1), "replicas": dict(counts)}
        safe_point.pause(POLL_SECONDS)
    raise UpgradeError(
        f"The rollout of {cluster.deployment_name} is not complete after {timeout} s (ampora_rollout_timeout): {state.message}",
        next_step="Look at the pods, then run the same command again or go back with rollback.yml.",
        evidence=state.evidence,
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
