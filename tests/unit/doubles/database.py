# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases of one server in memory: the port's questions, and its effects in the same list as the cluster's writes."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.database.catalog import Difference, differences
from ansible_collections.ampora.upgrades.plugins.module_utils.database.connection_string import ConnectionParameters
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.data_loss import DatabaseNow, TableNow
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database, LockHolder
from ansible_collections.ampora.upgrades.plugins.plugin_utils.server import Server
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.catalog import Catalog

from tests.unit.doubles.encrypted import EncryptedValues

PASSWORD = "s3cret-pass"


@dataclass
class Content:
    """What is in one database."""

    rows: dict[str, int] = field(default_factory=lambda: {"public.agents": 200})
    migrations: list[str] = field(default_factory=lambda: ["1_first", "2_second"])
    catalog: Catalog = field(default_factory=lambda: Catalog({"table public.agents": "owner ampora"}, {"public.ids": 200}))
    properties: dict[str, str] = field(
        default_factory=lambda: {"owner": "ampora", "encoding": "UTF8", "grant CONNECT to PUBLIC": "granted"}
    )
    encrypted: EncryptedValues = field(default_factory=EncryptedValues)
    admits: bool = True
    sessions: list[str] = field(default_factory=list)
    written: dict[str, int] = field(default_factory=dict)  # rows written since the scene's snapshot, beside those that were added
    foreign: list[str] = field(default_factory=list)


class MemoryDatabase(Database):
    """The database `ampora`, and whatever a test puts beside it; `failures` by the name of the call."""

    def __init__(self, events: list[str] | None = None) -> None:
        self.parameters = ConnectionParameters(
            host="pg.ampora-db", port=5432, database="ampora", username="ampora", password=PASSWORD, ssl_mode="require", root_certificate=""
        )
        self.hostaddr = ""
        self.source = "Secret ampora-secrets, key ConnectionStrings__Ampora"
        self.events = [] if events is None else events
        self.databases = {"ampora": Content()}
        self.failures: dict[str, UpgradeError] = {}
        self.server_version = 170004
        self.may_create_databases = True
        self.locks: list[LockHolder] = []

    def require_sessions(self) -> None:
        self._fail("require_sessions")

    def of(self, name: str) -> MemoryDatabase:
        other = copy.copy(self)
        other.parameters = dataclasses.replace(self.parameters, database=name)
        return other

    @property
    def _content(self) -> Content:
        return self.databases[self.parameters.database]

    @contextlib.contextmanager
    def session(self, database: str = "") -> Iterator[EncryptedValues]:
        """Only for a trial of the master key; everything else is asked by its own call."""
        yield (self.databases[database] if database else self._content).encrypted

    def migrations(self) -> list[str]:
        self._fail("migrations")
        return list(self._content.migrations)

    def facts(self) -> dict[str, Any]:
        self._fail("facts")
        return {
            "server_version": self.server_version,
            "size": 7_000_000,
            "may_create_databases": self.may_create_databases,
            "migrations": list(self._content.migrations),
        }

    def checkpoint(self) -> None:
        self._fail("checkpoint")
        self.events.append("checkpoint")

    def rows(self) -> dict[str, int]:
        self._fail("rows")
        return dict(self._content.rows)

    def create(self, name: str) -> None:
        self._fail("create")
        self.databases[name] = Content()
        self.events.append(f"create database {name}")

    def analyze(self) -> None:
        self._fail("analyze")
        self.events.append(f"analyze {self.parameters.database}")

    def empty(self, name: str) -> None:
        self._fail("empty")
        self.events.append(f"empty database {name}")

    def drop(self, name: str) -> None:
        self._fail("drop")
        self.databases.pop(name, None)
        self.events.append(f"drop database {name}")

    def exists(self, name: str) -> bool:
        return name in self.databases

    def _locks(self, query: str) -> list[LockHolder]:
        del query
        return list(self.locks)

    def _fail(self, what: str) -> None:
        if what in self.failures:
            raise self.failures[what]


class MemoryServer(Server):
    """The databases of a MemoryDatabase as wholes."""

    def __init__(self, database: MemoryDatabase, say: Callable[[str], None] = lambda _text: None) -> None:
        super().__init__(database, say)
        self.memory = database

    def properties(self, name: str) -> dict[str, str]:
        return dict(self.memory.databases[name].properties)

    def create_like(self, name: str, like: str) -> None:
        self.memory._fail("create")
        self.memory.databases[name] = Content({}, [])
        self.memory.events.append(f"create database {name} like {like}")

    def make_alike(self, name: str, like: str) -> tuple[list[Difference], list[str]]:
        """Everything but what only an administrator may set."""
        for_others = {fact: value for fact, value in self.properties(like).items() if not fact.startswith("setting log_")}
        self.memory.databases[name].properties.update({key: value for key, value in for_others.items() if key not in {"owner", "encoding"}})
        different = differences(self.properties(like), self.properties(name))
        return different, [f"SET {item.fact}" for item in different if item.fact.startswith("setting")]

    def sessions_of(self, name: str, *, only_foreign: bool = False) -> list[str]:
        content = self.memory.databases[name]
        return list(content.foreign if only_foreign else content.sessions)

    def end_sessions(self, *names: str) -> None:
        for name in names:
            self.memory.databases[name].sessions.clear()
            self.memory.events.append(f"end sessions of {name}")

    def beginning(self, prefix: str) -> dict[str, tuple[int, bool]]:
        found = sorted(name for name in self.memory.databases if name.startswith(prefix))
        return {name: (7_000_000, self.memory.databases[name].admits) for name in found}

    def shut(self, name: str) -> bool:
        return not self.memory.databases[name].admits

    def admit(self, name: str, allowed: bool) -> None:
        self.memory.databases[name].admits = allowed

    def swap(self, live: str, replacement: str, kept: str) -> None:
        self.memory._fail("swap")
        databases = self.memory.databases
        databases[kept] = databases.pop(live)
        databases[kept].admits = False
        databases[live] = databases.pop(replacement)
        databases[live].admits = True
        self.memory.events.append(f"swap database {live} {replacement} {kept}")


def memory_catalog(database: Database) -> Catalog:
    """In the place of read_catalog."""
    assert isinstance(database, MemoryDatabase)
    return database._content.catalog


def memory_now(database: Database, since: int) -> DatabaseNow:
    """In the place of read_now: what the scene's snapshot does not have was written since."""
    assert isinstance(database, MemoryDatabase)
    database._fail("read_now")
    assert since == 900
    content, oids = database._content, {"public.agents": 1}
    added = {name: max(0, count - (200 if name in oids else 0)) for name, count in content.rows.items()}
    tables = {
        name: TableNow(oids.get(name, 2), count, added[name] + content.written.get(name, 0), 0) for name, count in content.rows.items()
    }
    return DatabaseNow(16384, 1000, tables)


def memory_export(database: Database, table: str, since: int, directory: Path) -> dict[str, Any]:
    """In the place of export_audit."""
    assert isinstance(database, MemoryDatabase)
    database._fail("export")
    database.events.append(f"export {table} since {since}")
    return {"file": str(directory / "audit-lost.jsonl"), "rows": 7, "sha256": "c" * 64}
