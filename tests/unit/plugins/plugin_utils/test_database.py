# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The PostgreSQL port with a connection that writes down its statements; a real server is the integration tests' part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import History
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import (
    Database,
    LockHolder,
    MigrationRunningError,
    open_database,
)

from tests.unit.doubles.scene import deployment
from tests.unit.doubles.sql import OPTIONS, PASSWORD, Connections, database

WHERE = "pg.ampora-db:5432/ampora as ampora"
SHORT = "-c lock_timeout=1000 -c statement_timeout=5000"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Connections:
    found = Connections()
    monkeypatch.setattr(psycopg, "connect", found)
    return found


def refused(found: Database) -> UpgradeError:
    with pytest.raises(UpgradeError) as error:
        found.migrations()
    assert PASSWORD not in str(error.value)
    return error.value


# --- where it is


def test_the_containers_own_connection_string(server: Connections) -> None:
    found = database()
    assert found.migrations() == []
    assert found.source == "Secret ampora-secrets, key ConnectionStrings__Ampora"
    options = server.options[0]
    assert (options["host"], options["dbname"], options["user"], options["password"]) == ("pg.ampora-db", "ampora", "ampora", PASSWORD)
    assert (options["connect_timeout"], options["options"], options["application_name"]) == ("7", SHORT, "ampora.upgrades")
    assert options["autocommit"] is True


def test_an_address_of_ones_own(server: Connections) -> None:
    database(hostaddr="10.0.0.7").migrations()
    assert (server.options[0]["host"], server.options[0]["hostaddr"]) == ("pg.ampora-db", "10.0.0.7")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "postgresql://ada:s3cret-pass@db.example:6432/web?sslmode=verify-full&sslrootcert=system",
            ("db.example", 6432, "web", "ada", PASSWORD, "verify-full", "system"),
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


def test_another_database_of_the_same_server(server: Connections) -> None:
    found = database()
    found.of("beside").migrations()
    found.migrations()
    assert [options["dbname"] for options in server.options] == ["beside", "ampora"]


def test_one_session_for_several_questions(server: Connections) -> None:
    found = database()
    with found.held() as held:
        held.migrations()
        held.migrations()
        held.of("beside").migrations()
        held.exists("ampora")
    found.migrations()
    assert [options["dbname"] for options in server.options] == ["ampora", "beside", "postgres", "ampora"]


def test_a_session_that_is_lost_while_it_is_held(server: Connections) -> None:
    with (
        pytest.raises(UpgradeError, match=f"^The database {WHERE} .* cannot be used: server closed the connection"),
        database().held() as held,
    ):
        server.break_at("FROM h", refuse=0)
        held.migrations()


# --- what can be wrong with it


def test_it_cannot_be_reached(server: Connections) -> None:
    server.failures["connect"] = psycopg.OperationalError('connection to server failed:\nFATAL: password authentication failed for "a".')
    assert str(refused(database())) == (
        f"The database {WHERE} (from Secret ampora-secrets, key ConnectionStrings__Ampora) cannot be used: FATAL: password authentication"
        ' failed for "a". Next: Check the connection string, the password and the network, then run the same command again.'
    )


def test_an_error_without_a_word(server: Connections) -> None:
    server.failures["connect"] = psycopg.OperationalError()
    assert "cannot be used: OperationalError." in str(refused(database()))


def test_a_locked_history_is_a_running_migration(server: Connections) -> None:
    server.failures["SELECT id FROM h"] = psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")
    error = refused(database())
    assert isinstance(error, MigrationRunningError)
    assert str(error) == (f"A table of {WHERE} is locked: a migration is running now. Next: Wait until it has ended, then run this again.")


def test_a_refused_statement(server: Connections) -> None:
    server.failures["SELECT id FROM h"] = psycopg.errors.InsufficientPrivilege("permission denied for table h")
    assert str(refused(database())) == f"The database {WHERE} refuses: permission denied for table h."


def test_a_reading_of_the_history(server: Connections) -> None:
    server.answers["SELECT id FROM h"] = [("1_first",), ("2_second",)]
    found = database().history()
    assert found == History("read", ("1_first", "2_second"))
    assert found.ids == ("1_first", "2_second")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (psycopg.errors.UndefinedTable('relation "h" does not exist'), f'The database {WHERE} refuses: relation "h" does not exist'),
        (
            psycopg.errors.InsufficientPrivilege("permission denied for table h"),
            f"The database {WHERE} refuses: permission denied for table h",
        ),
        (
            psycopg.OperationalError("server closed the connection unexpectedly"),
            "cannot be used: server closed the connection unexpectedly",
        ),
    ],
)
def test_a_history_that_cannot_be_read_says_why(server: Connections, error: psycopg.Error, words: str) -> None:
    server.failures["SELECT id FROM h"] = error
    found = database().history()
    assert (found.state, found.ids) == ("unreadable", None)
    assert words in found.words


