# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of a restore: beside, made alike, verified, old pods gone, swapped, previous image started.

Before the swap the live database is untouched, and a failure puts the pods back; after it the replaced database is
kept under the run's name, so that the swap can be swapped back. Where the role may not create databases, the restore
is one transaction in the live database itself.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.damage import differences as row_differences
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback import names
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.starting import start
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.server import Server
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.catalog import compare, find_catalog, read_catalog
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.scratch import dropped_on_failure
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import Snapshots
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.loss_guard import LossGuard
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.swapping import Swapping

UNTOUCHED = "The live database was not touched."


class Restoring:
    """One restore."""

    def __init__(
        self, cluster: Cluster, database: Database, snapshots: Snapshots, safe_point: SafePoint, say: Callable[[str], None]
    ) -> None:
        self._cluster = cluster
        self._database = database
        self._server = Server(database, say)
        self._snapshots = snapshots
        self._live = database.parameters.database
        self._swapping = Swapping(cluster, self._server, self._live, safe_point, say)
        self._safe_point = safe_point
        self._say = say

    def run(self, manifest: Manifest, previous: Mapping[str, Any], run: str, timeout: int, guard: LossGuard) -> dict[str, Any]:
        """Beside and swap. Returns what Swapping does, restore_seconds, and `to_do`: statements for an administrator."""
        beside = names.beside(self._live, run)
        guard.look()
        began = time.monotonic()
        with self._scratch(beside):
            self._snapshots.restore_beside(manifest, run, beside, lambda name: self._server.create_like(name, self._live))
            to_do = self._make_alike(beside)
            self._verify(manifest, self._database.of(beside), UNTOUCHED)
        restored = round(time.monotonic() - began, 1)
        swapped = self._swapping.run(beside, run, previous, timeout, guard.look)
        return {**swapped, "in_place": False, "restore_seconds": restored, "to_do": to_do}

    def run_in_place(self, manifest: Manifest, previous: Mapping[str, Any], run: str, timeout: int, guard: LossGuard) -> dict[str, Any]:
        """In one transaction, in the live database. What it replaced is not kept."""
        guard.look()
        began = time.monotonic()
        with self._swapping.stopped(previous, timeout):
            self._server.end_sessions(self._live)
            guard.look()
            self._snapshots.restore_in_place(manifest, run)
        restored = round(time.monotonic() - began, 1)
        self._verify(manifest, self._database, "No pod runs: look at the database before you start the previous image.")
        started = start(self._cluster, previous, timeout, self._safe_point, self._say)
        down = round(time.monotonic() - began, 1)
        return {**started, "in_place": True, "restore_seconds": restored, "down_seconds": down, "kept_database": "", "to_do": []}

    @contextlib.contextmanager
    def _scratch(self, beside: str) -> Iterator[None]:
        """A database that an earlier attempt has left, and one that is not good, are dropped."""
        self._database.drop(beside)
        with dropped_on_failure(self._database, beside, self._say):
            yield

    def _make_alike(self, beside: str) -> list[str]:
        """What belongs to the database and to no dump; a difference that only an administrator can mend is left to one."""
        different, refused = self._server.make_alike(beside, self._live)
        fixed = [str(item) for item in different if not item.fact.startswith(("setting ", "grant ", "connection limit", "comment"))]
        if fixed:
            raise UpgradeError(f"The new database is not like {self._live}: {'; '.join(fixed)}.", next_step=UNTOUCHED, evidence=fixed)
        for statement in refused:
            self._say(f"for an administrator, after the restore: {statement}")
        return refused

    def _verify(self, manifest: Manifest, restored: Database, next_step: str) -> None:
        """Row counts and migrations against the manifest, and everything else against the catalogue's reading of that time."""
        rows, migrations = restored.rows(), tuple(restored.migrations())
        wrong = row_differences(manifest, rows, migrations)
        wrong += [*self._compare_catalog(manifest, restored), *self._snapshots.problems(restored)]
        if wrong:
            raise UpgradeError(
                f"The restored database differs from its manifest: {'; '.join(wrong[:5])}.", next_step=next_step, evidence=wrong
            )

    def _compare_catalog(self, manifest: Manifest, restored: Database) -> list[str]:
        before = find_catalog(self._cluster, manifest.id)
        if before is None:
            self._say("the snapshot has no reading of its catalogue: owners, grants and policies are not compared")
            return []
        return compare(before, read_catalog(restored))
