# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways back on which something breaks: a migration, the database server, its disk, the rights of its role."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.sandbox import postgres
from tests.sandbox.commands import wait_for
from tests.scenarios.checks import check_green, check_refused, check_report, check_runs, check_sessions
from tests.scenarios.test_back import content, step
from tests.support.database_server import kill_database, wait_for_database
from tests.support.playbook import Result, command, environment, recap
from tests.support.probe import Probe
from tests.support.sandbox import STATE, Sandbox
from tests.support.small_server import SmallServer, small_server

SECOND = "20260608113000_AgentLastFrame"
FAULTS = {
    "permission": "permission denied for schema public",
    "exists": r"relation \"tenants\" already exists",  # as the log's JSON has it
    "memory": "out of memory",
}


class Playing:
    """A playbook that runs while a test does something to the world."""

    def __init__(self, sandbox: Sandbox, playbook: str, **variables: Any) -> None:
        argv = command(playbook, variables, files=(sandbox.vars_file,))
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
        self._process = subprocess.Popen(argv, cwd=STATE, env=environment(), text=True, **pipes)

    def end(self) -> Result:
        output = self._process.communicate(timeout=300)[0]
        return Result(self._process.returncode, output, recap(output))


def test_migration_fails(sandbox: Sandbox) -> None:
    """By a Job ahead of the rollout: the old version serves on, the last good migration is named, nothing is half done by us."""
    migrations = sandbox.migrations()
    good = f"the last good migration, at which the schema stands, is {migrations[-1]}"
    acks = sandbox.acks("1.5.0", ampora_migrate="job")
    for fault, words in FAULTS.items():
        sandbox.configure(AMPORA_DOUBLE_MIGRATION_FAULT=fault, AMPORA_DOUBLE_FAULT_VERSIONS="1.5.0")
        with Probe(sandbox.url) as probe:
            result = sandbox.upgrade("1.5.0", ampora_migrate="job", ampora_acks=acks)
        check_refused(result, "The migration failed", good, "The old version still serves: all 3 pods", words, "going back by itself")
        assert probe.failures == []
        assert sandbox.migrations() == migrations
        check_runs(sandbox, "1.4.2")
        check_report(sandbox, "rolled back")
        acks = {**acks, "ack-1.5.0-on-hold": "true"}
    check_sessions(sandbox)

    # In the middle: the first of two stays applied, so only a restore would go back, and a person decides.
    sandbox.configure(AMPORA_DOUBLE_MIGRATION_FAULT="exists", AMPORA_DOUBLE_MIGRATION_FAULT_AT=SECOND)
    result = sandbox.upgrade("1.5.0", ampora_migrate="job", ampora_acks=acks)
    first = "20260601090000_ConfigurationContentJsonb"
    check_refused(result, f"at which the schema stands, is {first}", "The old version still serves: all 3 pods", "holding: ")
    assert sandbox.migrations() == [*migrations, first]
    report = sandbox.report()
    check_report(sandbox, "held")
    assert f"ampora.upgrades.rollback -e ampora_run_id={report['run']}" in report["next_command"]
    assert sandbox.pod_images() == {sandbox.digest("1.4.2")}

    # The cause is mended, and the same command goes on.
    sandbox.configure(AMPORA_DOUBLE_MIGRATION_FAULT="", AMPORA_DOUBLE_MIGRATION_FAULT_AT="", AMPORA_DOUBLE_FAULT_VERSIONS="")
    check_green(sandbox.upgrade("1.5.0", ampora_migrate="job", ampora_acks=acks))
    assert sandbox.report()["run"] == report["run"]
    check_runs(sandbox, "1.5.0")
    check_sessions(sandbox)


@pytest.fixture
def upgraded(sandbox: Sandbox) -> Sandbox:
    """A MINOR that is to be gone back from."""
    check_green(sandbox.upgrade("1.5.0"))
    return sandbox


def beside(sandbox: Sandbox) -> set[str]:
    return {name for name in sandbox.databases() if name.startswith("ampora_restore_")}


