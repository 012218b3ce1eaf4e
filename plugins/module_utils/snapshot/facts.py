# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the database says of itself in the very transaction that is saved: one statement, and its answer read.

Whoever runs the statement (psql inside of a Job, or a session of ours) runs it in the transaction whose snapshot was
exported to the dump, so that the row counts, the migrations and the watermark are of exactly the saved state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.ampora.upgrades.plugins.module_utils.fields import Fields

# Counts every table of the application in one statement.
ROWS_QUERY = """
SELECT coalesce(json_object_agg(format('%I.%I', table_schema, table_name),
  (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %I.%I', table_schema, table_name),
    false, true, '')))[1]::text::bigint), '{}')
FROM information_schema.tables
WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
"""

_FACTS_QUERY = """SELECT json_build_object(
  'server_version', current_setting('server_version_num')::int,
  'lsn', pg_current_wal_lsn()::text, 'taken_at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
  'size', pg_database_size(current_database()),
  'migrations', (SELECT coalesce(json_agg(history.id), '[]') FROM ({history_query}) AS history(id)),
  'rows', ({rows_query}))"""


@dataclass(frozen=True)
class DatabaseFacts:
    """What was true of the saved database; `size` in bytes, `watermark` as the manifest has it."""

    server_version: int
    watermark: dict[str, str]
    size: int
    migrations: tuple[str, ...]
    rows: dict[str, int]


def facts_query(history_query: str) -> str:
    """The statement; its one value is JSON. The history query is the product's own input."""
    history = history_query.rstrip().rstrip(";")
    return _FACTS_QUERY.replace("{history_query}", history).replace("{rows_query}", ROWS_QUERY)


def read_facts(value: Mapping[str, object]) -> DatabaseFacts:
    """The statement's answer; one that is not whole is refused."""
    read = Fields(value, "What the database said of itself")
    facts = DatabaseFacts(
        server_version=read.scalar("server_version", int),
        watermark={name: read.scalar(name, str) for name in ("lsn", "taken_at")},
        size=read.scalar("size", int),
        migrations=tuple(str(item) for item in read.items("migrations")),
        rows=read.mapping_of("rows", int),
    )
    read.finish()
    return facts
