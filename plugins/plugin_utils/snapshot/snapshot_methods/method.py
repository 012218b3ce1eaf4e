# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every way to save a database can do, and what it works with.

A method knows where the bytes are and how to get them there and back. What is the same for all methods is not its
business: the manifest, its proof by a scratch restore, making and dropping databases, retention (`snapshots.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import DatabaseFacts
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import Forecast
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.jobs import Jobs


@dataclass(frozen=True)
class Tools:
    """What a method works with; `options` are the snapshot's inputs, `say` shows a line of progress."""

    cluster: Cluster
    database: Database
    options: Mapping[str, Any]
    history_query: str
    safe_point: SafePoint
    say: Callable[[str], None]

    @property
    def audit_query(self) -> str:
        """The id and the time of the newest audit row; empty where nobody knows the table."""
        return str(self.options.get("audit_query", ""))

    @property
    def jobs(self) -> Jobs:
        return Jobs(self.cluster, self.safe_point, self.say)


@dataclass(frozen=True)
class Taken:
    """What was saved; `proof` is what the method itself has proven (Manifest.proof), `seconds` by phase."""

    facts: DatabaseFacts
    location: dict[str, str]
    files: dict[str, dict[str, Any]]  # path: sha256, size
    size: int
    client_version: int
    seconds: dict[str, float] = field(default_factory=dict)
    proof: str = "decoded"
    consistency: str = "transaction"


class SnapshotMethod(Protocol):
    """One way to save a database. Every call may raise UpgradeError, and stops at the tools' safe points."""

    def place(self) -> str:
        """Where the next snapshot would go, for people: "the claim ampora-snapshots"."""

    def take(self, run: str, forecast: Forecast, left: Sequence[str]) -> Taken:
        """Save the database and prove what was saved; whatever fails leaves nothing behind.

        Removed first is what an earlier attempt of this run and the runs of `left`, which have ended, have left half made.
        Refuses to begin where the forecast's bytes have no room (`check_room`), and shows its progress.
        """

    def restore_beside(self, manifest: Manifest, run: str, database: str, create: Callable[[], None]) -> None:
        """Look again, and restore what is as the manifest says into `database`, which `create` makes.

        What is not is refused before anything of it is in the database; whoever calls drops that after any failure.
        """

    def restore_in_place(self, manifest: Manifest, run: str) -> None:
        """Look again as the proof did, and restore into the live database, in one transaction.

        A method that cannot says so before it touches anything.
        """

    def remove(self, manifest: Manifest) -> None:
        """Remove what was saved; what is gone already is no error."""
