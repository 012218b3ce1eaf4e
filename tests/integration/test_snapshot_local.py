# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The method `local` against real servers of other versions than the sandbox's, each with its own client."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import SNAPSHOT_INPUTS
from ansible_collections.ampora.upgrades.plugins.module_utils.database.connection_string import ConnectionParameters
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database, open_database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import Deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint, StoppedError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.exporting import exporting
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.local import LocalMethod
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Tools
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import Snapshots

from tests.support.postgres import PASSWORD, ROLE, Server, programs, server
from tests.support.scratch import defaults
from tests.unit.doubles.scene import RUN, deployment

HISTORY = 'SELECT "MigrationId" FROM "__EFMigrationsHistory" ORDER BY 1'
CONTENT = """
CREATE TABLE "__EFMigrationsHistory" ("MigrationId" text PRIMARY KEY);
INSERT INTO "__EFMigrationsHistory" VALUES ('1_first'), ('2_second');
CREATE TABLE agents (id int PRIMARY KEY, name text);
INSERT INTO agents SELECT n, md5(n::text) FROM generate_series(1, 20000) n;
CREATE TABLE writes (id bigserial PRIMARY KEY, at timestamptz DEFAULT now());
"""


class World:
    """A server with a small application's database, and snapshots of it in a directory of this machine."""

    def __init__(self, there: Server, folder: Path, *, fill: bool = True) -> None:
        self.server, self.folder = there, folder
        self.point = SafePoint()
        self.said: list[str] = []
        self.cluster = deployment()
        parameters = ConnectionParameters("127.0.0.1", there.port, "ampora", ROLE, PASSWORD, "prefer")
        self.database = Database(parameters, hostaddr="", history_query=HISTORY, timeout=5, source="the test")
        self.deployed = Deployed("1.4.2", parse("reg.example/ampora-web:1.4.2"), "", "4", 3, {})
        if fill:
            with there.connect() as connection:
                connection.execute(CONTENT)

    def tools(self, **options: Any) -> Tools:
        here = {"method": "local", "directory": str(self.folder), "client": str(self.server.client), "timeout": 60, "keep": 0}
        return Tools(self.cluster, self.database, {**defaults(SNAPSHOT_INPUTS), **here, **options}, HISTORY, self.point, self.said.append)

    def snapshots(self, **options: Any) -> Snapshots:
        return Snapshots(self.tools(**options))

    def take(self, **options: Any) -> Manifest:
        return self.snapshots(**options).take(RUN, self.deployed, "")

    def rows(self, database: str) -> dict[str, int]:
        return self.database.of(database).rows()


@pytest.fixture(scope="module", params=[16, 18])
def there(request: pytest.FixtureRequest) -> Iterator[Server]:
    with server(request.param) as found:
        yield found


@pytest.fixture
def world(there: Server, tmp_path: Path) -> Iterator[World]:
    yield World(there, tmp_path / "snapshots")
    with there.connect("postgres") as connection:
        for database in there.databases() - {"postgres", "template0", "template1"}:
            connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
        connection.execute("CREATE DATABASE ampora")


class Writer:
    """Inserts rows as fast as it can, as long as the block runs."""

    def __init__(self, there: Server) -> None:
        self._there, self._stop = there, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with self._there.connect() as connection:
            while not self._stop.is_set():
                connection.execute("INSERT INTO writes DEFAULT VALUES")


def test_a_snapshot_under_writes_is_of_one_moment_and_restores_to_it(world: World) -> None:
    with Writer(world.server):
        time.sleep(0.3)  # some rows before
        manifest = world.take()
        time.sleep(0.3)  # and some after
    assert world.rows("ampora")["public.writes"] > manifest.rows["public.writes"] > 0
    assert manifest.migrations == ("1_first", "2_second")
    assert manifest.rows["public.agents"] == 20000
    assert manifest.server_version // 10000 == manifest.client_version // 10000 == world.server.version
    assert (manifest.method, manifest.proof, manifest.consistency) == ("local", "decoded", "transaction")
    assert manifest.throughput > 0
    world.snapshots().restore_beside(manifest, "r2", "ampora_restore_r2")
    assert world.rows("ampora_restore_r2") == manifest.rows
    assert world.database.of("ampora_restore_r2").migrations() == list(manifest.migrations)


def test_the_facts_are_those_of_the_exported_snapshot(world: World) -> None:
    """No deadline of the role may end the transaction while a dump reads it."""
    with world.server.connect("postgres") as connection:
        connection.execute(f"ALTER ROLE {ROLE} SET idle_in_transaction_session_timeout = 300")
    try:
        with exporting(world.tools()) as (exported, facts), world.server.connect() as other:
            other.execute("INSERT INTO agents VALUES (0, 'later')")
            time.sleep(1)
            other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            other.execute(f"SET TRANSACTION SNAPSHOT '{exported}'")
            assert other.execute("SELECT count(*) FROM agents").fetchone() == (20000,)
            found = facts()
    finally:
        with world.server.connect("postgres") as connection:
            connection.execute(f"ALTER ROLE {ROLE} RESET idle_in_transaction_session_timeout")
    assert found.rows["public.agents"] == 20000
    assert found.seconds >= 1
    assert world.rows("ampora")["public.agents"] == 20001


