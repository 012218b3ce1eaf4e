# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import json
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import DatabaseFacts
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import Forecast
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint, StoppedError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods import command as command_method
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.command import CommandMethod
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Tools

from tests.unit.doubles.database import PASSWORD, MemoryDatabase
from tests.unit.doubles.scene import RUN, deployment, manifest

# Writes what it is told into a file, and says what a test has put beside it.
TOOL = """#!/bin/sh
echo "$AMPORA_SNAPSHOT_ACTION $* in $PGDATABASE of $PGUSER@$PGHOST:$PGPORT ($AMPORA_LIVE_DATABASE, $AMPORA_SNAPSHOT_ID)" >>"$0.calls"
[ "$PGPASSWORD" = s3cret-pass ] || exit 9
[ ! -e "$0.$AMPORA_SNAPSHOT_ACTION" ] || . "$0.$AMPORA_SNAPSHOT_ACTION"
"""


FORECAST = Forecast(1_000, None, None, "a guess")
FACTS = DatabaseFacts(
    170004, {"lsn": "0/16B3748", "taken_at": "2026-11-22T21:40:00Z"}, 7_000_000, ("1_first",), {"public.agents": 200}, 0.1
)


@contextlib.contextmanager
def told(_tools: Tools) -> Iterator[tuple[str, Callable[[], DatabaseFacts]]]:
    """What the database says of itself."""
    yield "exported", lambda: FACTS


