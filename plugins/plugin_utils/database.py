# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The PostgreSQL port: short questions with short deadlines, and the swap of two databases.

Every session sets lock_timeout and statement_timeout, so that a question never joins a queue behind a migration:
a lock time-out on the history table *is* the answer "a migration is running" (practice: EF Core takes an exclusive lock).
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

try:
    import psycopg
    from psycopg import sql
    from psycopg.conninfo import conninfo_to_dict
except ImportError:  # named by the action base before anything else happens
    psycopg = None  # type: ignore[assignment]

from ansible import constants
from ansible_collections.ampora.upgrades.plugins.module_utils.database.connection_string import (
    ConnectionParameters,
    parse_npgsql,
    to_libpq,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import History
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import COUNTING_QUERY, rows_query
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.mounted_file import mounted_file
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.pooling import Connector

LOCK_TIMEOUT_MS = 1000
STATEMENT_TIMEOUT_MS = 5000
MAINTENANCE_DATABASE = "postgres"
LOST = ("08", "57P")  # the classes of SQLSTATE that end a session; what has no SQLSTATE never became one
SYSTEM = "system"  # libpq's word for the authorities that the system trusts
FILES_STEP = "Put it there, or set ampora_database_connection_string to one that names files of the controller or has a password."
CERTIFICATE_STEP = "Set ampora_database_root_certificate to the authority's certificates, a file on the controller."


# A session that others wait for: advisory locks (the product migrates under one) and tables that nobody else may even read (EF Core).
LOCKS_QUERY = """
SELECT DISTINCT a.pid, a.application_name, a.state, extract(epoch FROM now() - a.state_change)::int
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.granted AND a.datname = current_database() AND a.pid <> pg_backend_pid()
  AND l.locktype = 'advisory' ORDER BY 4 DESC"""
TABLE_LOCKS_QUERY = LOCKS_QUERY.replace("l.locktype = 'advisory'", "l.mode = 'AccessExclusiveLock' AND l.relation >= 16384")


class MigrationRunningError(UpgradeError):
    """The history table is locked: a migration is at work now."""


TABLES = """
    SELECT nspname, relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname <> 'information_schema' AND nspname !~ '^pg_'
"""


@dataclass(frozen=True)
class LockHolder:
    """A session that holds a lock of the database; `seconds` is how long it has been in its state."""

    pid: int
    application: str
    state: str
    seconds: int

    def __str__(self) -> str:
        return f"pid {self.pid} ({self.application or 'no application name'}), {self.state or 'state not shown'} for {self.seconds} s"


class Database:
    """The deployment's database, by the connection parameters that the application itself uses."""

    def __init__(self, parameters: ConnectionParameters, *, hostaddr: str, history_query: str, timeout: int, source: str) -> None:
        self.parameters = parameters
        self.hostaddr = hostaddr
        self.source = source
        self.history_query = history_query
        self._timeout = timeout
        self._held: Any = None
        self._libpq = to_libpq(parameters, hostaddr=hostaddr)
        settings = {"lock_timeout": str(LOCK_TIMEOUT_MS), "statement_timeout": str(STATEMENT_TIMEOUT_MS)}
        self._connector = Connector({**settings, **({"search_path": parameters.search_path} if parameters.search_path else {})})

    @property
    def authority(self) -> str:
        """The certificates of the authority that the server's own is checked against, as text; empty when the system's are."""
        path = self.parameters.root_certificate
        return Path(path).read_text(encoding="utf-8") if path and path != SYSTEM else ""

    def of(self, name: str) -> Database:
        """Another database of the same server, by the same role."""
        other = copy.copy(self)
        other.parameters = dataclasses.replace(self.parameters, database=name)
        other._libpq = {**self._libpq, "dbname": name}
        other._held = None
        return other

    def _options(self, database: str = "") -> dict[str, Any]:
        named = {"dbname": database} if database else {}
        return {**self._libpq, "connect_timeout": str(self._timeout), "application_name": "ampora.upgrades", **named}

    def require_sessions(self) -> None:
        """Refuse a pooler that would give each of our transactions another session."""
        with self.session():  # errors of the connection itself are worded there
            self._connector.require_sessions(self._options())

    @contextlib.contextmanager
    def held(self) -> Iterator[Database]:
        """The same database by one session for all that is asked of it meanwhile: the server has a process to make for each."""
        with self.session() as connection:
            other = copy.copy(self)
            other._held = connection
            yield other

    @contextlib.contextmanager
    def session(self, database: str = "") -> Iterator[Any]:
        """An autocommit session with deadlines; errors are worded without the password."""
        options = self._options(database)
        where = f"{self.parameters.host}:{self.parameters.port}/{options['dbname']} as {self.parameters.username}"
        try:
            with self._connector.open(options) if database or self._held is None else contextlib.nullcontext(self._held) as connection:
                yield connection
        except psycopg.errors.LockNotAvailable as error:
            raise MigrationRunningError(
                f"A table of {where} is locked: a migration is running now.", next_step="Wait until it has ended, then run this again."
            ) from error
        except psycopg.OperationalError as error:
            if error.sqlstate and not error.sqlstate.startswith(LOST):
                raise UpgradeError(f"The database {where} refuses: {_words(error)}.") from error
            raise UpgradeError(
                f"The database {where} (from {self.source}) cannot be used: {_words(error)}.",
                next_step="Check the connection string, the password and the network, then run the same command again.",
            ) from error
        except psycopg.Error as error:
            raise UpgradeError(f"The database {where} refuses: {_words(error)}.") from error

    def migrations(self) -> list[str]:
        """The ids of the applied migrations, in the history query's order."""
        with self.session() as connection:
            return [str(row[0]) for row in connection.execute(self.history_query).fetchall()]

    def history(self, *, mind_advisory_locks: bool = True) -> History:
        """The applied migrations, or in words why they do not count; never an error.

        A held advisory lock counts as a running migration, since the next id may be there a second later: those of a
        program that always holds one are left out by `mind_advisory_locks`.
        """
        try:
            holders = self.advisory_locks() if mind_advisory_locks else []
            migrations = tuple(self.migrations())
        except MigrationRunningError as error:
            return History("running", words=_running(self._locks_or_none(TABLE_LOCKS_QUERY), error.message))
        except UpgradeError as error:
            return History("unreadable", words=error.message.rstrip("."))
        return History("running", migrations, _running(holders, "")) if holders else History("read", migrations)

    def facts(self) -> dict[str, Any]:
        """Server version (server_version_num), size in bytes, whether the role may create databases, the applied migrations."""
        with self.session() as connection:
            row = connection.execute(
                "SELECT current_setting('server_version_num')::int, pg_database_size(current_database()), rolcreatedb OR rolsuper"
                " FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            migrations = [str(item[0]) for item in connection.execute(self.history_query).fetchall()]
        return {"server_version": row[0], "size": row[1], "may_create_databases": row[2], "migrations": migrations}

    def advisory_locks(self) -> list[LockHolder]:
        """Sessions that hold an advisory lock in this database, the oldest first."""
        return self._locks(LOCKS_QUERY)

    def _locks(self, query: str) -> list[LockHolder]:
        with self.session() as connection:
            return [
                LockHolder(pid, name or "", state or "", seconds or 0) for pid, name, state, seconds in connection.execute(query).fetchall()
            ]

    def _locks_or_none(self, query: str) -> list[LockHolder]:
        with contextlib.suppress(UpgradeError):
            return self._locks(query)
        return []

    def rows(self) -> dict[str, int]:
        """Rows per table; takes as long as counting them does, so without the short statement deadline."""
        with self.session() as connection:
            connection.execute("SET statement_timeout = 0")
            counting = connection.execute(COUNTING_QUERY).fetchone()[0]
            return {str(table): int(count) for table, count in connection.execute(rows_query(counting)).fetchone()[0].items()}

    def checkpoint(self) -> None:
        """Write everything to the data files now, so that a copy of the volume has less to recover."""
        with self.session() as connection:
            connection.execute("SET statement_timeout = 0")
            try:
                connection.execute("CHECKPOINT")
            except psycopg.errors.InsufficientPrivilege as error:
                raise UpgradeError(
                    f"The role {self.parameters.username} may not make a checkpoint (ampora_snapshot_volume.checkpoint).",
                    next_step=f"GRANT pg_checkpoint TO {self.parameters.username}, or leave the checkpoint out.",
                ) from error

    def exists(self, name: str) -> bool:
        with self.session(MAINTENANCE_DATABASE) as connection:
            return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None

    def create(self, name: str) -> None:
        """A new, empty database of this name on the same server."""
        with self.session(MAINTENANCE_DATABASE) as connection:
            connection.execute("SET statement_timeout = 0")
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def analyze(self) -> None:
        """Gather the statistics that a restored database does not have."""
        with self.session() as connection:
            connection.execute("SET statement_timeout = 0")
            connection.execute("ANALYZE")

    def drop(self, name: str) -> None:
        with self.session(MAINTENANCE_DATABASE) as connection:
            connection.execute("SET statement_timeout = 0")
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def empty(self, name: str) -> None:
        """Drop the tables of a database, which gives their room back at once.

        DROP DATABASE begins with a checkpoint, and on a full disk that fails and leaves a database that nobody can connect to.
        """
        with self.session(name) as connection:
            tables = [sql.Identifier(*row) for row in connection.execute(TABLES).fetchall()]
            if tables:
                connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.SQL(", ").join(tables)))


