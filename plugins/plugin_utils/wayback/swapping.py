# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two databases of the deployment change places: its pods gone, its sessions gone, the swap, and what belongs to it started.

Whatever fails before the swap puts the pods back as they were; whatever fails after it names the one command that swaps back.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback import names
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.image_patch import scale
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.rollout_wait import wait_until_gone
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.starting import start
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.server import Server

QUIET_SECONDS = 15  # sessions of pods that are gone end by themselves; those of a pool or of a person are ended after this
POLL_SECONDS = 1.0


class Swapping:
    """One swap of the deployment's database `live`."""

    def __init__(self, cluster: Cluster, server: Server, live: str, safe_point: SafePoint, say: Callable[[str], None]) -> None:
        self._cluster = cluster
        self._server = server
        self._live = live
        self._safe_point = safe_point
        self._say = say

    def run(
        self, replacement: str, run: str, recorded: Mapping[str, Any], timeout: int, last_look: Callable[[], None] = lambda: None
    ) -> dict[str, Any]:
        """Put `replacement` in the place of the live database and start what was recorded with it.

        `last_look` is asked when nobody can write any more; what it raises leaves the live database where it is.

        The replaced one is kept under the name of `run`. Returns what `start` does, kept_database, swap_seconds, down_seconds.
        """
        kept = names.kept(self._live, run)
        if foreign := self._server.sessions_of(self._live, only_foreign=True):
            raise UpgradeError(
                f"Sessions of {self._live} are of roles that this role may not end: {', '.join(foreign[:5])}. Nothing was stopped.",
                next_step="End them, or grant pg_signal_backend to this role, then run the same command again.",
                evidence=foreign,
            )
        began = time.monotonic()
        with self.stopped(recorded, timeout):
            last_look()
            at = time.monotonic()
            self._server.swap(self._live, replacement, kept)
            swapped = time.monotonic() - at
        self._say(f"the databases are swapped after {swapped:.2f} s; the replaced one is kept as {kept}")
        try:
            started = start(self._cluster, recorded, timeout, self._safe_point, self._say)
        except UpgradeError as error:
            raise UpgradeError(
                f"The databases are swapped (the replaced one is kept as {kept}), and then: {error.message}",
                next_step=f"Run the same command again to go on, or swap back: {swap_back_command(run)}",
                evidence=error.evidence,
            ) from error
        down = round(time.monotonic() - began, 1)
        return {**started, "kept_database": kept, "swap_seconds": round(swapped, 2), "down_seconds": down}

    @contextlib.contextmanager
    def stopped(self, recorded: Mapping[str, Any], timeout: int) -> Iterator[None]:
        """No pod and no session while the block runs; a block that fails gets the pods back."""
        replicas = int(self._cluster.deployment()["spec"].get("replicas", 1) or recorded.get("replicas") or 1)
        try:
            scale(self._cluster, 0)
            wait_until_gone(self._cluster, timeout, self._safe_point, self._say)
            self._quiet()
            yield
        except BaseException:  # whatever it is, nobody may be left without a pod
            scale(self._cluster, replicas)
            raise

    def _quiet(self) -> None:
        """Give sessions the time to end; the swap ends those that stay, which is said."""
        began = time.monotonic()
        while sessions := self._server.sessions_of(self._live):
            if time.monotonic() - began >= QUIET_SECONDS:
                self._say(f"{len(sessions)} sessions stay and are ended: {', '.join(sessions[:5])}")
                self._server.end_sessions(self._live)
                return
            self._say(f"{len(sessions)} sessions of {self._live} are ending")
            self._safe_point.pause(POLL_SECONDS)


def swap_back_command(run: str) -> str:
    """The one command that undoes the swap of a run."""
    return f"ansible-playbook ampora.upgrades.rollback -e ampora_swap_back={run}"