class World:
    """A backup tool that a test writes, and the method that runs it."""

    def __init__(self, folder: Path) -> None:
        self.tool = folder / "tool"
        self.tool.write_text(TOOL, encoding="utf-8")
        self.tool.chmod(0o755)
        self.lines: list[str] = []
        self.point = SafePoint()
        self.commands: dict[str, Sequence[str]] = {
            "take": [str(self.tool), "take", "{snapshot}"],
            "verify": [str(self.tool), "verify", "{id}"],
            "restore": [str(self.tool), "restore", "{id}", "{database}"],
            "remove": [str(self.tool), "remove", "{id}"],
        }
        self.options = {"command": self.commands, "timeout": 30}
        tools = Tools(deployment(), MemoryDatabase(), self.options, "SELECT id FROM h", self.point, self.lines.append)
        self.method = CommandMethod(tools)
        self.says("take", 'echo \'{"id": "full-7", "size": 4096, "label": "nightly"}\'')

    def says(self, verb: str, script: str) -> None:
        Path(f"{self.tool}.{verb}").write_text(script, encoding="utf-8")

    def calls(self) -> list[str]:
        file = Path(f"{self.tool}.calls")
        return [line.split(" in ")[0] for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(command_method, "exporting", told)
    return World(tmp_path)


def taken() -> Manifest:
    return manifest(method="command", location={"snapshot": RUN, "tool_id": "full-7", "label": "nightly", "restores": "database"}, files={})


def test_a_snapshot(world: World) -> None:
    found = world.method.take(RUN, FORECAST, [])
    assert world.calls() == [f"take take {RUN}", "verify verify full-7"]
    assert found.location == {"snapshot": RUN, "tool_id": "full-7", "label": "nightly", "restores": "database"}
    assert (found.proof, found.consistency, found.client_version, found.files, found.size) == ("verified", "unknown", 0, {}, 4096)
    assert found.facts.rows == {"public.agents": 200}
    assert world.method.place() == "the tool tool"


def test_what_the_tool_is_told(world: World) -> None:
    world.method.restore_beside(taken(), "r2", "ampora_restore_r2", lambda: world.lines.append("made"))
    verified, told = Path(f"{world.tool}.calls").read_text(encoding="utf-8").splitlines()
    assert (verified.split(" in ")[0], "made" in world.lines) == ("verify verify full-7", True)
    assert told == f"restore restore full-7 ampora_restore_r2 in ampora_restore_r2 of ampora@pg.ampora-db:5432 (ampora, {RUN})"


def test_what_the_tool_finds_bad_is_not_restored(world: World) -> None:
    world.says("verify", "exit 5")
    with pytest.raises(UpgradeError, match="verify ended with exit status 5"):
        world.method.restore_beside(taken(), "r2", "ampora_restore_r2", lambda: world.lines.append("made"))
    assert "made" not in world.lines
    assert world.calls() == ["verify verify full-7"]


def test_remove(world: World) -> None:
    world.method.remove(taken())
    world.commands["remove"] = []
    world.method.remove(taken())
    assert world.calls() == ["remove remove full-7"]


@pytest.mark.parametrize(
    ("verb", "script", "words"),
    [
        ("take", "echo 'no space left' >&2; exit 4", "ampora_snapshot_command.take ended with exit status 4: no space left"),
        ("take", "kill -9 $$", "ampora_snapshot_command.take ended with signal 9: it said nothing"),
        ("take", 'echo \'{"id": "--all"}\'', "The line of JSON that the command for take has printed cannot be used: id is"),
        (
            "verify",
            "echo 'backup full-7 is invalid'; exit 1",
            "ampora_snapshot_command.verify ended with exit status 1: backup full-7 is invalid",
        ),
    ],
)
def test_a_tool_that_fails_is_not_proven_and_is_told_to_remove(world: World, verb: str, script: str, words: str) -> None:
    world.says(verb, script)
    with pytest.raises(UpgradeError) as error:
        world.method.take(RUN, FORECAST, [])
    assert error.value.message.startswith(words)
    assert world.calls()[-1].startswith("remove remove")


def test_a_failed_removal_does_not_hide_the_cause(world: World) -> None:
    world.says("take", "echo 'no space left' >&2; exit 4")
    world.says("remove", "echo 'no such backup' >&2; exit 1")
    with pytest.raises(UpgradeError, match="no space left"):
        world.method.take(RUN, FORECAST, [])


def test_a_time_out(world: World) -> None:
    world.options["timeout"] = 1
    world.says("take", "sleep 60")
    with pytest.raises(UpgradeError, match="did not end within 1 s and was ended"):
        world.method.take(RUN, FORECAST, [])


def test_a_run_that_is_stopped(world: World) -> None:
    world.says("take", "sleep 60")
    world.point.note(signal.SIGTERM, None)
    with pytest.raises(StoppedError):
        world.method.take(RUN, FORECAST, [])
    assert world.calls()[-1].split() == ["remove", "remove"], "what was begun is removed, whatever was made of it"


def test_no_secret_is_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPO_CIPHER_PASS", "cipher-text")
    world.says("take", 'echo "connecting with $PGPASSWORD" >&2; sleep 1.5; env; echo "$REPO_CIPHER_PASS or $PGPASSWORD" >&2; exit 1')
    with pytest.raises(UpgradeError) as error:
        world.method.take(RUN, FORECAST, [])
    shown = json.dumps([error.value.message, error.value.evidence, world.lines])
    assert "connecting with ***" in shown
    assert error.value.message.endswith(": *** or ***")
    assert PASSWORD not in shown
    assert "cipher-text" not in shown


def test_what_is_missing_is_said_before_anything_runs(world: World) -> None:
    world.commands["verify"] = []
    with pytest.raises(UpgradeError, match="ampora_snapshot_command has no argument list for verify"):
        world.method.take(RUN, FORECAST, [])
    assert world.calls() == []


def test_a_tool_that_cannot_restore_one_database(world: World) -> None:
    world.commands["restore"] = []
    assert world.method.take(RUN, FORECAST, []).location["restores"] == "cluster"
    with pytest.raises(UpgradeError, match="ampora_snapshot_command has no argument list for restore") as error:
        world.method.restore_beside(taken(), "r2", "ampora_restore_r2", lambda: world.lines.append("made"))
    assert "made" not in world.lines
    assert "docs/snapshots.md" in error.value.next_step