def test_a_snapshot_of_another_machine_is_said_to_be_there(world: World) -> None:
    manifest = world.take()
    elsewhere = replace(manifest, location={"host": "elsewhere", "directory": "/nowhere/at/all"})
    with pytest.raises(UpgradeError, match=f"^The snapshot {RUN} is in /nowhere/at/all of elsewhere, and this is "):
        LocalMethod(world.tools()).restore_in_place(elsewhere, "r2")
    with pytest.raises(UpgradeError, match="elsewhere"):
        LocalMethod(world.tools()).remove(elsewhere)


def test_a_proof_by_a_restore_and_what_is_left_of_it(world: World) -> None:
    left = "ampora_verify_20261101t0000z_abcdef"
    with world.server.connect("postgres") as connection:
        connection.execute(f"CREATE DATABASE {left}")
    manifest = world.take(proof="restore")
    assert manifest.proof == "restored"
    assert manifest.seconds["restore"] > 0
    assert world.server.databases() == {"ampora", "postgres", "template0", "template1"}


def test_a_directory_without_room(world: World) -> None:
    """The forecast is a fifth of the database, and a file system of 1 MiB has less; nothing is begun."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount")
    with small_file_system(world.folder, "1m"), pytest.raises(UpgradeError) as error:
        world.take()
    assert "The snapshot needs about 1." in error.value.message
    assert "(a fifth of the database, nothing was measured yet), and there is " in error.value.message


def test_a_directory_that_gets_full_during_the_dump(world: World) -> None:
    """What does not compress is more than a fifth: pg_dump meets the end of the room, and nothing is left of it."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount")
    with world.server.connect() as connection:
        connection.execute("CREATE TABLE noise AS SELECT n, gen_random_uuid() a, gen_random_uuid() b FROM generate_series(1, 60000) n")
    with small_file_system(world.folder, "3m"):
        with pytest.raises(UpgradeError, match="No space left on device"):
            world.take()
        assert list(world.folder.iterdir()) == []


@contextmanager
def small_file_system(folder: Path, size: str) -> Iterator[None]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_what_is_taken_is_private_and_nothing_else_is_left(world: World) -> None:
    world.take()
    assert [path.name for path in world.folder.iterdir()] == [RUN]
    assert (world.folder / RUN).stat().st_mode & 0o077 == 0
    assert {path.name for path in (world.folder / RUN).iterdir()} == {"dump"}


def test_a_restore_in_place_is_one_transaction(world: World) -> None:
    manifest = world.take()
    with world.server.connect() as connection:
        connection.execute("ALTER TABLE agents ADD UNIQUE (name)")
        connection.execute("CREATE TABLE added (name text REFERENCES agents (name))")
        connection.execute("DELETE FROM agents WHERE id > 100")
    world.snapshots().restore_in_place(manifest, "r2")
    assert world.rows("ampora") == manifest.rows


def test_a_restore_in_place_that_fails_changes_nothing(world: World) -> None:
    manifest = world.take()
    with world.server.connect() as connection:
        connection.execute("DELETE FROM agents WHERE id > 100")
        connection.execute("CREATE TABLE added (id int)")
        connection.execute("CREATE VIEW looks AS SELECT * FROM agents")  # nothing drops it, and it holds on to the table
    before = world.rows("ampora")
    with pytest.raises(UpgradeError, match="psql failed: ERROR: +cannot drop table public.agents because other objects depend on it"):
        world.snapshots().restore_in_place(manifest, "r2")
    assert world.rows("ampora") == before


def test_a_removed_snapshot_is_gone(world: World) -> None:
    manifest = world.take()
    world.snapshots().remove(manifest)
    assert list(world.folder.iterdir()) == []
    world.snapshots().remove(manifest)


def largest(folder: Path) -> Path:
    return max((folder / RUN / "dump").iterdir(), key=lambda path: path.stat().st_size)


def halve(folder: Path) -> None:
    file = largest(folder)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip(folder: Path) -> None:
    file = largest(folder)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def lose(folder: Path) -> None:
    largest(folder).unlink()


def add(folder: Path) -> None:
    (folder / RUN / "dump" / "more.dat").write_bytes(b"x")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(halve, " bytes and had "), (flip, " has another content (sha256)"), (lose, " is missing"), (add, "dump/more.dat was not there")],
)
def test_a_damaged_snapshot_makes_no_database(world: World, spoil: Callable[[Path], None], words: str) -> None:
    manifest = world.take()
    spoil(world.folder)
    with pytest.raises(UpgradeError) as error:
        world.snapshots().restore_beside(manifest, "r2", "ampora_restore_r2")
    assert words in error.value.message
    assert error.value.message.startswith(f"The snapshot {RUN} is damaged: ")
    assert "ampora_restore_r2" not in world.server.databases()


