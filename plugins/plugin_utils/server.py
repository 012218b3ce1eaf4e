# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The databases of the deployment's server as wholes: made alike, swapped, shut and opened, kept and dropped.

Everything here is done from the maintenance database. What a server that restarts in the middle has made of a swap is
looked at again over a new session, so that nobody is left before a shut door.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

try:
    from psycopg import sql
except ImportError:  # named by the action base before anything else happens
    sql = None  # type: ignore[assignment]

from ansible_collections.ampora.upgrades.plugins.module_utils.database.catalog import Change, Difference, changes, differences
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import MAINTENANCE_DATABASE, Database

RETURN_SECONDS = 90  # how long a server that restarts is waited for, since a door that is shut must be opened again
RETRY_SECONDS = 1.0
TEMPLATE_TABLESPACE = "pg_default"
# Renaming waits five seconds by itself for sessions that are just ending.
SWAP_STATEMENT_MS, SWAP_LOCK_MS = 20_000, 15_000

PROPERTIES_QUERY = """
WITH d AS (SELECT pg_database.*, to_jsonb(pg_database.*) AS j FROM pg_database WHERE datname = %(name)s)
SELECT 'owner', pg_get_userbyid(datdba)::text FROM d
UNION ALL SELECT 'encoding', pg_encoding_to_char(encoding) FROM d
UNION ALL SELECT 'collation', datcollate::text FROM d
UNION ALL SELECT 'character type', datctype::text FROM d
UNION ALL SELECT 'locale provider', CASE datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END FROM d
UNION ALL SELECT 'locale', coalesce(j->>'datlocale', j->>'daticulocale', '') FROM d
UNION ALL SELECT 'rules', coalesce(j->>'daticurules', '') FROM d
UNION ALL SELECT 'tablespace', spcname::text FROM d JOIN pg_tablespace t ON t.oid = d.dattablespace
UNION ALL SELECT 'connection limit', datconnlimit::text FROM d
UNION ALL SELECT 'comment', shobj_description(d.oid, 'pg_database') FROM d WHERE shobj_description(d.oid, 'pg_database') IS NOT NULL
UNION ALL SELECT format('grant %%s to %%s', a.privilege_type, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END),
  CASE WHEN a.is_grantable THEN 'with grant option' ELSE 'granted' END
  FROM d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
UNION ALL SELECT 'setting ' || split_part(c, '=', 1) || CASE s.setrole WHEN 0 THEN '' ELSE ' of ' || pg_get_userbyid(s.setrole) END,
  substr(c, strpos(c, '=') + 1) FROM d JOIN pg_db_role_setting s ON s.setdatabase = d.oid, unnest(s.setconfig) c
"""
# Of another role's session only the role and the database are shown; whatever has no role is the server's own.
SESSIONS = (
    "FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid"
    " WHERE a.datname = ANY(%(names)s) AND coalesce(a.backend_type, 'client backend') = 'client backend' AND a.pid <> pg_backend_pid()"
)
# By pg_terminate_backend's own rules; one that may not be ended would make the whole statement an error.
ENDABLE = "(pg_has_role(a.usesysid, 'USAGE') OR (pg_has_role('pg_signal_backend', 'USAGE') AND NOT r.rolsuper))"
END_QUERY = f"SELECT pg_terminate_backend(a.pid) {SESSIONS} AND {ENDABLE}"
PRIVILEGES = {name: name for name in ("CONNECT", "CREATE", "TEMPORARY")}
PROVIDERS = {"icu": " ICU_LOCALE {locale}", "builtin": " BUILTIN_LOCALE {locale}"}


