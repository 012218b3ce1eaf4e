# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a kept database, before it is dropped: its size, since when, and which rows are in it and nowhere else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import DEPLOYMENT_LABEL, KIND_LABEL
from ansible_collections.ampora.upgrades.plugins.plugin_utils.server import Server
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import find_manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.kept import Kept


def describe(cluster: Cluster, server: Server, database: Database, one: Kept, journals: Sequence[Journal]) -> dict[str, Any]:
    """name, run, size (bytes), since, rows, newer_rows (more than the snapshot that replaced it had), and all of it as `text`."""
    journal = next((journal for journal in journals if journal.run == one.run), None)
    # A run that broke off after its swap has not recorded the snapshot, whose id is that of the upgrade it went back from.
    manifest = find_manifest(cluster, str(journal.plan.get("of", ""))) if journal else None
    with _open(server, one):
        rows = database.of(one.name).rows()
    newer = more_rows(rows, manifest.rows) if manifest else {}
    since = f"{journal.started_at:%Y-%m-%dT%H:%M:%SZ}" if journal else ""
    words = ", ".join(f"{table} {count}" for table, count in sorted(newer.items())) or ("none" if manifest else "not known")
    what = f"{'kept' if one.replaced else 'an unfinished restore'} since {since or 'a run without a journal'}"
    return {
        "name": one.name,
        "run": one.run,
        "size": one.size,
        "since": since,
        "rows": sum(rows.values()),
        "newer_rows": newer,
        "text": f"{one.name}: {one.size} bytes, {what}, {sum(rows.values())} rows in {len(rows)} tables;"
        f" rows newer than the snapshot that took its place: {words}",
    }


@contextlib.contextmanager
def _open(server: Server, one: Kept) -> Iterator[None]:
    """A kept database admits nobody, so that nobody writes into it by mistake: only while it is looked at it does."""
    if one.shut:
        server.admit(one.name, True)
    try:
        yield
    finally:
        if one.shut:
            server.admit(one.name, False)


def snapshots_that_stay(cluster: Cluster) -> list[str]:
    """The ids of the deployment's snapshots, the oldest first."""
    labels = {DEPLOYMENT_LABEL: cluster.deployment_name, KIND_LABEL: "snapshot"}
    return sorted(item["metadata"]["name"].removeprefix("upgrade-snapshot-") for item in cluster.find_all("ConfigMap", labels=labels))


def more_rows(now: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """How many rows each table has more than before; tables that have no more are left out."""
    return {table: count - before.get(table, 0) for table, count in now.items() if count > before.get(table, 0)}