def test_the_wrong_client_is_refused_before_anything_is_made(world: World) -> None:
    other = {16: 18, 18: 16}[world.server.version]
    with pytest.raises(UpgradeError) as error:
        world.take(client=str(programs(other)))
    assert f"is of version {other} and the server of version {world.server.version}: " in error.value.message
    assert not world.folder.exists()


def test_why_a_newer_client_is_refused_for_an_older_server(world: World) -> None:
    """The rule is no caution: this is what happens otherwise, and it happens when the way back is needed."""
    if world.server.version >= 17:
        pytest.skip("servers from 17 on know what newer clients set")
    world.take()
    target = f"--dbname=host=127.0.0.1 port={world.server.port} user={ROLE} dbname=postgres"
    argv = [str(programs(18) / "pg_restore"), "--exit-on-error", target, str(world.folder / RUN / "dump")]
    found = subprocess.run(argv, check=False, capture_output=True, text=True, env={"PGPASSWORD": PASSWORD})
    assert found.returncode != 0
    assert 'unrecognized configuration parameter "transaction_timeout"' in found.stderr


def test_a_password_that_stands_in_a_file_only(world: World, tmp_path: Path) -> None:
    """As an application names it by Passfile; every program of PostgreSQL's finds it there too."""
    file = tmp_path / "passfile"
    escaped = PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    file.write_text(f"127.0.0.1:{world.server.port}:*:{ROLE}:{escaped}\n", encoding="utf-8")
    file.chmod(0o600)
    text = f"Host=127.0.0.1;Port={world.server.port};Database=ampora;Username={ROLE};Passfile={file}"
    options = {"connection_string": text, "env": "", "hostaddr": "", "root_certificate": "", "history_query": HISTORY, "timeout": 5}
    world.database = open_database(world.cluster, options, world.cluster.deployment())
    manifest = world.take()
    world.snapshots().restore_beside(manifest, "r2", "ampora_restore_r2")
    assert world.rows("ampora_restore_r2") == world.rows("ampora")
    file.write_text("", encoding="utf-8")
    with pytest.raises(UpgradeError, match="no password supplied"):
        world.rows("ampora")


def test_no_client_at_all(world: World, tmp_path: Path) -> None:
    with pytest.raises(UpgradeError, match=r"There is no pg_dump in .*/none \(ampora_snapshot_client\)\."):
        world.take(client=str(tmp_path / "none"))


@pytest.mark.parametrize(("directory", "words"), [("", "must be an absolute path"), ("/proc/none", "Nothing can be written to /proc/none")])
def test_a_directory_that_cannot_be_used(world: World, directory: str, words: str) -> None:
    with pytest.raises(UpgradeError, match=words):
        world.take(directory=directory)


class Slow:
    """Holds the dump back at a table that it has to wait for, and watches the processes meanwhile."""

    def __init__(self, world: World) -> None:
        self.connection = world.server.connect()
        self.connection.autocommit = False
        self.connection.execute("LOCK TABLE agents IN ACCESS EXCLUSIVE MODE")

    def processes(self) -> list[str]:
        listed = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout.splitlines()
        return [line for line in listed if "pg_dump" in line and "--format=directory" in line]


def test_a_stop_during_the_dump_ends_it_and_leaves_nothing(world: World) -> None:
    slow = Slow(world)
    seen: list[str] = []

    class StopOnSight(SafePoint):
        def __call__(self) -> None:
            seen.extend(slow.processes())
            if seen:
                raise StoppedError("Stopped by SIGTERM.")

    world.point = StopOnSight()
    try:
        with pytest.raises(UpgradeError, match="Stopped by SIGTERM"):
            world.take()
        assert seen, "the dump was never seen"
        assert not any(PASSWORD in line for line in seen)
        assert slow.processes() == []
        assert list(world.folder.iterdir()) == []
    finally:
        slow.connection.close()


def test_a_dump_that_fails_says_why_in_the_words_of_pg_dump(world: World) -> None:
    slow = Slow(world)
    with pytest.raises(UpgradeError) as error:
        world.take(timeout=2)
    slow.connection.close()
    assert error.value.message.startswith(f"The snapshot on {world.snapshots().place()} failed: ")
    assert "pg_dump did not end within 2 s" in error.value.message
    with psycopg.connect(f"host=127.0.0.1 port={world.server.port} user={ROLE} dbname=ampora", password=PASSWORD) as other:
        other.execute("CREATE TABLE hidden (id int)")
        other.execute("ALTER TABLE hidden ENABLE ROW LEVEL SECURITY")
        other.execute("ALTER TABLE hidden FORCE ROW LEVEL SECURITY")
    with pytest.raises(UpgradeError, match="pg_dump failed: pg_dump: error: query failed: ERROR: .*row-level security policy"):
        world.take()
    assert list(world.folder.iterdir()) == []
