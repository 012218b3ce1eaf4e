# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions that may be behind a pooler, such as PgBouncer.

A dump needs sessions: it sets its search path and reads one exported snapshot from several of them. A pooler that gives
each transaction whatever session is free would hand that search path to the application. So it is recognised and
refused before anything is set; a pool of whole sessions is used, with our deadlines set after connecting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

try:
    import psycopg
except ImportError:  # named by the action base before anything else happens
    psycopg = None  # type: ignore[assignment]

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError

# PgBouncer's words about settings at the start of a session, unless it is told to ignore them.
REFUSED = "unsupported startup parameter"
TRIES = 5


class Connector:
    """Opens sessions with these settings; remembers once it knows that a pooler is in between."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = dict(settings)
        self._pooled = False

    def open(self, options: Mapping[str, Any]) -> Any:
        """An autocommit session of psycopg by libpq's options."""
        if not self._pooled:
            try:
                startup = " ".join(f"-c {name}={_escaped(value)}" for name, value in self._settings.items())
                return psycopg.connect(autocommit=True, options=startup, **options)
            except psycopg.OperationalError as error:
                if REFUSED not in str(error):
                    raise
            self.require_sessions(options)
        connection = psycopg.connect(autocommit=True, prepare_threshold=None, **options)
        for name, value in self._settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", [name, value])
        return connection

    def require_sessions(self, options: Mapping[str, Any]) -> None:
        """Refuse a pooler that gives a session to each transaction: another client then gets the one that we had."""
        with psycopg.connect(autocommit=True, prepare_threshold=None, **options) as ours:
            for _unused in range(TRIES):
                session = _session(ours)
                if session == ours.info.backend_pid:
                    return  # what we were told at the start is the session itself: nobody is in between
                self._pooled = True
                with psycopg.connect(autocommit=True, prepare_threshold=None, **options) as other, other.transaction():
                    if _session(other) == session:
                        raise UpgradeError(
                            "The database is behind a pooler that gives each transaction another session (PgBouncer with pool_mode ="
                            " transaction or statement). A dump and a restore need sessions of their own.",
                            next_step="Set ampora_database_connection_string to the server itself, or to a pool with pool_mode = session.",
                        )


def _session(connection: Any) -> int:
    return int(connection.execute("SELECT pg_backend_pid()").fetchone()[0])


def _escaped(value: str) -> str:
    """As the server splits its start-up options."""
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