def test_database_restarted(upgraded: Sandbox) -> None:
    """While it restores, the live database is untouched and serves on; while it swaps, nobody is left before a shut door."""
    sandbox = upgraded
    run, digest, replicas = sandbox.report()["run"], sandbox.digest("1.5.0"), 3
    before, migrations = content(sandbox), sandbox.migrations()
    consent = {"ampora_accept_data_loss": run}

    playing = Playing(sandbox, "rollback", **consent)
    wait_for("a database beside", lambda: bool(beside(sandbox)), timeout=60, interval=0.05)
    kill_database(sandbox)
    result = playing.end()
    check_refused(result)
    wait_for_database(sandbox)
    assert (sandbox.migrations(), content(sandbox), sandbox.pod_images()) == (migrations, before, {digest})
    assert sandbox.deployment()["spec"]["replicas"] == replicas
    check_report(sandbox, "held")

    # A transaction of an administrator holds the renames up, behind the shut door, until the server goes away.
    with held_up_swap() as shut:
        playing = Playing(sandbox, "rollback", **consent)
        wait_for("the door to be shut", shut, timeout=120, interval=0.05)
        kill_database(sandbox)
        result = playing.end()
    check_refused(result, "waiting for the database server")
    wait_for_database(sandbox)
    assert (sandbox.migrations(), content(sandbox), sandbox.pod_images()) == (migrations, before, {digest})
    assert sandbox.deployment()["spec"]["replicas"] == replicas
    check_sessions(sandbox)

    # The same command goes on, to the end.
    check_green(sandbox.play("rollback", **consent))
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    check_report(sandbox, "rolled back")
    assert beside(sandbox) == set()


@contextmanager
def held_up_swap() -> Iterator[Callable[[], bool]]:
    """The renames wait for this transaction; what is given tells whether the door is shut by now."""

    def shut() -> bool:
        with postgres.administrator() as looking:
            row = looking.execute("SELECT datallowconn FROM pg_database WHERE datname = 'ampora'").fetchone()
        return row is not None and not row[0]

    with postgres.administrator() as connection:
        connection.execute("BEGIN")
        connection.execute("COMMENT ON DATABASE ampora IS 'held up'")
        try:
            yield shut
        finally:
            connection.close()


def test_restore_in_place(upgraded: Sandbox) -> None:
    """The role may not create databases: that is said before, needs its own consent, and leaves no second database."""
    sandbox = upgraded
    run, before = sandbox.report()["run"], sandbox.databases()
    with postgres.administrator() as connection:
        connection.execute("ALTER ROLE ampora NOCREATEDB")
        try:
            state = sandbox.state()
            check_refused(
                sandbox.play("rollback", ampora_accept_data_loss=run), "ampora_accept_in_place is empty", f"ampora_accept_in_place={run}"
            )
            check = sandbox.play("rollback", "--check")
            check_green(check)
            assert "the snapshot is restored in place" in check.flat
            assert sandbox.state() == state
            check_green(sandbox.play("rollback", ampora_accept_data_loss=run, ampora_accept_in_place=run))
        finally:
            connection.execute("ALTER ROLE ampora CREATEDB")
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    check_report(sandbox, "rolled back")
    assert step(sandbox, "restore")["in_place"]
    assert sandbox.databases() == before


@pytest.fixture
def small(sandbox: Sandbox) -> Iterator[SmallServer]:
    """The deployment on a database server of its own, whose disk is small."""
    with small_server(sandbox) as found:
        yield found


def test_disk_full(small: SmallServer) -> None:
    """The server's disk fills up while it restores: the live database is untouched, and nobody notices but who restores."""
    sandbox, here = small.sandbox, small.variables
    acks = sandbox.acks("1.5.0", **here)
    check_green(sandbox.upgrade("1.5.0", ampora_acks=acks, **here))
    run, digest = sandbox.report()["run"], sandbox.digest("1.5.0")
    before = small.content()
    small.fill(leave=small.database_size() // 2 + small.empty_size())
    with Probe(sandbox.url) as probe:
        result = sandbox.play("rollback", ampora_accept_data_loss=run, **here)
    check_refused(result, "No space left on device")
    assert probe.failures == []
    assert small.databases() == {"ampora", "postgres"}, result.output
    assert (small.content(), sandbox.pod_images()) == (before, {digest})
    assert sandbox.deployment()["spec"]["replicas"] == 3
    check_report(sandbox, "held")

    small.make_room()
    check_green(sandbox.play("rollback", ampora_accept_data_loss=run, **here))
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    check_report(sandbox, "rolled back")