def test_a_locked_history_names_who_holds_it(server: Connections) -> None:
    server.failures["SELECT id FROM h"] = psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")
    server.answers["AccessExclusiveLock"] = [(7, "ef", "active", 61)]
    found = database().history()
    assert (found.state, found.ids) == ("running", None)
    assert found.words == "the lock is held by pid 7 (ef), active for 61 s"


def test_a_locked_history_whose_holder_cannot_be_seen(server: Connections) -> None:
    server.failures["SELECT id FROM h"] = psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")
    server.failures["AccessExclusiveLock"] = psycopg.errors.InsufficientPrivilege("no")
    assert database().history() == History("running", words=f"A table of {WHERE} is locked: a migration is running now")


def test_a_held_advisory_lock_is_a_migration_between_two_ids(server: Connections) -> None:
    server.answers = {"'advisory'": [(7, "", "idle in transaction", 5)], "SELECT id FROM h": [("1_first",)]}
    found = database().history()
    assert (found.state, found.migrations, found.ids) == ("running", ("1_first",), None)
    assert found.words == "the lock is held by pid 7 (no application name), idle in transaction for 5 s"
    assert database().history(mind_advisory_locks=False) == History("read", ("1_first",))


# --- questions


def test_facts(server: Connections) -> None:
    server.answers = {"server_version_num": [(170004, 7000, True)], "SELECT id FROM h": [("1_first",)]}
    assert database().facts() == {"server_version": 170004, "size": 7000, "may_create_databases": True, "migrations": ["1_first"]}
    assert len(server.options) == 1


def test_advisory_locks(server: Connections) -> None:
    server.answers["pg_locks"] = [(7, "ef", "active", 61), (8, None, None, None)]
    assert database().advisory_locks() == [LockHolder(7, "ef", "active", 61), LockHolder(8, "", "", 0)]


def test_rows_may_take_their_time(server: Connections) -> None:
    server.answers = {"json_object_agg": [({"public.agents": 200},)], "string_agg": [("SELECT 'public.agents', 200",)]}
    assert database().rows() == {"public.agents": 200}
    assert server.statements[0] == "SET statement_timeout = 0"
    assert "FROM (SELECT 'public.agents', 200) AS counted" in server.statements[2]


def test_a_database_is_made_by_its_exact_name(server: Connections) -> None:
    database().create('a"b')
    assert server.statements == ["SET statement_timeout = 0", 'CREATE DATABASE "a""b"']
    assert server.options[0]["dbname"] == "postgres"


def test_statistics_are_of_the_database_itself(server: Connections) -> None:
    database().of("beside").analyze()
    assert server.statements == ["SET statement_timeout = 0", "ANALYZE"]
    assert server.options[0]["dbname"] == "beside"


@pytest.mark.parametrize("rows", [[(1,)], []])
def test_whether_a_database_exists(server: Connections, rows: list[tuple[int]]) -> None:
    server.answers["pg_database"] = list(rows)
    assert database().exists("beside") is bool(rows)
    assert server.options[0]["dbname"] == "postgres"
    assert server.statements == ["SELECT 1 FROM pg_database WHERE datname = %s ['beside']"]


# --- effects


def test_a_name_is_quoted_when_a_database_is_dropped(server: Connections) -> None:
    database().drop('x"; DROP DATABASE ampora; --')
    assert server.options[0]["dbname"] == "postgres"
    assert server.statements[1] == 'DROP DATABASE IF EXISTS "x""; DROP DATABASE ampora; --" WITH (FORCE)'


def test_a_database_is_emptied_in_one_statement(server: Connections) -> None:
    server.answers["pg_class"] = [("public", "agents"), ("Weird", 'a"b')]
    database().empty("beside")
    assert server.options[0]["dbname"] == "beside"
    assert server.statements[-1] == 'DROP TABLE "public"."agents", "Weird"."a""b" CASCADE'


def test_an_empty_database_is_left_alone(server: Connections) -> None:
    server.answers["pg_class"] = []
    database().empty("beside")
    assert len(server.statements) == 1


# --- whom it trusts

CA = "-----BEGIN CERTIFICATE-----"
VERIFIED = "Host=db;Username=ada;Password=s3cret-pass;SSL Mode=VerifyFull"


