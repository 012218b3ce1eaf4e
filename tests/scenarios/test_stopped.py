# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C, SIGTERM and SIGKILL in the long steps: everything ends within 5 s, the journal is true, and the same command goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.checks import check_green, check_report, check_runs
from tests.support.playbook import command, environment
from tests.support.sandbox import STATE, Sandbox

WITHIN = 5.0
DEADLINE = 180.0
# Step: the words of a live line that show it at work.
AT_WORK = {"snapshot": "snapshot: ", "apply": "rollout: ", "watch": "watch: "}
STOPPED = [
    *((step, number) for step in AT_WORK for number in (signal.SIGINT, signal.SIGTERM)),
    ("watch", signal.SIGKILL),
]


class Playing:
    """upgrade.yml in a session of its own, and the processes that it leaves behind."""

    def __init__(self, sandbox: Sandbox, log: Path, acks: dict[str, str]) -> None:
        self._log = log
        argv = command("upgrade", {"ampora_target_version": "1.5.0", "ampora_acks": acks}, files=(sandbox.vars_file,))
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                argv, cwd=STATE, env=environment(AMPORA_TEST_MARK=str(log)), stdout=output, stderr=output, stdin=subprocess.DEVNULL
            )
        threading.Thread(target=self.process.wait, daemon=True).start()  # so that it is no zombie when it has ended

    def wait_for(self, words: str) -> None:
        end = time.monotonic() + DEADLINE
        while words not in self._log.read_text(encoding="utf-8"):
            assert self.process.poll() is None, self._log.read_text(encoding="utf-8")
            assert time.monotonic() < end, f"no line with {words!r}"
            time.sleep(0.05)

    def left(self) -> list[int]:
        """Every process of this run, the workers in their own sessions and the programs that they started too."""
        return [int(place.name) for place in Path("/proc").iterdir() if place.name.isdigit() and self._is_ours(place)]

    def _is_ours(self, place: Path) -> bool:
        with contextlib.suppress(OSError):
            return f"AMPORA_TEST_MARK={self._log}".encode() in (place / "environ").read_bytes()
        return False

    def seconds_until_gone(self) -> float:
        begun = time.monotonic()
        while self.left():
            assert time.monotonic() - begun < 10 * WITHIN, f"still there: {self.left()}"
            time.sleep(0.05)
        return time.monotonic() - begun


@pytest.fixture
def playing(sandbox: Sandbox, tmp_path: Path) -> Iterator[Playing]:
    one = Playing(sandbox, tmp_path / "upgrade.log", sandbox.acks("1.5.0"))
    yield one
    for pid in one.left():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(("step", "number"), STOPPED, ids=[f"{step}-{number.name}" for step, number in STOPPED])
def test_stopped(sandbox: Sandbox, playing: Playing, step: str, number: signal.Signals) -> None:
    playing.wait_for(AT_WORK[step])
    playing.process.send_signal(number)
    seconds = playing.seconds_until_gone()
    (run,) = sandbox.runs()
    last = run["steps"][-1]
    print(f"{step} {number.name}: gone after {seconds:.1f} s; the journal says {last['name']} {last['state']}: {last['message']}")
    assert seconds < WITHIN
    words = "ansible-playbook is gone." if number == signal.SIGKILL else f"Stopped by {number.name}."
    assert (last["name"], last["state"]) == (step, "failed")
    assert last["message"].startswith(words)
    assert (run["outcome"], run["ended_at"]) == (None, None)
    assert sandbox.kubectl("get", "lease", "upgrade-ampora-web")["spec"]["holderIdentity"] == ""
    assert sandbox.kubectl("get", "jobs")["items"] == []


def test_stopped_and_gone_on(sandbox: Sandbox, playing: Playing) -> None:
    """In the middle of the rollout; the same command ends green, with the snapshot that it took before."""
    playing.wait_for(AT_WORK["apply"])
    playing.process.send_signal(signal.SIGTERM)
    assert playing.seconds_until_gone() < WITHIN
    result = sandbox.upgrade("1.5.0", ampora_acks=sandbox.acks("1.5.0"))
    check_green(result)
    check_runs(sandbox, "1.5.0")
    check_report(sandbox, "upgraded")
    (run,) = sandbox.runs()
    assert [step["state"] for step in run["steps"] if step["name"] == "apply"] == ["failed", "ended"]
