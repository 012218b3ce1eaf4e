# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the database's schema changed: read from its migration history, never from a version number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

SchemaState = Literal["unchanged", "migrated", "running", "unknown"]

_NOT_RECORDED = "which migrations were applied before is not recorded"


@dataclass(frozen=True)
class History:
    """One reading of the migration history; what is not "read" says in `words` why, and has no ids that count.

    "running" is information (a migration holds its lock now, so wait), "unreadable" is not (connection, permission,
    a table that is not there): neither ever means "no change".
    """

    state: Literal["read", "running", "unreadable"]
    migrations: tuple[str, ...] = ()
    words: str = ""

    @property
    def ids(self) -> tuple[str, ...] | None:
        """The ids that count, or None."""
        return self.migrations if self.state == "read" else None


@dataclass(frozen=True)
class SchemaChange:
    """The difference between two readings of the migration history."""

    state: SchemaState
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    words: str = ""  # why it is "running" or "unknown"


def applied(before: Sequence[str] | None, after: Sequence[str] | None) -> SchemaChange:
    """Compare two lists of ids; None means that the history could not be read, which is "unknown" and never "unchanged"."""
    if before is None or after is None:
        return SchemaChange("unknown", words=_NOT_RECORDED if before is None else "")
    old, new = set(before), set(after)
    added = tuple(dict.fromkeys(m for m in after if m not in old))
    removed = tuple(dict.fromkeys(m for m in before if m not in new))
    return SchemaChange("migrated" if added or removed else "unchanged", added, removed)


def compare(before: Sequence[str] | None, now: History) -> SchemaChange:
    """What has changed since `before`, by a reading of now."""
    if now.state == "running":
        return SchemaChange("running", words=now.words)
    if now.state == "unreadable":
        return SchemaChange("unknown", words=now.words)
    return applied(before, now.migrations)
