# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what was written since a snapshot: every table of the live database, in one transaction, by the rows' own stamps.

`xmin` has 32 bits. Counted back from the next transaction it becomes the full number, because no row that was written
since the snapshot can be older than the snapshot (data_loss refuses greater distances).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

try:
    from psycopg import sql
except ImportError:  # named by the action base before anything else happens
    sql = None  # type: ignore[assignment]

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run.timestamp import parse
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.data_loss import DatabaseNow, Loss, Subjects, TableNow, compute
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import now

# Before any reading of rows: one state for all tables, an error instead of rows that row security hides.
BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0; SET LOCAL row_security = off"
# The full number of the transaction that wrote a row; 1 and 2 are PostgreSQL's own.
WRITER = """(CASE WHEN xmin::text::bigint < 3 THEN 0 ELSE pg_snapshot_xmax(pg_current_snapshot())::text::bigint
  - ((pg_snapshot_xmax(pg_current_snapshot())::text::bigint - xmin::text::bigint) & 4294967295) END)"""
_TABLES = """
SELECT format('%I.%I', i.table_schema, i.table_name), i.table_schema, i.table_name, c.oid::bigint,
  s.n_tup_ins, s.n_tup_upd, s.n_tup_del
FROM information_schema.tables i
JOIN pg_class c ON c.relname = i.table_name JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = i.table_schema
LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
WHERE i.table_type = 'BASE TABLE' AND i.table_schema NOT IN ('pg_catalog', 'information_schema')"""
_HERE = """SELECT (SELECT oid::bigint FROM pg_database WHERE datname = current_database()),
  pg_snapshot_xmax(pg_current_snapshot())::text::bigint"""
_WRITERS = "SELECT DISTINCT {writer} FROM {table} WHERE {writer} >= %s"
_COUNT = """SELECT count(*), count(*) FILTER (WHERE writer >= %(since)s AND writer <> ALL (%(migrations)s)),
  count(*) FILTER (WHERE writer = ANY (%(migrations)s)) FROM (SELECT {writer} AS writer FROM {table}) AS rows"""


def read_loss(database: Database, manifest: Manifest, subjects: Subjects) -> Loss:
    """What going back to this snapshot would lose now. A snapshot without marks costs no reading: nothing can be proven."""
    taken = parse(manifest.watermark["taken_at"]) or manifest.started_at
    minutes = int(-(-max(0.0, (now() - taken).total_seconds()) // 60))
    try:
        found = read_now(database, manifest.marks.xid) if manifest.marks is not None else DatabaseNow(0, 0, {})
    except UpgradeError as error:
        return Loss(minutes, unproven=(error.message.rstrip("."),))
    return compute(manifest.rows, manifest.marks, found, subjects, minutes)


def read_now(database: Database, since: int) -> DatabaseNow:
    """All tables as they are now, against the oldest transaction that was open when the snapshot was taken (`since`)."""
    with database.session() as connection:
        connection.execute(BEGIN)
        oid, xid = connection.execute(_HERE).fetchone()
        history = set(_relations(connection, database.history_query))
        migrations = [writer for table in history for (writer,) in connection.execute(_of(_WRITERS, table), [since]).fetchall()]
        tables, of_history = {}, set()
        for name, schema, table, table_oid, *counters in connection.execute(_TABLES).fetchall():
            if (schema, table) in history:
                of_history.add(name)
                continue
            values = {"since": since, "migrations": migrations}
            rows, written, migrated = connection.execute(_of(_COUNT, (schema, table)), values).fetchone()
            moves = None if None in counters else (counters[0], counters[1], counters[2])
            tables[name] = TableNow(table_oid, rows, written, migrated, moves)
    return DatabaseNow(oid, xid, tables, frozenset(of_history))


def _of(statement: str, table: tuple[str, str]) -> Any:
    return sql.SQL(statement).format(writer=sql.SQL(WRITER), table=sql.Identifier(*table))


def _relations(connection: Any, query: str) -> Iterator[tuple[str, str]]:
    """The tables that the history query reads: a migration stamps its own row there, and with it all that it wrote."""
    plan = connection.execute("EXPLAIN (VERBOSE, FORMAT JSON) " + query).fetchone()[0]
    nodes = [node["Plan"] for node in (json.loads(plan) if isinstance(plan, str) else plan)]
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if "Relation Name" in node:
            yield node["Schema"], node["Relation Name"]
