# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saves the audit rows that a restore takes away: one JSON object a line as the server words it, and its sha256 beside it.

They cannot be merged into the restored database, since they were written under another schema (the Upgrades page); what is
left is to keep them readable. The rows are streamed, so memory stays flat.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

try:
    from psycopg import sql
except ImportError:  # named by the action base before anything else happens
    sql = None  # type: ignore[assignment]

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.writes_since import BEGIN, WRITER

FILE = "audit-lost.jsonl"
BATCH = 1000
_FIND = """SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND %(name)s::text IN (c.relname::text, n.nspname || '.' || c.relname)
ORDER BY pg_table_is_visible(c.oid) DESC, 1 LIMIT 1"""
_ROWS = "DECLARE lost NO SCROLL CURSOR FOR SELECT row_to_json(t)::text FROM {table} AS t WHERE {writer} >= {since}"


def export_audit(database: Database, table: str, since: int, directory: Path) -> dict[str, Any]:
    """Rows of `table` written by the transaction `since` or a later one (0: all) into `directory`.

    Returns file, rows and sha256; nothing where there is no such table. Whatever fails is an UpgradeError.
    """
    with database.session() as connection:
        found = connection.execute(_FIND, {"name": table}).fetchone()
        if found is None:
            return {}
        connection.execute(BEGIN)
        query = sql.SQL(_ROWS).format(table=sql.Identifier(*found), writer=sql.SQL(WRITER), since=sql.Literal(since))
        connection.execute(query)
        return _write(_batches(connection), directory / FILE)


def _batches(connection: Any) -> Iterator[list[str]]:
    while batch := connection.execute(f"FETCH {BATCH} FROM lost").fetchall():
        # A column of the type json keeps its line breaks; between two tokens a space means the same, and a line is a row.
        yield [text.replace("\r", " ").replace("\n", " ") for (text,) in batch]


def _write(batches: Iterable[list[str]], path: Path) -> dict[str, Any]:
    """A whole file or the one from before: people may hold it for evidence."""
    digest, rows = hashlib.sha256(), 0
    unfinished = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            unfinished.chmod(0o600)
            for batch in batches:
                block = "".join(f"{line}\n" for line in batch).encode()
                file.write(block)
                digest.update(block)
                rows += len(batch)
        unfinished.replace(path)
        path.with_suffix(".jsonl.sha256").write_text(f"{digest.hexdigest()}  {path.name}\n", encoding="utf-8")
    except OSError as error:
        raise UpgradeError(
            f"The audit rows that would be lost cannot be written to {path}: {error.strerror}.",
            next_step="Make room there or name another ampora_report_dir, then run the same command again. Nothing was restored.",
        ) from error
    return {"file": str(path), "rows": rows, "sha256": digest.hexdigest()}
