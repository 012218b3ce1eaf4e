# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Poolers in memory. A real PgBouncer: tests/integration/test_pgbouncer.py."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.pooling import Connector

from tests.unit.doubles.sql import Connections

SETTINGS = {"lock_timeout": "1000", "search_path": "ampora, public"}


class Pooler(Connections):
    """Refuses settings at the start; `sessions` are the server's, in the order in which they are given out."""

    def __init__(self, *sessions: int) -> None:
        super().__init__()
        self.info = SimpleNamespace(backend_pid=1)
        self.sessions = list(sessions)
        self.opened = 0

    def __call__(self, **options: Any) -> Pooler:
        if options.get("options"):
            raise psycopg.OperationalError("FATAL: unsupported startup parameter in options: lock_timeout")
        self.opened += 1
        return self

    def execute(self, statement: Any, parameters: list[Any] | None = None) -> Any:
        if "pg_backend_pid" in str(statement):
            self.answers["pg_backend_pid"] = [(self.sessions.pop(0),)]
        return super().execute(statement, parameters)


def behind(pooler: Connections, monkeypatch: pytest.MonkeyPatch) -> Connector:
    monkeypatch.setattr(psycopg, "connect", pooler)
    return Connector(SETTINGS)


def test_without_a_pooler_the_settings_come_with_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Connections()
    behind(server, monkeypatch).open({"host": "db"})
    assert server.options == [{"autocommit": True, "options": "-c lock_timeout=1000 -c search_path=ampora,\\ public", "host": "db"}]
    assert server.statements == []


def test_a_pool_of_sessions_gets_the_settings_afterwards_and_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pooler = Pooler(*range(100, 110))
    connector = behind(pooler, monkeypatch)
    connector.open({})
    assert pooler.statements[-2:] == [
        "SELECT set_config(%s, %s, false) ['lock_timeout', '1000']",
        "SELECT set_config(%s, %s, false) ['search_path', 'ampora, public']",
    ]
    opened = pooler.opened
    connector.open({})
    assert pooler.opened == opened + 1


def test_a_pool_of_transactions_is_refused_before_anything_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    pooler = Pooler(100, 101, 100, 100)  # the second time, somebody else gets the session that we had
    with pytest.raises(UpgradeError, match="behind a pooler that gives each transaction another session"):
        behind(pooler, monkeypatch).open({})
    assert not any("set_config" in statement for statement in pooler.statements)


def test_another_error_of_a_connection_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Connections()
    server.failures["connect"] = psycopg.OperationalError("no password supplied")
    with pytest.raises(psycopg.OperationalError, match="no password"):
        behind(server, monkeypatch).open({})
