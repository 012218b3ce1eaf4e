# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of a restore: beside, verified, old pods gone, swapped, previous image started.

Before the swap the live database is untouched, and a failure puts the replicas back; after it the replaced database is
kept under the run's name, so that the swap can be swapped back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image_patch import patch_image, previous_image, scale
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout_wait import wait_for_rollout, wait_until_gone
from ansible_collections.ampora.upgrades.plugins.plugin_utils.safe_point import SafePoint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshots import Snapshots

MAX_NAME = 63  # PostgreSQL cuts longer identifiers without a word


def database_names(live: str, run: str) -> tuple[str, str]:
    """Names for the restored and for the kept database of a run."""
    suffix = run.replace("-", "_")
    stem = live[: MAX_NAME - len(suffix) - len("_restore_")]
    return f"{stem}_restore_{suffix}", f"{stem}_failed_{suffix}"


class Restoring:
    """One restore."""

    def __init__(
        self, cluster: Cluster, database: Database, snapshots: Snapshots, safe_point: SafePoint, say: Callable[[str], None]
    ) -> None:
        self._cluster = cluster
        self._database = database
        self._snapshots = snapshots
        self._safe_point = safe_point
        self._say = say

    def run(self, manifest: Manifest, previous: Mapping[str, Any], run: str, timeout: int) -> dict[str, Any]:
        live = self._database.parameters.database
        beside, kept = database_names(live, run)
        self._database.drop(beside)
        self._snapshots.restore_beside(manifest, run, beside)
        self._verify(manifest, beside)
        replicas = int(previous.get("replicas") or 1)
        stopped = time.monotonic()
        try:
            scale(self._cluster, 0)
            wait_until_gone(self._cluster, timeout, self._safe_point, self._say)
            began = time.monotonic()
            self._database.swap(live, beside, kept)
        except BaseException:  # whatever it is, nobody may be left without a pod
            scale(self._cluster, replicas)
            raise
        swapped = time.monotonic() - began
        patch_image(self._cluster, previous_image(dict(previous)))
        scale(self._cluster, replicas)
        waited = wait_for_rollout(self._cluster, timeout, self._safe_point, self._say)
        return {
            "version": previous["version"],
            "image": previous_image(dict(previous)),
            "kept_database": kept,
            "swap_seconds": round(swapped, 2),
            "down_seconds": round(time.monotonic() - stopped, 1),
            **waited,
        }

    def _verify(self, manifest: Manifest, beside: str) -> None:
        """Row counts and migrations of the restored database against the manifest; it is dropped when they differ."""
        restored = self._database.of(beside)
        rows, migrations = restored.rows(), tuple(restored.migrations())
        wrong = [f"{table}: {rows.get(table, 0)} rows, not {count}" for table, count in manifest.rows.items() if rows.get(table) != count]
        if migrations != manifest.migrations:
            wrong.append(f"migrations: {len(migrations)}, not {len(manifest.migrations)}")
        if wrong:
            self._database.drop(beside)
            raise UpgradeError(
                f"The restored database differs from its manifest: {'; '.join(wrong[:5])}.",
                next_step="The live database was not touched.",
                evidence=wrong,
            )
