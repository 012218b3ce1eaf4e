# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases of one server in memory: the port's questions, and its effects in the same list as the cluster's writes."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.database.connection_string import ConnectionParameters
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database, LockHolder

PASSWORD = "s3cret-pass"


@dataclass
class Content:
    """What is in one database."""

    rows: dict[str, int] = field(default_factory=lambda: {"public.agents": 200})
    migrations: list[str] = field(default_factory=lambda: ["1_first", "2_second"])


class MemoryDatabase(Database):
    """The database `ampora`, and whatever a test puts beside it; `failures` by the name of the call."""

    def __init__(self, events: list[str] | None = None) -> None:
        self.parameters = ConnectionParameters(
            host="pg.ampora-db", port=5432, database="ampora", username="ampora", password=PASSWORD, ssl_mode="require", root_certificate=""
        )
        self.source = "Secret ampora-secrets, key ConnectionStrings__Ampora"
        self.events = [] if events is None else events
        self.databases = {"ampora": Content()}
        self.failures: dict[str, UpgradeError] = {}
        self.server_version = 170004
        self.may_create_databases = True
        self.locks: list[LockHolder] = []

    def of(self, name: str) -> MemoryDatabase:
        other = copy.copy(self)
        other.parameters = dataclasses.replace(self.parameters, database=name)
        return other

    @property
    def _content(self) -> Content:
        return self.databases[self.parameters.database]

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

    def advisory_locks(self) -> list[LockHolder]:
        return list(self.locks)

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

    def drop(self, name: str) -> None:
        self._fail("drop")
        self.databases.pop(name, None)
        self.events.append(f"drop database {name}")

    def swap(self, live: str, replacement: str, kept: str) -> None:
        self._fail("swap")
        self.databases[kept] = self.databases.pop(live)
        self.databases[live] = self.databases.pop(replacement)
        self.events.append(f"swap database {live} {replacement} {kept}")

    def _fail(self, what: str) -> None:
        if what in self.failures:
            raise self.failures[what]
