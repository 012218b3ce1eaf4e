# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the database says of itself in the very transaction that is saved: two statements, and their answer read.

Whoever runs them (psql inside of a Job, or a session of ours) runs them in the transaction whose snapshot was
exported to the dump, so that the row counts, the migrations and the watermark are of exactly the saved state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.fields import Fields
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.marks import MARKS_QUERY, Marks

# What begins the transaction that is saved: no deadline of the server or of the role may end it while the dump runs.
BEGIN = (
    "SET statement_timeout = 0",
    "SET idle_in_transaction_session_timeout = 0",
    "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout'",  # from 17 on
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
)

_TABLES = """FROM information_schema.tables
WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"""

# Makes the statement that counts every table of the application; its one value goes into `facts_query` or `rows_query`.
COUNTING_QUERY = f"""SELECT coalesce(string_agg(format('SELECT %L::text, count(*) FROM %I.%I',
  format('%I.%I', table_schema, table_name), table_schema, table_name), ' UNION ALL '), 'SELECT NULL::text, 0 WHERE false') AS counting
{_TABLES}"""

# The time first: it is evaluated when the dump has just ended, before anything is counted.
_FACTS_QUERY = """SELECT json_build_object(
  'seconds', round(extract(epoch FROM clock_timestamp() - transaction_timestamp())::numeric, 2),
  'server_version', current_setting('server_version_num')::int,
  'lsn', pg_current_wal_lsn()::text, 'taken_at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
  'size', pg_database_size(current_database()),
  'migrations', (SELECT coalesce(json_agg(history.id), '[]') FROM ({history_query}) AS history(id)),
  'audit', ({audit_query}),
  'rows', ({rows_query}),
  'marks', ({marks_query}))"""
_AUDIT_QUERY = "SELECT json_build_object('audit_id', newest.id::text, 'audit_at', newest.at::text) FROM ({query}) AS newest(id, at)"
_ROWS_QUERY = "SELECT coalesce(json_object_agg(name, number), '{}') FROM ({counting}) AS counted(name, number)"


@dataclass(frozen=True)
class DatabaseFacts:
    """What was true of the saved database; `size` in bytes, `watermark` as the manifest has it, `seconds` of the dump."""

    server_version: int
    watermark: dict[str, str]
    size: int
    migrations: tuple[str, ...]
    rows: dict[str, int]
    seconds: float
    marks: Marks | None = None  # a method that cannot ask the database for them has none


def rows_query(counting: str) -> str:
    """Rows per table as one JSON value; `counting` is what COUNTING_QUERY gave, in the same transaction."""
    return _ROWS_QUERY.replace("{counting}", counting)


def facts_query(history_query: str, counting: str, audit_query: str = "") -> str:
    """The statement; its one value is JSON. The queries are the product's own inputs.

    The history query gives an id a row; the audit query gives the id and the time of the newest audit row, and may be empty.
    """
    history = history_query.rstrip().rstrip(";")
    audit = _AUDIT_QUERY.replace("{query}", audit_query.rstrip().rstrip(";")) if audit_query else "SELECT NULL::json"
    own = _FACTS_QUERY.replace("{rows_query}", rows_query(counting)).replace("{marks_query}", MARKS_QUERY)
    return own.replace("{history_query}", history).replace("{audit_query}", audit)


def read_facts(value: Mapping[str, Any]) -> DatabaseFacts:
    """The statement's answer; one that is not whole is refused."""
    read = Fields(value, "What the database said of itself")
    facts = DatabaseFacts(
        server_version=read.scalar("server_version", int),
        watermark={**{name: read.scalar(name, str) for name in ("lsn", "taken_at")}, **_audit(read, value)},
        size=read.scalar("size", int),
        migrations=tuple(str(item) for item in read.items("migrations")),
        rows=read.mapping_of("rows", int),
        seconds=read.scalar("seconds", float),
        marks=Marks.read(read.mapping("marks")) if value.get("marks") else None,
    )
    read.finish()
    return facts


def _audit(read: Fields, value: Mapping[str, Any]) -> dict[str, str]:
    """The newest audit row; nothing where there is none or nobody knows the table."""
    found = read.mapping_of("audit", str) if value.get("audit") else {}
    return found if set(found) == {"audit_id", "audit_at"} else {}