class Server:
    """The databases beside the deployment's own, by its role."""

    def __init__(self, database: Database, say: Callable[[str], None] = lambda _text: None) -> None:
        self._database = database
        self._say = say

    def properties(self, name: str) -> dict[str, str]:
        """What a database is beside its content, as facts; empty when there is none of that name."""
        with self._database.session(MAINTENANCE_DATABASE) as connection:
            return {str(fact): str(value) for fact, value in connection.execute(PROPERTIES_QUERY, {"name": name}).fetchall()}

    def create_like(self, name: str, like: str) -> None:
        """A new empty database with the owner, encoding, collation and tablespace of another."""
        of = self.properties(like)
        text = (
            "CREATE DATABASE {name} TEMPLATE template0 OWNER {owner} ENCODING {encoding} LC_COLLATE {collate} LC_CTYPE {ctype}"
            " LOCALE_PROVIDER {provider}"
        )
        text += PROVIDERS.get(of["locale provider"], "") + (" ICU_RULES {rules}" if of["rules"] else "")
        if of["tablespace"] != TEMPLATE_TABLESPACE:  # to name it asks for a right on it, even where it is the one that would be taken
            text += " TABLESPACE {tablespace}"
        with self._database.session(MAINTENANCE_DATABASE) as connection:
            connection.execute("SET statement_timeout = 0")
            connection.execute(
                sql.SQL(text).format(
                    name=sql.Identifier(name),
                    owner=sql.Identifier(of["owner"]),
                    encoding=sql.Literal(of["encoding"]),
                    collate=sql.Literal(of["collation"]),
                    ctype=sql.Literal(of["character type"]),
                    provider=sql.Identifier(of["locale provider"]),
                    tablespace=sql.Identifier(of["tablespace"]),
                    locale=sql.Literal(of["locale"]),
                    rules=sql.Literal(of["rules"]),
                )
            )

    def make_alike(self, name: str, like: str) -> tuple[list[Difference], list[str]]:
        """Give a database the settings, grants, limit and comment of another, which no dump has.

        Returns what still differs, and the statements that this role may not make, for an administrator.
        """
        todo, _fixed = changes(differences(self.properties(like), self.properties(name)))
        refused = []
        for change in todo:
            statement = _statement(change, name)
            try:
                self._make(change, statement)
            except UpgradeError:
                refused.append(_statement(change, like, shown=True).as_string(None))
        return differences(self.properties(like), self.properties(name)), refused

    def _make(self, change: Change, statement: Any) -> None:
        with self._database.session(MAINTENANCE_DATABASE) as connection, connection.transaction():
            if change.kind == "setting" and change.value is not None:
                # FROM CURRENT stores the value exactly as it was, lists and quotes in it too.
                connection.execute("SELECT set_config(%s, %s, true)", [change.name, change.value])
            connection.execute(statement)

    def sessions_of(self, name: str, *, only_foreign: bool = False) -> list[str]:
        """Who is connected to a database, in words; `only_foreign` are those that this role may not end."""
        which = f" AND NOT {ENDABLE}" if only_foreign else ""
        words = "SELECT format('pid %%s (%%s)', a.pid, coalesce(nullif(a.application_name, ''), a.usename::text)) "
        with self._database.session(MAINTENANCE_DATABASE) as connection:
            return [str(row[0]) for row in connection.execute(words + SESSIONS + which, {"names": [name]}).fetchall()]

    def end_sessions(self, *names: str) -> None:
        """End the sessions of databases that this role may end."""
        with self._database.session(MAINTENANCE_DATABASE) as connection:
            connection.execute(END_QUERY, {"names": list(names)})

    def beginning(self, prefix: str) -> dict[str, tuple[int, bool]]:
        """name -> (bytes, whether it admits sessions) of the databases whose names begin so."""
        query = "SELECT datname, pg_database_size(oid), datallowconn FROM pg_database WHERE starts_with(datname, %s) ORDER BY datname"
        with self._database.session(MAINTENANCE_DATABASE) as connection:
            return {str(name): (int(size), bool(open_)) for name, size, open_ in connection.execute(query, [prefix]).fetchall()}

    def admit(self, name: str, allowed: bool) -> None:
        """Open or shut a database for new sessions."""
        text = "ALTER DATABASE {} WITH ALLOW_CONNECTIONS true" if allowed else "ALTER DATABASE {} WITH ALLOW_CONNECTIONS false"
        with self._database.session(MAINTENANCE_DATABASE) as connection:
            connection.execute(sql.SQL(text).format(sql.Identifier(name)))

    def shut(self, name: str) -> bool:
        """Whether a database that is there admits nobody."""
        with self._database.session(MAINTENANCE_DATABASE) as connection:
            row = connection.execute("SELECT datallowconn FROM pg_database WHERE datname = %s", [name]).fetchone()
        return row is not None and not row[0]

    def swap(self, live: str, replacement: str, kept: str) -> None:
        """Put `replacement` in the place of `live` and keep that one, shut, as `kept`: both renames commit or neither does.

        A swap that fails opens the live database again, and waits for a server that restarts to do so.
        """
        try:
            self._swap(live, replacement, kept)
        except UpgradeError:
            if self._patiently(lambda: self._after_failure(live, replacement, kept)):
                return
            raise

    def _swap(self, live: str, replacement: str, kept: str) -> None:
        names = {"live": sql.Identifier(live), "new": sql.Identifier(replacement), "kept": sql.Identifier(kept)}
        with self._database.session(MAINTENANCE_DATABASE) as connection:
            connection.execute(f"SET statement_timeout = {SWAP_STATEMENT_MS}; SET lock_timeout = {SWAP_LOCK_MS}")
            connection.execute(sql.SQL("ALTER DATABASE {new} WITH ALLOW_CONNECTIONS true").format(**names))
            connection.execute(sql.SQL("ALTER DATABASE {live} WITH ALLOW_CONNECTIONS false").format(**names))
            connection.execute(END_QUERY, {"names": [live, replacement]})
            with connection.transaction():
                connection.execute(sql.SQL("ALTER DATABASE {live} RENAME TO {kept}").format(**names))
                connection.execute(sql.SQL("ALTER DATABASE {new} RENAME TO {live}").format(**names))

    def _after_failure(self, live: str, replacement: str, kept: str) -> bool:
        """Whether the renames had been committed when the session broke; where not, the door is opened again."""
        if self._database.exists(kept) and not self._database.exists(replacement):
            return True
        if self.shut(live):
            self.admit(live, True)
        return False

    def _patiently(self, ask: Callable[[], bool]) -> bool:
        """The answer of a server that may be restarting."""
        began = time.monotonic()
        while True:
            try:
                return ask()
            except UpgradeError as error:
                if time.monotonic() - began > RETURN_SECONDS:
                    raise
                self._say(f"waiting for the database server: {error.message}")
                time.sleep(RETRY_SECONDS)