def _running(holders: Sequence[LockHolder], otherwise: str) -> str:
    return f"the lock is held by {'; '.join(map(str, holders))}" if holders else otherwise.rstrip(".")


def _words(error: Any) -> str:
    """The server's own words, which never hold the password: its message and detail, or the last line of a failed connection."""
    if error.diag.message_primary:
        said = ": ".join(filter(None, (error.diag.message_primary, error.diag.message_detail)))
        return " ".join(said.split())[:300].rstrip(".")
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[-1][:300].rstrip(".")


def _parse(text: str, source: str) -> ConnectionParameters:
    """A libpq URL or an Npgsql connection string."""
    if not text.startswith(("postgres://", "postgresql://")):
        return parse_npgsql(text, source)
    try:
        fields = conninfo_to_dict(text)
    except psycopg.ProgrammingError as error:
        raise UpgradeError(f"{source} is not a libpq URL.", next_step="Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE.") from error
    return ConnectionParameters(
        host=str(fields.get("host", "localhost")),
        port=int(fields.get("port") or 5432),
        database=str(fields.get("dbname", "postgres")),
        username=str(fields.get("user", "postgres")),
        password=str(fields.get("password", "")),
        ssl_mode=str(fields.get("sslmode", "prefer")),
        root_certificate=str(fields.get("sslrootcert", "")),
        certificate=str(fields.get("sslcert", "")),
        key=str(fields.get("sslkey", "")),
        key_password=str(fields.get("sslpassword", "")),
        passfile=str(fields.get("passfile", "")),
    )


