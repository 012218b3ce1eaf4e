# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for psycopg.connect: answers by a word in the statement, and fails where a test says."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database, open_database

from tests.unit.doubles.scene import deployment

PASSWORD = "s3cret-pass"
OPTIONS = {
    "env": "ConnectionStrings__Ampora",
    "connection_string": "",
    "hostaddr": "",
    "root_certificate": "",
    "history_query": "SELECT id FROM h",
    "timeout": 7,
}


class Rows:
    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = rows

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows[0] if self._rows else None


class Connections:
    """`statements` are those of all sessions; a session that is broken answers nothing more."""

    def __init__(self) -> None:
        self.options: list[dict[str, Any]] = []
        self.statements: list[str] = []
        self.answers: dict[str, list[tuple[Any, ...]]] = {}
        self.failures: dict[str, psycopg.Error] = {}
        self.breaks, self.refusals = "", 0

    def break_at(self, word: str, *, refuse: int) -> None:
        """The server goes away at a statement; so many connections after it are refused."""
        self.breaks, self.refusals = word, refuse

    def __call__(self, **options: Any) -> Connections:
        self.options.append(options)
        self._fail("connect")
        if not self.breaks and self.refusals:
            self.refusals -= 1
            raise psycopg.OperationalError("connection refused")
        return self

    def __enter__(self) -> Connections:
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
        self._say("COMMIT")

    def execute(self, statement: Any, parameters: list[Any] | None = None) -> Rows:
        text = statement if isinstance(statement, str) else statement.as_string(None)
        line = " ".join(text.split()) + (f" {parameters}" if parameters else "")
        self._say(line)
        self._fail(text)
        return Rows(next((rows for word, rows in self.answers.items() if word in text or word in line), []))

    def _say(self, line: str) -> None:
        self.statements.append(line)
        if self.breaks and self.breaks in line:
            self.breaks = ""
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    def _fail(self, text: str) -> None:
        for word, error in self.failures.items():
            if word in text:
                raise error


def database(**options: Any) -> Database:
    cluster = deployment(password=PASSWORD)
    return open_database(cluster, {**OPTIONS, **options}, cluster.deployment())