def _statement(change: Change, name: str, *, shown: bool = False) -> Any:
    """The SQL of one change, what comes from the catalogue as identifier or literal; `shown` is for a person to type."""
    database, role = sql.Identifier(name), sql.SQL("PUBLIC") if change.role == "PUBLIC" else sql.Identifier(change.role)
    if change.kind == "comment":
        return sql.SQL("COMMENT ON DATABASE {} IS {}").format(database, sql.Literal(change.value))
    if change.kind == "connection limit":
        return sql.SQL("ALTER DATABASE {} WITH CONNECTION LIMIT {}").format(database, sql.Literal(int(change.value or -1)))
    if change.kind in {"grant", "revoke"}:
        text = "GRANT {} ON DATABASE {} TO {}" if change.kind == "grant" else "REVOKE {} ON DATABASE {} FROM {}"
        tail = sql.SQL(" WITH GRANT OPTION") if change.value == "with grant option" else sql.SQL("")
        return sql.SQL(text).format(sql.SQL(PRIVILEGES[change.name]), database, role) + tail
    whom = sql.SQL("ALTER ROLE {} IN DATABASE {}").format(role, database) if change.role else sql.SQL("ALTER DATABASE {}").format(database)
    setting = sql.SQL(".").join(sql.Identifier(part) for part in change.name.split("."))
    if change.value is None:
        return whom + sql.SQL(" RESET {}").format(setting)
    return whom + sql.SQL(" SET {} {}").format(
        setting, sql.SQL("TO {}").format(sql.Literal(change.value)) if shown else sql.SQL("FROM CURRENT")
    )
