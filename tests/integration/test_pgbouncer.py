# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Behind a real PgBouncer: a pool of sessions works, and a pool of transactions is refused before anything is set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.database.connection_string import ConnectionParameters
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database

from tests.integration.test_snapshot_local import CONTENT, HISTORY, World
from tests.support.pgbouncer import pgbouncer
from tests.support.postgres import PASSWORD, ROLE, Server, server


@pytest.fixture(scope="module")
def there() -> Iterator[Server]:
    with server(18) as found:
        with found.connect() as connection:
            connection.execute(CONTENT)
        yield found


def through(port: int) -> Database:
    parameters = ConnectionParameters("127.0.0.1", port, "ampora", ROLE, PASSWORD, "prefer")
    return Database(parameters, hostaddr="", history_query=HISTORY, timeout=5, source="the test")


def settings_of(port: int, sessions: int = 5) -> set[tuple[str, str]]:
    """What an application would find in the sessions that the pool gives it."""
    query = "SELECT current_setting('search_path'), current_setting('statement_timeout')"
    with ExitStack() as stack:
        found = []
        for _unused in range(sessions):
            connection = stack.enter_context(psycopg.connect(host="127.0.0.1", port=port, user=ROLE, password=PASSWORD, dbname="ampora"))
            found.append(connection.execute(query).fetchone())
        return {row for row in found if row is not None}


@pytest.mark.parametrize("ignored", ["", "options"])
def test_a_pool_of_transactions_is_refused_and_stays_as_it_was(there: Server, tmp_path: Path, ignored: str) -> None:
    more = {"ignore_startup_parameters": ignored} if ignored else {}
    with pgbouncer(there, "transaction", **more) as port:
        before = settings_of(port)
        with pytest.raises(UpgradeError) as error:
            through(port).require_sessions()
        assert "behind a pooler that gives each transaction another session" in error.value.message
        assert "pool_mode = session" in error.value.next_step
        world = World(there, tmp_path / "snapshots", fill=False)
        world.database = through(port)
        with pytest.raises(UpgradeError, match="behind a pooler"):
            world.take()
        assert not world.folder.exists()
        assert settings_of(port) == before


@pytest.mark.parametrize("ignored", ["", "options"])
def test_a_pool_of_sessions_works_with_our_deadlines(there: Server, tmp_path: Path, ignored: str) -> None:
    more = {"ignore_startup_parameters": ignored} if ignored else {}
    with pgbouncer(there, "session", **more) as port:
        database = through(port)
        database.require_sessions()
        with database.session() as connection:
            assert connection.execute("SHOW statement_timeout").fetchone() == ("5s",)
            assert connection.execute("SHOW lock_timeout").fetchone() == ("1s",)
        world = World(there, tmp_path / "snapshots", fill=False)
        world.database = database
        manifest = world.take(proof="restore")
        assert manifest.proof == "restored"
        assert manifest.rows["public.agents"] == 20000


def test_without_a_pooler(there: Server) -> None:
    database = through(there.port)
    database.require_sessions()
    with database.session() as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("5s",)
