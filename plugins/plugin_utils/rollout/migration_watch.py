# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at a migration from outside while something else is waited for: seldom, and never so that its lock is in the way."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from re import Pattern

from ansible_collections.ampora.upgrades.plugins.module_utils.database.progress import Progress, progress
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database, MigrationRunningError

EVERY_SECONDS = 3.0
LOG_LINES = 40


@dataclass
class MigrationWatch:
    """One migration: what was applied `before`, and the seconds that the release notes `expect`."""

    cluster: Cluster
    database: Database
    pattern: Pattern[str]
    before: Sequence[str]
    expected: int = 0
    _seen: Progress = field(default=Progress(False), init=False)
    _looked: float = field(default=float("-inf"), init=False)
    _began: float | None = field(default=None, init=False)

    def look(self, pods: Sequence[tuple[str, str]]) -> Progress:
        """The progress now, by the database and the logs of (pod, container); at most every few seconds."""
        now = time.monotonic()
        if now - self._looked < EVERY_SECONDS:
            return self._seen
        self._looked = now
        history, locked = self._history()
        lines = [line for name, container in pods if locked for line in self._log(name, container)]
        self._seen = progress(self.before, history, locked, lines, self.pattern)
        self._began = (now if self._began is None else self._began) if locked else None
        return self._seen

    def look_and_tell(self, pods: Sequence[tuple[str, str]]) -> str:
        """Look, and the words for a live line."""
        self.look(pods)
        return self.words()

    def words(self) -> str:
        """For a live line, of what was seen last."""
        return self._seen.words(0.0 if self._began is None else time.monotonic() - self._began, self.expected)

    def _history(self) -> tuple[list[str] | None, bool]:
        """A database that cannot be read now says nothing about a migration: the rollout's own state then decides."""
        try:
            return self.database.migrations(), bool(self.database.advisory_locks())
        except MigrationRunningError:
            return None, True
        except UpgradeError:
            return None, False

    def _log(self, pod: str, container: str) -> list[str]:
        try:
            return self.cluster.log(pod, container, tail=LOG_LINES).splitlines()
        except UpgradeError:
            return []
