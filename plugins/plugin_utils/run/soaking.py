# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Letting a new version run for a while before it is accepted, with an eye on its pods."""

from __future__ import annotations

import time
from collections.abc import Callable

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan_text import duration
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.changes import UnreachableError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.rollout_wait import read_state
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint

POLL_SECONDS = 10.0
PATIENCE_SECONDS = 60.0  # a pod may be moved to another node meanwhile; one that does not come back is no health


def soak(cluster: Cluster, until: float, safe_point: SafePoint, say: Callable[[str], None]) -> None:
    """Wait until then (unix seconds); an error with the pods' own words when the Deployment is not whole for a minute."""
    whole = time.time()
    while (left := until - time.time()) > 0:
        words, evidence = _look(cluster)
        if words:
            say(f"soaking, {duration(left)} left: {words}")
        if not evidence:
            whole = time.time()
        elif time.time() - whole >= PATIENCE_SECONDS:
            raise UpgradeError(
                f"While {cluster.deployment_name} soaked it was not whole for {PATIENCE_SECONDS:.0f} s: {words}.",
                next_step="Look at the pods, then run the same command again or go back with rollback.yml.",
                evidence=evidence,
            )
        safe_point.pause(min(POLL_SECONDS, left))


def _look(cluster: Cluster) -> tuple[str, tuple[str, ...]]:
    """(what is seen, what is wrong); an API server that does not answer says nothing of the pods."""
    try:
        state, _deployment, _pods = read_state(cluster)
    except UnreachableError as error:
        return f"the API server does not answer: {error.message}", ()
    words = f"{state.replicas.get('available', 0)} of {state.replicas.get('desired', 0)} pods available"
    return words, () if state.state == "complete" else (state.message, *state.evidence)
