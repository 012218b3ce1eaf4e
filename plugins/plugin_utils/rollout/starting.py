# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting what was recorded: its template or image, its pods where nobody runs, and the wait until they all do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.image_patch import put_back, put_back_pods, scale
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.rollout_wait import StuckError, wait_for_rollout
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint

# Where no new pod finds a place, the old ones can still be the Deployment's again.
NO_ROOM = ("Unschedulable", "ReplicaFailure")


def start(cluster: Cluster, recorded: Mapping[str, Any], timeout: int, safe_point: SafePoint, say: Callable[[str], None]) -> dict[str, Any]:
    """Bring back what was recorded (version, image, digest, revision, replicas).

    Returns changed, version, image, revision, by (see PutBack), seconds, replicas.
    """
    restored = put_back(cluster, recorded)
    say(str(restored))
    # Whoever stopped the pods for a swap and was killed after it has left nobody running.
    stopped = not cluster.deployment()["spec"].get("replicas", 1)
    if stopped:
        scale(cluster, int(recorded.get("replicas") or 1))
    try:
        waited = wait_for_rollout(cluster, timeout, safe_point, say)
    except StuckError as error:
        standing = put_back_pods(cluster, recorded) if error.reason in NO_ROOM else None
        if standing is None:
            raise
        restored = standing
        say(str(restored))
        waited = wait_for_rollout(cluster, timeout, safe_point, say)
    return {
        "changed": restored.changed or stopped,
        "version": recorded["version"],
        "image": restored.image,
        "revision": restored.revision,
        "by": restored.by,
        **waited,
    }
