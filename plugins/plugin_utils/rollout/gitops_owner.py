# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a GitOps controller to bring what was committed, instead of applying it: it would take a direct change back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.gitops import OwnerState, owner_state, refresh_annotations
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.changes import UnreachableError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint

KINDS = ("Application", "Kustomization")


def refuse_beside(apply: str) -> None:
    """What stops and starts the pods by itself cannot be done beside a controller that would start them again in the middle."""
    if apply == "gitops":
        raise UpgradeError(
            "ampora_apply is gitops, and swapping databases stops the pods and starts them on another image: the GitOps controller would"
            " start its own in the middle of it.",
            next_step="Turn its automatic sync off, and run this again with -e ampora_apply=kubectl; the overlay is pinned back.",
        )


class GitOpsOwner:
    """The controller that keeps the deployment; with a name, its own object is asked to look at Git now, and for its words."""

    def __init__(self, cluster: Cluster, options: Mapping[str, Any]) -> None:
        self._cluster = cluster
        self._kind, self._name = str(options["kind"]), str(options["name"])
        self._home = cluster.elsewhere(str(options["namespace"]) or cluster.namespace)

    def wait_for(self, image: str, timeout: int, safe_point: SafePoint, say: Callable[[str], None]) -> float:
        """Seconds until the Deployment has the image; an error with the controller's own words when it does not come."""
        started = time.monotonic()
        self._refresh()
        state = OwnerState("")
        with self._cluster.changes("Deployment", labels={}) as changes:
            while (passed := time.monotonic() - started) < timeout:
                try:
                    if self._cluster.container(self._cluster.deployment())["image"] == image:
                        return round(passed, 1)
                    state = self._state()
                    say(f"waiting for {image} to come from Git" + (f" ({state.words})" if state.words else ""))
                except UnreachableError as error:
                    say(f"waiting for the API server: {error.message}")
                changes.wait(safe_point)
        why = f": {state.failure}" if state.failure else (f" ({state.words})" if state.words else "")
        raise UpgradeError(
            f"The GitOps controller has not brought {image} after {timeout} s (ampora_gitops_timeout){why}.",
            next_step="See that the commit is on the branch that it follows and that it syncs, then run the same command again.",
        )

    def _refresh(self) -> None:
        if self._name:
            moment = datetime.now(UTC).isoformat(timespec="seconds")
            self._home.annotate(self._kind, self._name, refresh_annotations(self._kind, moment))

    def _state(self) -> OwnerState:
        found = self._home.get(self._kind, self._name) if self._name else None
        return owner_state(self._kind, found) if found else OwnerState("")
