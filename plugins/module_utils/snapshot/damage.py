# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is no longer as the manifest says: of a snapshot's files, and of a database that was restored from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest

SHOWN = 5


def damage(files: Mapping[str, Mapping[str, Any]], found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """In words what differs; both are path -> sha256 and size."""
    wrong = []
    for path, entry in sorted(files.items()):
        now = found.get(path)
        if now is None:
            wrong.append(f"{path} is missing")
        elif now["size"] != entry["size"]:
            wrong.append(f"{path} has {now['size']} bytes and had {entry['size']}")
        elif now["sha256"] != entry["sha256"]:
            wrong.append(f"{path} has another content (sha256)")
    return wrong + [f"{path} was not there" for path in sorted(set(found) - set(files))]


def refuse_damaged(manifest: Manifest, wrong: Sequence[str]) -> None:
    """Refuse a snapshot that is not as its manifest says."""
    if wrong:
        more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise UpgradeError(
            f"The snapshot {manifest.id} is damaged: {'; '.join(wrong[:SHOWN])}{more}.",
            next_step="Nothing was changed. Put its files back from a copy, or go back to another snapshot.",
            evidence=wrong,
        )


def differences(manifest: Manifest, rows: Mapping[str, int], migrations: Sequence[str]) -> list[str]:
    """In words how a restored database differs from what was saved: rows per table, and the migrations.

    Rows of a tool's own snapshot were counted just before it began: then only a table that has lost all of its rows is wrong.
    """
    about = manifest.consistency == "unknown" and manifest.proof != "restored"
    wrong = [
        f"{table}: {rows.get(table, 0)} rows, not {'about ' if about else ''}{count}"
        for table, count in manifest.rows.items()
        if table not in rows or (count > 0 == rows[table] if about else rows[table] != count)
    ]
    wrong += [f"{table}: is not in the snapshot" for table in sorted(set(rows) - set(manifest.rows))]
    if tuple(migrations) != manifest.migrations:
        last = manifest.migrations[-1] if manifest.migrations else "none"
        now = migrations[-1] if migrations else "none"
        wrong.append(f"migrations: {len(migrations)} (the last: {now}), not {len(manifest.migrations)} (the last: {last})")
    return wrong
