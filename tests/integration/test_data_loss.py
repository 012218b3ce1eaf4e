# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was written since a snapshot, as the real server tells it: every kind of write is seen, and a migration's is none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import COUNTING_QUERY, facts_query, read_facts
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.data_loss import Loss, Subjects
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database, open_database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import now
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.audit_export import export_audit
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.writes_since import read_loss

from tests.sandbox import postgres
from tests.support.sandbox import Sandbox

NAME = "scratch_loss"
HISTORY = 'SELECT id FROM "History"'
SUBJECTS = Subjects("audit", "agents", ("agents",))
CONTENT = """
CREATE TABLE "History" (id text PRIMARY KEY);
INSERT INTO "History" VALUES ('1_first');
CREATE TABLE users (id int PRIMARY KEY, name text);
INSERT INTO users SELECT n, 'user ' || n FROM generate_series(1, 10) n;
CREATE TABLE agents (id int PRIMARY KEY, seen timestamptz);
INSERT INTO agents SELECT n, now() FROM generate_series(1, 20) n;
CREATE TABLE audit (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text);
INSERT INTO audit (what) SELECT 'before ' || n FROM generate_series(1, 50) n;
"""
# One transaction, as EF Core's: the table is written anew, and so each row is stamped.
MIGRATION = """BEGIN;
ALTER TABLE users ALTER COLUMN name TYPE jsonb USING to_jsonb(name);
CREATE TABLE added (id int);
INSERT INTO added VALUES (1);
INSERT INTO "History" VALUES ('2_second');
COMMIT;"""


@dataclass
class Place:
    sandbox: Sandbox
    database: Database
    manifest: Manifest

    def write(self, statement: str) -> None:
        self.sandbox.query(statement, database=NAME)

    def loss(self) -> Loss:
        return read_loss(self.database, self.manifest, SUBJECTS)


def _manifest(database: Database) -> Manifest:
    with database.session() as connection:
        counting = connection.execute(COUNTING_QUERY).fetchone()[0]
        facts = read_facts(connection.execute(facts_query(HISTORY, counting)).fetchone()[0])
    assert facts.marks is not None
    moment = now()
    nothing = {"namespace": "", "name": ""}
    return Manifest(
        *("id", "run", nothing, nothing, facts.migrations, facts.rows, facts.watermark, facts.server_version, 0, {}, 0, facts.size),
        *("", moment, moment, "job", "decoded", {}, "transaction", {}, facts.marks),
    )


@pytest.fixture
def place(running_sandbox: Sandbox) -> Iterator[Place]:
    postgres.create(NAME)
    try:
        running_sandbox.query(CONTENT, database=NAME)
        options = {
            "connection_string": postgres.npgsql(NAME),
            "env": "",
            "hostaddr": running_sandbox.vars["ampora_database_hostaddr"],
            "history_query": HISTORY,
            "root_certificate": "",
            "timeout": 10,
        }
        database = open_database(None, options, {})  # type: ignore[arg-type]  # the cluster is asked for a variable only
        yield Place(running_sandbox, database, _manifest(database))
    finally:
        postgres.drop(NAME)


def test_nothing_and_only_a_migration(place: Place) -> None:
    assert place.loss().lossless
    place.write("VACUUM FREEZE ANALYZE")
    assert place.loss().lossless
    place.write(MIGRATION)
    found = place.loss()
    assert (found.lossless, found.words()) == (True, "nothing: no row was written since, by watermark and counts")


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("INSERT INTO users VALUES (11, 'new')", {"public.users": 1}),
        ("UPDATE users SET name = name WHERE id <= 3", {"public.users": 3}),
        ("DELETE FROM users WHERE id <= 2", {"public.users": 2}),
        ("TRUNCATE users", {"public.users": 10}),
        ("INSERT INTO audit (what) SELECT 'later' FROM generate_series(1, 500)", {"public.audit": 500}),
        ("CREATE TABLE by_hand AS SELECT 1 AS id", {"public.by_hand": 1}),
    ],
)
def test_every_kind_of_write_is_seen(place: Place, statement: str, rows: dict[str, int]) -> None:
    place.write(statement)
    assert (place.loss().lossless, place.loss().rows) == (False, rows)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_write_around_a_migration_is_seen(place: Place, when: str) -> None:
    """Before it, the migration has stamped the row again; only the statistics' counters still tell."""
    update = "UPDATE users SET name = name WHERE id = 1"
    for statement in (update, MIGRATION) if when == "before" else (MIGRATION, update):
        place.write(statement)
    place.write("SELECT pg_stat_force_next_flush()")
    assert (place.loss().lossless, set(place.loss().rows)) == (False, {"public.users"})


def test_heartbeats_are_no_loss_and_enrolments_are(place: Place) -> None:
    place.write("UPDATE agents SET seen = now()")
    assert (place.loss().lossless, place.loss().volatile) == (True, {"public.agents": 20})
    place.write("INSERT INTO agents VALUES (21, now())")
    assert (place.loss().lossless, place.loss().agents) == (False, 1)


def test_the_audit_rows_that_are_lost_are_saved_byte_for_byte(place: Place, tmp_path: Path) -> None:
    place.write("INSERT INTO audit (what) SELECT E'l\\u00e4ter\\n\"' || n FROM generate_series(1, 2500) n")
    found = export_audit(place.database, "audit", place.loss().since, tmp_path)
    expected = [
        text for (text,) in place.sandbox.query("SELECT row_to_json(t)::text FROM audit t WHERE id > 50 ORDER BY id", database=NAME)
    ]
    saved = Path(found["file"]).read_bytes()
    assert saved.decode().splitlines() == expected
    assert found == {"file": str(tmp_path / "audit-lost.jsonl"), "rows": 2500, "sha256": hashlib.sha256(saved).hexdigest()}
    assert export_audit(place.database, "public.audit", 0, tmp_path)["rows"] == 2550
    assert export_audit(place.database, "nothing", 0, tmp_path) == {}


def test_a_row_is_a_line_and_the_applications_own_table_is_meant(place: Place, tmp_path: Path) -> None:
    """A column of the type json keeps its line breaks, and a schema that comes first in the alphabet may have a table of that name."""
    place.write("CREATE SCHEMA archive; CREATE TABLE archive.audit (id int); INSERT INTO archive.audit VALUES (1)")
    place.write("ALTER TABLE audit ADD details json")
    place.write("INSERT INTO audit (what, details) VALUES ('now', E'{\"a\":\\r\\n [1,\\n2]}')")
    found = export_audit(place.database, "audit", place.loss().since, tmp_path)
    # Rows of before may be among them: another transaction of the server may have been open when the state was saved.
    rows = [json.loads(line) for line in Path(found["file"]).read_text(encoding="utf-8").splitlines()]
    assert rows[-1] == {"id": 51, "what": "now", "details": {"a": [1, 2]}}
    assert len(rows) == found["rows"]
