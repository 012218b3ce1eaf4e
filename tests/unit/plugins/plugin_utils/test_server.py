# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The databases of a server by a connection that writes down its statements; a real server is the integration tests' part."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils import server as server_module
from ansible_collections.ampora.upgrades.plugins.plugin_utils.server import Server

from tests.unit.doubles.clock import Clock
from tests.unit.doubles.sql import Connections
from tests.unit.doubles.sql import database as database_of

PROPERTIES: list[tuple[Any, ...]] = [
    ("owner", "ampora"),
    ("encoding", "UTF8"),
    ("collation", "C.UTF-8"),
    ("character type", "C.UTF-8"),
    ("locale provider", "libc"),
    ("locale", ""),
    ("rules", ""),
    ("tablespace", "pg_default"),
]
SHUT = 'ALTER DATABASE "ampora" WITH ALLOW_CONNECTIONS false'
OPEN = 'ALTER DATABASE "ampora" WITH ALLOW_CONNECTIONS true'
RENAMES = ['ALTER DATABASE "ampora" RENAME TO "kept"', 'ALTER DATABASE "beside" RENAME TO "ampora"']


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Connections:
    found = Connections()
    monkeypatch.setattr(psycopg, "connect", found)
    return found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(server_module, "time", found)
    return found


def server(said: list[str] | None = None) -> Server:
    return Server(database_of(), said.append if said is not None else lambda _text: None)


def create(connections: Connections, **changes: str) -> str:
    connections.answers["pg_get_userbyid(datdba)"] = [(fact, changes.get(fact, value)) for fact, value in PROPERTIES]
    server().create_like("beside", "ampora")
    return next(line for line in connections.statements if line.startswith("CREATE"))


def test_a_database_like_another(connections: Connections) -> None:
    assert create(connections) == (
        "CREATE DATABASE \"beside\" TEMPLATE template0 OWNER \"ampora\" ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
        ' LOCALE_PROVIDER "libc"'
    )
    assert connections.options[0]["dbname"] == "postgres"


@pytest.mark.parametrize(
    ("provider", "locale"), [("icu", "ICU_LOCALE 'de-CH' ICU_RULES '&a < b'"), ("builtin", "BUILTIN_LOCALE 'de-CH' ICU_RULES '&a < b'")]
)
def test_another_provider_of_its_locale_and_another_tablespace(connections: Connections, provider: str, locale: str) -> None:
    statement = create(connections, **{"locale provider": provider, "locale": "de-CH", "rules": "&a < b", "tablespace": "fast"})
    assert statement.endswith(f'LOCALE_PROVIDER "{provider}" {locale} TABLESPACE "fast"')


# --- settings, grants, limit, comment


def made_alike(connections: Connections, monkeypatch: pytest.MonkeyPatch, before: dict[str, str], after: dict[str, str]) -> list[str]:
    monkeypatch.setattr(Server, "properties", lambda _self, name: before if name == "ampora" else after)
    unlike, refused = server().make_alike("beside", "ampora")
    assert bool(unlike) == (before != after)  # the readings of this test never change
    return [*connections.statements, *(f"refused: {statement}" for statement in refused)]


@pytest.mark.parametrize(
    ("before", "after", "statements"),
    [
        ({"comment": "it's ours"}, {}, ["COMMENT ON DATABASE \"beside\" IS 'it''s ours'"]),
        ({}, {"comment": "theirs"}, ['COMMENT ON DATABASE "beside" IS NULL']),
        ({"connection limit": "7"}, {"connection limit": "-1"}, ['ALTER DATABASE "beside" WITH CONNECTION LIMIT 7']),
        ({"grant CONNECT to read only": "granted"}, {}, ['GRANT CONNECT ON DATABASE "beside" TO "read only"']),
        ({"grant CREATE to eve": "with grant option"}, {}, ['GRANT CREATE ON DATABASE "beside" TO "eve" WITH GRANT OPTION']),
        ({}, {"grant CONNECT to PUBLIC": "granted"}, ['REVOKE CONNECT ON DATABASE "beside" FROM PUBLIC']),
        (
            {"setting search_path": '"$user", app'},
            {},
            ["SELECT set_config(%s, %s, true) ['search_path', '\"$user\", app']", 'ALTER DATABASE "beside" SET "search_path" FROM CURRENT'],
        ),
        (
            {"setting app.tenant of eve": "7"},
            {},
            [
                "SELECT set_config(%s, %s, true) ['app.tenant', '7']",
                'ALTER ROLE "eve" IN DATABASE "beside" SET "app"."tenant" FROM CURRENT',
            ],
        ),
        ({}, {"setting work_mem": "4MB"}, ['ALTER DATABASE "beside" RESET "work_mem"']),
        ({"owner": "eve"}, {"owner": "ampora"}, []),
        ({"owner": "ampora"}, {"owner": "ampora"}, []),
    ],
)
def test_what_no_dump_has(
    connections: Connections, monkeypatch: pytest.MonkeyPatch, before: dict[str, str], after: dict[str, str], statements: list[str]
) -> None:
    wrapped = ["BEGIN", *statements, "COMMIT"] if statements else []
    assert made_alike(connections, monkeypatch, before, after) == wrapped