def by_string(text: str, **options: Any) -> Database:
    return database(connection_string=text, **options)


def test_an_authority_of_the_controller(server: Connections, tmp_path: Path) -> None:
    file = tmp_path / "ca.crt"
    file.write_text(CA, encoding="utf-8")
    for found in (by_string(VERIFIED, root_certificate=str(file)), by_string(f"{VERIFIED};Root Certificate={file}")):
        found.migrations()
        assert (server.options[-1]["sslmode"], server.options[-1]["sslrootcert"]) == ("verify-full", str(file))
        assert found.authority == CA


def test_an_authority_that_the_container_mounts(server: Connections) -> None:
    cluster = deployment(password=f"{PASSWORD};SSL Mode=VerifyCA;Root Certificate=/etc/ssl/db/ca.crt")
    cluster.add("ConfigMap", {"metadata": {"name": "authorities"}, "data": {"ca.crt": CA}})
    body = cluster.deployment()
    body["spec"]["template"]["spec"]["volumes"] = [{"name": "ca", "configMap": {"name": "authorities"}}]
    cluster.container(body)["volumeMounts"] = [{"name": "ca", "mountPath": "/etc/ssl/db"}]
    found = open_database(cluster, OPTIONS, body)
    found.migrations()
    assert Path(server.options[0]["sslrootcert"]).read_text(encoding="utf-8") == found.authority == CA


def test_the_systems_authorities(server: Connections) -> None:
    found = by_string(VERIFIED)
    found.migrations()
    assert server.options[0]["sslrootcert"] == "system"
    assert found.authority == ""


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            f"{VERIFIED};Root Certificate=/none.crt",
            {},
            "The root certificate /none.crt of ampora_database_connection_string is no file that can be read from here.",
        ),
        (
            VERIFIED,
            {"root_certificate": "/none.crt"},
            "The root certificate /none.crt of ampora_database_root_certificate is no file that can be read from here.",
        ),
        (
            VERIFIED.replace("VerifyFull", "VerifyCA"),
            {},
            "ampora_database_connection_string has SSL Mode VerifyCA and no Root Certificate.",
        ),
    ],
)
def test_an_authority_that_is_not_there(text: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UpgradeError) as error:
        by_string(text, **options)
    assert error.value.message == message
    assert "ampora_database_root_certificate" in error.value.next_step


def test_the_clients_own_files_are_the_controllers(server: Connections, tmp_path: Path) -> None:
    (tmp_path / "both.pem").write_text(CA, encoding="utf-8")
    (tmp_path / "pass").write_text("db:5432:*:ada:x", encoding="utf-8")
    by_string(f"Host=db;Username=ada;SSL Certificate={tmp_path}/both.pem;Passfile={tmp_path}/pass").migrations()
    found = {name: server.options[0][name] for name in ("sslcert", "sslkey", "passfile")}
    assert found == {"sslcert": f"{tmp_path}/both.pem", "sslkey": f"{tmp_path}/both.pem", "passfile": f"{tmp_path}/pass"}
    by_string(f"postgresql://ada@db/ampora?sslcert={tmp_path}/both.pem&sslkey={tmp_path}/both.pem&passfile={tmp_path}/pass").migrations()
    assert {name: server.options[1][name] for name in found} == found


@pytest.mark.parametrize(
    ("keyword", "file", "message"),
    [
        ("SSL Certificate", "none.pem", "cannot be read from here: No such file or directory."),
        ("SSL Key", "none.key", "cannot be read from here: No such file or directory."),
        ("Passfile", "none", "cannot be read from here: No such file or directory."),
        ("SSL Certificate", "c.pfx", "is not in the form PEM, which alone libpq reads."),
    ],
)
def test_a_file_of_the_client_that_libpq_would_pass_over(tmp_path: Path, keyword: str, file: str, message: str) -> None:
    (tmp_path / "c.pfx").write_bytes(b"0\x82\x0a")
    with pytest.raises(UpgradeError) as error:
        by_string(f"Host=db;Username=ada;{keyword}={tmp_path}/{file}")
    assert error.value.message == f"The {keyword} {tmp_path}/{file} of ampora_database_connection_string {message}"
    assert "files of the controller" in error.value.next_step


def test_a_search_path_of_ones_own(server: Connections) -> None:
    by_string("Host=db;Username=ada;Search Path=ampora, public").migrations()
    assert server.options[0]["options"] == f"{SHORT} -c search_path=ampora,\\ public"
