# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A snapshot beside raw pg_dump and pg_restore with the same options, client and server, in turn, on a database of our own."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import SNAPSHOT_INPUTS
from ansible_collections.ampora.upgrades.plugins.module_utils.database.connection_string import ConnectionParameters, to_environment
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import Deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Tools
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import Snapshots
from psycopg.conninfo import conninfo_to_dict

from tests.support.postgres import sandbox_client
from tests.support.sandbox import Sandbox
from tests.support.scratch import defaults
from tests.unit.doubles.scene import RUN, deployment

NAME = "ampora_bench"
TABLES = 4
ROUNDS = 3
JOBS = 2
HISTORY = "SELECT 'first'"
MEGABYTES = int(os.environ.get("AMPORA_BENCH_MEGABYTES", "400"))
ROW_BYTES = 200


@pytest.fixture
def database(running_sandbox: Sandbox) -> Iterator[Database]:
    """MEGABYTES of text that compresses about as a fleet's data does, on the sandbox's server."""
    found = _open(running_sandbox)
    found.drop(NAME)
    found.create(NAME)
    rows = MEGABYTES * 1024 * 1024 // ROW_BYTES // TABLES
    with found.session() as connection:
        connection.execute("SET statement_timeout = 0")
        for number in range(TABLES):
            connection.execute(
                f"CREATE TABLE fleet_{number} AS SELECT n AS id, md5(n::text) AS uid, now() AS at,"
                f" repeat(md5((n % 1000)::text), 3) AS status FROM generate_series(1, {rows}) n"
            )
    yield found
    found.drop(NAME)


def _open(sandbox: Sandbox) -> Database:
    fields = {name: str(value) for name, value in conninfo_to_dict(sandbox.env["AMPORA_SANDBOX_DATABASE_URL"]).items()}
    parameters = ConnectionParameters(
        host=fields["host"],
        port=int(fields["port"]),
        database=NAME,
        username=fields["user"],
        password=fields["password"],
        ssl_mode=fields["sslmode"],
        root_certificate=fields["sslrootcert"],
    )
    return Database(parameters, hostaddr="", history_query=HISTORY, timeout=10, source="the benchmark")


class Raw:
    """The programs as a person would type them."""

    def __init__(self, database: Database) -> None:
        variables = to_environment(database.parameters)
        self._environment = {**os.environ, **variables, "PGPASSWORD": database.parameters.password}

    def seconds(self, program: str, *arguments: str) -> float:
        began = time.monotonic()
        subprocess.run([str(sandbox_client() / program), *arguments], env=self._environment, check=True, timeout=600)
        return time.monotonic() - began

    def dump(self, folder: Path) -> float:
        shutil.rmtree(folder, ignore_errors=True)
        return self.seconds("pg_dump", "--format=directory", f"--jobs={JOBS}", "--compress=1", f"--file={folder}")


def test_a_snapshot_against_pg_dump(database: Database, tmp_path: Path) -> None:
    raw, dumps, taken = Raw(database), [], []
    options = {
        **defaults(SNAPSHOT_INPUTS),
        "method": "local",
        "directory": str(tmp_path / "snapshots"),
        "client": str(sandbox_client()),
        "jobs": JOBS,
        "timeout": 600,
    }
    options |= {"proof": "decode", "keep": 0, "audit_query": ""}
    deployed = Deployed("1.4.2", parse("reg.example/ampora-web:1.4.2"), "", "1", 1, {})

    def snapshot(**more: str) -> Manifest:
        tools = Tools(deployment(), database, {**options, **more}, HISTORY, SafePoint(), lambda _unused: None)
        return Snapshots(tools).take(RUN, deployed, "")

    for _unused in range(ROUNDS):
        dumps.append(raw.dump(tmp_path / "raw"))
        taken.append(snapshot())
    plain, ours = statistics.median(dumps), statistics.median(one.seconds["take"] for one in taken)
    proof = statistics.median(one.seconds["proof"] for one in taken)
    size = taken[0].database_size
    print(
        f"\nsnapshot of {size / 2**20:.0f} MiB, {taken[0].size / 2**20:.0f} MiB kept: {size / ours / 2**20:.0f} MiB/s, raw pg_dump"
        f" {size / plain / 2**20:.0f} MiB/s, ratio of the throughputs {plain / ours:.2f} (target 0.95);"
        f" the proof takes {proof:.1f} s, {proof / ours:.2f} of the dump"
    )
    database.create(f"{NAME}_raw")
    try:
        restored = raw.seconds("pg_restore", f"--jobs={JOBS}", f"--dbname={NAME}_raw", str(tmp_path / "raw"))
    finally:
        database.drop(f"{NAME}_raw")
    proven = snapshot(proof="restore").seconds["restore"]
    print(f"the proof by a restore takes {proven:.1f} s with its looking, raw pg_restore {restored:.1f} s, ratio {proven / restored:.2f}")
