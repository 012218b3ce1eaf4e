# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The PostgreSQL port with a connection that writes down its statements; a real server is the integration tests' part."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import ROWS_QUERY
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import (
    Database,
    LockHolder,
    MigrationRunningError,
    open_database,
)

from tests.unit.doubles.scene import deployment

PASSWORD = "s3cret-pass"
OPTIONS = {"env": "ConnectionStrings__Ampora", "connection_string": "", "hostaddr": "", "history_query": "SELECT id FROM h", "timeout": 7}
WHERE = "pg.ampora-db:5432/ampora as ampora"
SHORT = "-c lock_timeout=1000 -c statement_timeout=5000"


class Rows:
    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = rows

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows[0] if self._rows else None


class Server:
    """Stands in for psycopg.connect: answers by a word in the statement, and fails where a test says."""

    def __init__(self) -> None:
        self.options: list[dict[str, Any]] = []
        self.statements: list[str] = []
        self.answers: dict[str, list[tuple[Any, ...]]] = {}
        self.failures: dict[str, psycopg.Error] = {}

    def __call__(self, **options: Any) -> Server:
        self.options.append(options)
        self._fail("connect")
        return self

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_unused: object) -> None:
        """Nothing to close."""

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        self.statements.append("BEGIN")
        try:
            yield
        except BaseException:
            self.statements.append("ROLLBACK")
            raise
        self.statements.append("COMMIT")

    def execute(self, statement: Any, parameters: list[Any] | None = None) -> Rows:
        text = statement if isinstance(statement, str) else statement.as_string(None)
        self.statements.append(" ".join(text.split()) + (f" {parameters}" if parameters else ""))
        self._fail(text)
        return Rows(next((rows for word, rows in self.answers.items() if word in text), []))

    def _fail(self, text: str) -> None:
        for word, error in self.failures.items():
            if word in text:
                raise error


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server()
    monkeypatch.setattr(psycopg, "connect", found)
    return found


def database(**options: Any) -> Database:
    cluster = deployment(password=PASSWORD)
    return open_database(cluster, {**OPTIONS, **options}, cluster.deployment())


def refused(found: Database) -> UpgradeError:
    with pytest.raises(UpgradeError) as error:
        found.migrations()
    assert PASSWORD not in str(error.value)
    return error.value


# --- where it is


def test_the_containers_own_connection_string(server: Server) -> None:
    found = database()
    assert found.migrations() == []
    assert found.source == "Secret ampora-secrets, key ConnectionStrings__Ampora"
    options = server.options[0]
    assert (options["host"], options["dbname"], options["user"], options["password"]) == ("pg.ampora-db", "ampora", "ampora", PASSWORD)
    assert (options["connect_timeout"], options["options"], options["application_name"]) == ("7", SHORT, "ampora.upgrades")
    assert options["autocommit"] is True


def test_an_address_of_ones_own(server: Server) -> None:
    database(hostaddr="10.0.0.7").migrations()
    assert (server.options[0]["host"], server.options[0]["hostaddr"]) == ("pg.ampora-db", "10.0.0.7")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "postgresql://ada:s3cret-pass@db.example:6432/web?sslmode=verify-full&sslrootcert=/ca.pem",
            ("db.example", 6432, "web", "ada", PASSWORD, "verify-full", "/ca.pem"),
        ),
        ("postgres://", ("localhost", 5432, "postgres", "postgres", "", "prefer", "")),
        ("Host=db;Database=web;Username=ada;Password=s3cret-pass", ("db", 5432, "web", "ada", PASSWORD, "prefer", "")),
    ],
)
def test_a_connection_string_of_ones_own(text: str, expected: tuple[Any, ...]) -> None:
    found = database(connection_string=text).parameters
    assert (found.host, found.port, found.database, found.username, found.password, found.ssl_mode, found.root_certificate) == expected
    assert PASSWORD not in repr(found)


def test_what_is_no_address() -> None:
    with pytest.raises(UpgradeError) as error:
        database(connection_string=f"postgresql://ada:{PASSWORD}@[db/web")
    assert str(error.value) == (
        "ampora_database_connection_string is not a libpq URL. Next: Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE."
    )


@pytest.mark.parametrize("env", ["Missing", ""])
def test_no_connection_string_at_all(env: str) -> None:
    with pytest.raises(UpgradeError) as error:
        database(env=env)
    assert str(error.value) == (
        f"The container ampora-web has no variable {env} (ampora_database_env). Next: Set ampora_database_env to the variable that holds"
        " the connection string, or ampora_database_connection_string."
    )


def test_another_database_of_the_same_server(server: Server) -> None:
    found = database()
    found.of("beside").migrations()
    found.migrations()
    assert [options["dbname"] for options in server.options] == ["beside", "ampora"]


# --- what can be wrong with it


