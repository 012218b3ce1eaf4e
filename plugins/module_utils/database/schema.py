# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the database's schema changed: read from its migration history, never from a version number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class SchemaChange:
    """The difference between two readings of the migration history."""

    state: Literal["unchanged", "migrated", "unknown"]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def applied(before: Sequence[str] | None, after: Sequence[str] | None) -> SchemaChange:
    """Compare two readings; None means that the history could not be read, which is "unknown" and never "unchanged"."""
    if before is None or after is None:
        return SchemaChange("unknown")
    old, new = set(before), set(after)
    added = tuple(dict.fromkeys(m for m in after if m not in old))
    removed = tuple(dict.fromkeys(m for m in before if m not in new))
    return SchemaChange("migrated" if added or removed else "unchanged", added, removed)
