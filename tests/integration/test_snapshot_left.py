# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dump that is stopped: what it has left half made is gone once the next snapshot is there, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint, StoppedError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import Snapshots

from tests.sandbox import postgres
from tests.support.sandbox import Sandbox
from tests.support.scratch import BACK, RUN, Scratch, scratch

NAME = "scratch-left"
FOREIGN = "20261101t0000z-f0f0f0"


@pytest.fixture
def world(running_sandbox: Sandbox) -> Iterator[Scratch]:
    with scratch(running_sandbox, NAME) as found:
        postgres.create(NAME)
        with psycopg.connect(postgres.url(NAME), autocommit=True) as connection:
            connection.execute("CREATE TABLE history (id text PRIMARY KEY); INSERT INTO history VALUES ('1_first')")
            connection.execute("CREATE TABLE rows (body text STORAGE EXTERNAL)")
            body = "(SELECT string_agg(md5(n::text || i), '') FROM generate_series(1, 128) i)"
            connection.execute(f"INSERT INTO rows SELECT {body} FROM generate_series(1, 50000) n")
        yield found


class AtTheDump(SafePoint):
    """The signal comes once the dump has begun to write."""

    def __init__(self, world: Scratch) -> None:
        super().__init__()
        self._world = world

    def __call__(self) -> None:
        if any((self._world.folder / RUN).rglob("*.gz")):
            self._signal = "SIGTERM"
        super().__call__()


def test_what_a_stopped_dump_has_left_is_removed_by_the_next_one(world: Scratch) -> None:
    (world.folder / FOREIGN / "dump").mkdir(parents=True)
    with pytest.raises(StoppedError, match="Stopped by SIGTERM"):
        Snapshots(replace(world.tools, safe_point=AtTheDump(world))).take(RUN, world.deployed, "")
    assert any((world.folder / RUN).rglob("*.gz")), "it was stopped in the middle"
    started = datetime.now(UTC)
    journal = Journal.new(run=RUN, deployment={"namespace": NAME, "name": "web"}, kind="upgrade", started_at=started, actor={}, plan={})
    stopped = journal.begin("snapshot", started).close(started, "held")
    manifest = world.snapshots.take(BACK, world.deployed, "", [stopped])
    assert sorted(path.name for path in world.folder.iterdir()) == [FOREIGN, manifest.id]
    assert f"removed what the run {RUN}, which was stopped, had left on the claim snapshots" in world.lines
    assert world.kubectl("get", "jobs,secrets", "--output=name") == ""