def open_database(cluster: Cluster, options: Mapping[str, Any], deployment: Mapping[str, Any]) -> Database:
    """The database by `connection_string`, or by the variable of the application's container that `env` names."""
    text, source = options["connection_string"], "ampora_database_connection_string"
    if not text:
        found = cluster.environment(deployment, options["env"]) if options["env"] else None
        if found is None:
            raise UpgradeError(
                f"The container {cluster.container_name} has no variable {options['env']} (ampora_database_env).",
                next_step=(
                    "Set ampora_database_env to the variable that holds the connection string, or ampora_database_connection_string."
                ),
            )
        text, source = found.value, found.source
    parameters = _parse(text, source)
    _check_files(parameters, source)
    return Database(
        replace(parameters, root_certificate=_root_certificate(cluster, options, deployment, parameters, source)),
        hostaddr=options["hostaddr"],
        history_query=options["history_query"],
        timeout=options["timeout"],
        source=source,
    )


def _check_files(parameters: ConnectionParameters, source: str) -> None:
    """The client's files must be here, in the form that libpq reads: it takes the place of one that is not there for none at all."""
    for keyword, path in parameters.files.items():
        try:
            content = Path(path).read_bytes()
        except OSError as error:
            raise UpgradeError(
                f"The {keyword} {path} of {source} cannot be read from here: {error.strerror}.", next_step=FILES_STEP
            ) from error
        if keyword != "Passfile" and b"-----BEGIN " not in content:
            raise UpgradeError(f"The {keyword} {path} of {source} is not in the form PEM, which alone libpq reads.", next_step=FILES_STEP)


def _root_certificate(
    cluster: Cluster, options: Mapping[str, Any], deployment: Mapping[str, Any], parameters: ConnectionParameters, source: str
) -> str:
    """The path on this machine: of the input, or of the connection string, whose path may be one of the container."""
    path, named = options["root_certificate"] or parameters.root_certificate, source
    if options["root_certificate"]:
        named = "ampora_database_root_certificate"
    elif path and path != SYSTEM and not options["connection_string"]:
        text = mounted_file(cluster, deployment, path)
        if text is not None:
            return _kept(text)
    if not path and parameters.ssl_mode == "verify-ca":
        raise UpgradeError(f"{source} has SSL Mode VerifyCA and no Root Certificate.", next_step=CERTIFICATE_STEP)
    if path and path != SYSTEM and not Path(path).is_file():
        raise UpgradeError(f"The root certificate {path} of {named} is no file that can be read from here.", next_step=CERTIFICATE_STEP)
    return path


def _kept(text: str) -> str:
    """A file for libpq, which reads no other; ansible-core removes its folder with the run. There is nothing secret in it."""
    with tempfile.NamedTemporaryFile("w", dir=constants.DEFAULT_LOCAL_TMP, suffix=".crt", delete=False, encoding="utf-8") as file:
        file.write(text)
    return file.name
