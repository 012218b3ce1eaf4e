# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is lost that a person has not agreed to lose: looked at before a restore, and again when nobody can write any more.

Pods write until they have stopped. What was lossless when the route was chosen need not be so a minute later, and the audit
rows of that minute belong to the export too.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.data_loss import Loss, Subjects
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.audit_export import export_audit
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.writes_since import read_loss


class LossGuard:
    """What one restore loses; `agreed` is a person's consent to a loss."""

    def __init__(
        self, database: Database, manifest: Manifest, subjects: Subjects, directory: Path, *, agreed: bool, say: Callable[[str], None]
    ) -> None:
        self._database = database
        self._manifest = manifest
        self._subjects = subjects
        self._directory = directory
        self._agreed = agreed
        self._say = say
        self.loss = Loss(0)
        self.audit: dict[str, Any] = {}

    def look(self) -> None:
        """Read the loss and save its audit rows; a loss that nobody has agreed to is refused."""
        self.loss = read_loss(self._database, self._manifest, self._subjects)
        if not (self.loss.lossless or self._agreed):
            raise UpgradeError(
                f"Meanwhile something was written that a restore would lose: {self.loss.words()}. The live database was not touched.",
                next_step=f"To agree, run the same command again with -e ampora_accept_data_loss={self._manifest.id}",
            )
        if self._subjects.audit and not self.loss.lossless:
            self.audit = export_audit(self._database, self._subjects.audit, self.loss.since, self._directory)
            if self.audit:
                self._say(f"{self.audit['rows']} audit rows that the restore takes away are saved in {self.audit['file']}")

    def to_dict(self) -> dict[str, Any]:
        """What the journal and the report say of it."""
        return {"lost_rows": self.loss.rows, "loss": self.loss.to_dict(), "audit_export": self.audit}
