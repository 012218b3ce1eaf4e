# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scratch database beside the live one: there for one look, and dropped whatever happens.

Its name says the database and the run, so that one which a killed run has left is known and dropped by the next run.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback import names
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.server import Server


class Scratch:
    """Scratch databases of one live database."""

    def __init__(self, database: Database, say: Callable[[str], None]) -> None:
        self._database, self._say = database, say
        self._server = Server(database, say)
        self._live = database.parameters.database

    def require_right(self) -> None:
        """Refuse early where the role may not make one."""
        if not self._database.facts()["may_create_databases"]:
            raise UpgradeError(
                f"The role {self._database.parameters.username} may not create databases, which the proof by a restore needs.",
                next_step=f"ALTER ROLE {self._database.parameters.username} CREATEDB, or use ampora_snapshot_proof: decode.",
            )

    def remove_left(self) -> None:
        """Drop what a run that was killed has left."""
        for name in self._server.beginning(names.prefix(self._live)):
            if names.is_scratch(name, self._live):
                self._database.drop(name)

    def create(self, name: str) -> None:
        """Make it like the live one."""
        self._server.create_like(name, self._live)

    @contextlib.contextmanager
    def named(self, run: str) -> Iterator[str]:
        """The name of a run's scratch database; whoever makes it, it is dropped at the end of the block."""
        name = names.scratch(self._live, run)
        with dropped_on_failure(self._database, name, self._say):
            yield name
        self._database.drop(name)


@contextlib.contextmanager
def dropped_on_failure(database: Database, name: str, say: Callable[[str], None]) -> Iterator[None]:
    """A database that is no good is dropped; where that fails too it is named, and what failed first is what is raised."""
    try:
        yield
    except BaseException:
        try:
            with contextlib.suppress(UpgradeError):  # it may not be there yet, or be in use: the drop says it then
                database.empty(name)
            database.drop(name)
        except UpgradeError as error:
            say(f"the database {name} is left, and the next attempt drops it: {error}")
        raise