def test_it_cannot_be_reached(server: Server) -> None:
    server.failures["connect"] = psycopg.OperationalError('connection to server failed:\nFATAL: password authentication failed for "a".')
    assert str(refused(database())) == (
        f"The database {WHERE} (from Secret ampora-secrets, key ConnectionStrings__Ampora) cannot be used: FATAL: password authentication"
        ' failed for "a". Next: Check the connection string, the password and the network, then run the same command again.'
    )


def test_an_error_without_a_word(server: Server) -> None:
    server.failures["connect"] = psycopg.OperationalError()
    assert "cannot be used: OperationalError." in str(refused(database()))


def test_a_locked_history_is_a_running_migration(server: Server) -> None:
    server.failures["SELECT id FROM h"] = psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")
    error = refused(database())
    assert isinstance(error, MigrationRunningError)
    assert str(error) == (f"A table of {WHERE} is locked: a migration is running now. Next: Wait until it has ended, then run this again.")


def test_a_refused_statement(server: Server) -> None:
    server.failures["SELECT id FROM h"] = psycopg.errors.InsufficientPrivilege("permission denied for table h")
    assert str(refused(database())) == f"The database {WHERE} refuses: permission denied for table h."


def test_migrations_that_cannot_be_read_are_not_none_applied(server: Server) -> None:
    server.answers["SELECT id FROM h"] = [("1_first",), ("2_second",)]
    assert database().migrations_or_none() == ["1_first", "2_second"]
    server.failures["SELECT id FROM h"] = psycopg.errors.UndefinedTable("no such table")
    assert database().migrations_or_none() is None


# --- questions


def test_facts(server: Server) -> None:
    server.answers = {"server_version_num": [(170004, 7000, True)], "SELECT id FROM h": [("1_first",)]}
    assert database().facts() == {"server_version": 170004, "size": 7000, "may_create_databases": True, "migrations": ["1_first"]}
    assert len(server.options) == 1


def test_advisory_locks(server: Server) -> None:
    server.answers["pg_locks"] = [(7, "ef", "active", 61), (8, None, None, None)]
    assert database().advisory_locks() == [LockHolder(7, "ef", "active", 61), LockHolder(8, "", "", 0)]


def test_rows_may_take_their_time(server: Server) -> None:
    server.answers["json_object_agg"] = [({"public.agents": 200},)]
    assert database().rows() == {"public.agents": 200}
    assert server.statements == ["SET statement_timeout = 0", " ".join(ROWS_QUERY.split())]


@pytest.mark.parametrize("rows", [[(1,)], []])
def test_whether_a_database_exists(server: Server, rows: list[tuple[int]]) -> None:
    server.answers["pg_database"] = list(rows)
    assert database().exists("beside") is bool(rows)
    assert server.options[0]["dbname"] == "postgres"
    assert server.statements == ["SELECT 1 FROM pg_database WHERE datname = %s ['beside']"]


def test_sessions(server: Server) -> None:
    server.answers["pg_stat_activity"] = [(4,)]
    assert database().sessions("ampora") == 4


# --- effects


def test_a_name_is_quoted_when_a_database_is_dropped(server: Server) -> None:
    database().drop('x"; DROP DATABASE ampora; --')
    assert server.options[0]["dbname"] == "postgres"
    assert server.statements[1] == 'DROP DATABASE IF EXISTS "x""; DROP DATABASE ampora; --" WITH (FORCE)'


RENAMES = ['ALTER DATABASE "ampora" RENAME TO "kept"', 'ALTER DATABASE "beside" RENAME TO "ampora"']
CLOSED = [
    'ALTER DATABASE "ampora" WITH ALLOW_CONNECTIONS false',
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s ['ampora']",
]


def test_a_swap_is_one_transaction_behind_a_closed_door(server: Server) -> None:
    database().swap("ampora", "beside", "kept")
    assert server.options[0]["dbname"] == "postgres"
    assert server.statements == [*CLOSED, "BEGIN", *RENAMES, "COMMIT"]


@pytest.mark.parametrize(
    ("fails", "before"),
    [
        ("pg_terminate_backend", CLOSED),
        ('"ampora" RENAME', [*CLOSED, "BEGIN", RENAMES[0], "ROLLBACK"]),
        ('"beside" RENAME', [*CLOSED, "BEGIN", *RENAMES, "ROLLBACK"]),
    ],
)
def test_a_swap_that_fails_opens_the_door_again(server: Server, fails: str, before: list[str]) -> None:
    server.failures[fails] = psycopg.errors.ObjectInUse("it is in use")
    with pytest.raises(UpgradeError, match=r"refuses: it is in use\.$|cannot be used: it is in use\."):
        database().swap("ampora", "beside", "kept")
    assert server.statements == [*before, 'ALTER DATABASE "ampora" WITH ALLOW_CONNECTIONS true']


def test_a_door_that_cannot_be_closed_is_left_as_it_is(server: Server) -> None:
    server.failures["ALLOW_CONNECTIONS false"] = psycopg.errors.InsufficientPrivilege("must be owner")
    with pytest.raises(UpgradeError, match="must be owner"):
        database().swap("ampora", "beside", "kept")
    assert server.statements == CLOSED[:1]
