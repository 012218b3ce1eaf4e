# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back by numbers: a swap of a small and of a large database, and a restore beside a raw `pg_restore -j`."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.job import restore_job
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback import names
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.job import JobMethod
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.swapping import Swapping

from tests.sandbox import postgres
from tests.support.sandbox import Sandbox
from tests.support.scratch import BACK, RUN, Scratch, scratch

NAME = "scratch-bench"
SMALL, LARGE, RESTORED = 8, 2100, 256  # MiB beyond an empty database
ROW = 4096
RAW_SH = 'cd "$AMPORA_DIRECTORY" && pg_restore --jobs="$AMPORA_JOBS" --exit-on-error --no-password --dbname="$PGDATABASE" dump'
SWAP_BACK = "20261122t2300z-ee55aa"


@pytest.fixture
def world(running_sandbox: Sandbox) -> Iterator[Scratch]:
    with scratch(running_sandbox, NAME) as found:
        yield found


def fill(megabytes: int) -> None:
    """Rows that do not compress into nothing, in two tables, so that two workers have something to do."""
    for name in postgres.databases():
        if name.startswith(NAME):
            postgres.drop(name)
    postgres.create(NAME)
    with psycopg.connect(postgres.url(NAME), autocommit=True) as connection:
        connection.execute("CREATE TABLE history (id text PRIMARY KEY); INSERT INTO history VALUES ('1_first')")
        count = megabytes * 1024 * 1024 // ROW // 2
        for table in ("one", "two"):
            connection.execute(f"CREATE TABLE {table} (id bigint PRIMARY KEY, body text STORAGE EXTERNAL)")
            body = f"(SELECT string_agg(md5(n::text || i), '') FROM generate_series(1, {ROW // 32}) i)"
            connection.execute(f"INSERT INTO {table} SELECT n, {body} FROM generate_series(1, {count}) n")


def size(name: str = NAME) -> float:
    with postgres.administrator() as connection:
        row = connection.execute("SELECT pg_database_size(%s)", [name]).fetchone()
    assert row is not None
    return float(row[0]) / 2**30


def swap(scratch: Scratch, megabytes: int) -> float:
    """The swap alone, of a database with a copy of itself, back and forth."""
    fill(megabytes)
    beside = names.beside(NAME, BACK)
    with postgres.administrator() as connection:
        connection.execute(f'CREATE DATABASE "{beside}" TEMPLATE "{NAME}" OWNER ampora STRATEGY file_copy')
    swapping = Swapping(scratch.cluster, scratch.server, NAME, scratch.safe_point, scratch.lines.append)
    first = swapping.run(beside, BACK, scratch.recorded, 120)
    second = swapping.run(names.kept(NAME, BACK), SWAP_BACK, scratch.recorded, 120)
    print(f"\nswap of {size():.2f} GiB: {first['swap_seconds']} s and back {second['swap_seconds']} s; down {first['down_seconds']} s")
    return max(float(first["swap_seconds"]), float(second["swap_seconds"]))


def test_swap_whatever_the_size(world: Scratch) -> None:
    small, large = swap(world, SMALL), swap(world, LARGE)
    print(f"swap: {small:.2f} s small, {large:.2f} s large (at most 1 s each), ratio {large / max(small, 0.01):.2f}")


def raw_restore(world: Scratch, manifest: Manifest) -> float:
    """Seconds of a Job of nothing but pg_restore, with the same options, into an empty database."""
    postgres.create(f"{NAME}_raw")
    method = JobMethod(world.tools)
    inputs = method._inputs("raw", RUN, manifest.location, f"{NAME}_raw")
    started = time.monotonic()
    method._run(inputs, {"restore.sh": RAW_SH}, restore_job(inputs, {}))
    return time.monotonic() - started


def test_restore_beside_raw_pg_restore(world: Scratch) -> None:
    fill(RESTORED)
    manifest = world.snapshots.take(RUN, world.deployed, "")
    world.query("INSERT INTO history VALUES ('2_second')")
    raw = raw_restore(world, manifest)
    result = world.restoring.run(manifest, world.recorded, BACK, 120, world.guard(manifest))
    whole = float(result["restore_seconds"])
    print(
        f"\nrestore of {size():.2f} GiB: {whole:.1f} s (verified, restored, analysed, compared), raw pg_restore -j 2 in a Job {raw:.1f} s,"
        f" ratio {whole / raw:.2f}; swap {result['swap_seconds']} s, down {result['down_seconds']} s"
    )