def test_what_only_an_administrator_may_set_is_written_down_for_one(connections: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    connections.failures["set_config"] = psycopg.errors.InsufficientPrivilege("permission denied to set parameter")
    found = made_alike(connections, monkeypatch, {"setting log_statement": "ddl"}, {})
    assert found[-1] == 'refused: ALTER DATABASE "ampora" SET "log_statement" TO \'ddl\''


# --- the swap


def test_a_swap_is_one_transaction_behind_a_shut_door(connections: Connections) -> None:
    server().swap("ampora", "beside", "kept")
    assert [line for line in connections.statements if line.startswith(("ALTER", "BEGIN", "COMMIT"))] == [
        'ALTER DATABASE "beside" WITH ALLOW_CONNECTIONS true',
        SHUT,
        "BEGIN",
        *RENAMES,
        "COMMIT",
    ]
    assert {options["dbname"] for options in connections.options} == {"postgres"}
    ending = next(line for line in connections.statements if "pg_terminate_backend" in line)
    assert "{'names': ['ampora', 'beside']}" in ending


@pytest.mark.parametrize("fails", ["pg_terminate_backend", '"ampora" RENAME', '"beside" RENAME'])
def test_a_swap_that_fails_opens_the_door_again(connections: Connections, fails: str) -> None:
    connections.failures[fails] = psycopg.errors.ObjectInUse("it is in use")
    connections.answers["SELECT datallowconn"] = [(False,)]
    with pytest.raises(UpgradeError, match="it is in use"):
        server().swap("ampora", "beside", "kept")
    assert connections.statements[-1] == OPEN


def test_a_door_that_was_never_shut_is_left_as_it_is(connections: Connections) -> None:
    connections.failures["ALLOW_CONNECTIONS false"] = psycopg.errors.InsufficientPrivilege("must be owner")
    connections.answers["SELECT datallowconn"] = [(True,)]
    with pytest.raises(UpgradeError, match="must be owner"):
        server().swap("ampora", "beside", "kept")
    assert OPEN not in connections.statements


def test_a_server_that_restarts_is_waited_for_and_the_door_opened(connections: Connections, clock: Clock) -> None:
    """The session breaks between the shut door and the renames, and three connections are refused until the server is back."""
    connections.break_at('"ampora" RENAME', refuse=3)
    connections.answers["SELECT datallowconn"] = [(False,)]
    said: list[str] = []
    with pytest.raises(UpgradeError, match="server closed the connection"):
        server(said).swap("ampora", "beside", "kept")
    assert connections.statements[-1] == OPEN
    assert clock.seconds == 3
    assert said[0].startswith("waiting for the database server: ")


def test_a_session_that_breaks_at_the_commit_has_swapped(connections: Connections, clock: Clock) -> None:
    connections.break_at("COMMIT", refuse=1)
    connections.answers["FROM pg_database WHERE datname = %s ['kept']"] = [(1,)]
    server().swap("ampora", "beside", "kept")
    assert clock.seconds == 1
    assert OPEN not in connections.statements


def test_a_server_that_does_not_come_back(connections: Connections, clock: Clock) -> None:
    connections.break_at('"ampora" RENAME', refuse=10_000)
    with pytest.raises(UpgradeError, match="connection refused"):
        server().swap("ampora", "beside", "kept")
    assert clock.seconds > 90


def test_sessions_are_named_and_only_those_that_may_be_ended_are(connections: Connections) -> None:
    connections.answers["format('pid"] = [("pid 7 (Npgsql)",)]
    assert server().sessions_of("ampora") == ["pid 7 (Npgsql)"]
    assert server().sessions_of("ampora", only_foreign=True) == ["pid 7 (Npgsql)"]
    server().end_sessions("ampora")
    plain, foreign, ending = (line for line in connections.statements if "pg_stat_activity" in line)
    assert ("NOT (pg_has_role" in plain, "NOT (pg_has_role" in foreign, "AND (pg_has_role" in ending) == (False, True, True)
