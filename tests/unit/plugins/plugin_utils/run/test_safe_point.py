# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real child process and real signals; every step is synchronised by a pipe and none by a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run import safe_point
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SIGNALS, SafePoint, StoppedError, safe_points

from tests.unit.doubles.clock import Clock

CHILD = """
import sys
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import StoppedError, safe_points

def tell(text):
    print(text, flush=True)

try:
    with safe_points() as point:
        tell("at work")
        sys.stdin.readline()
        tell("the work is done")
        point()
        tell("went on")
except StoppedError as error:
    tell(error.message)
finally:
    tell("cleaned up")
"""
ORPHAN = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=int(sys.argv[2]), pass_fds=[int(sys.argv[2])])
sys.stdin.readline()
os._exit(0)
"""


def start(*arguments: str, fds: tuple[int, ...] = ()) -> subprocess.Popen[str]:
    paths = os.pathsep.join(path for path in sys.path if path)
    return subprocess.Popen(
        [sys.executable, "-c", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
        pass_fds=fds,
    )


def line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def go_on(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_signal_between_safe_points_stops_at_the_next_one(number: signal.Signals) -> None:
    with start(CHILD) as child:
        assert line(child) == "at work"
        child.send_signal(number)
        go_on(child)
        said = [line(child), line(child), line(child)]
    assert said == ["the work is done", f"Stopped by {number.name}.", "cleaned up"]
    assert child.returncode == 0


def test_without_a_signal_it_goes_on() -> None:
    with start(CHILD) as child:
        assert line(child) == "at work"
        go_on(child)
        assert [line(child), line(child), line(child)] == ["the work is done", "went on", "cleaned up"]


def test_an_orphan_stops_at_its_next_safe_point() -> None:
    """ansible-playbook is killed, and its worker lives on in a session of its own."""
    read, write = os.pipe()
    with start(ORPHAN, CHILD, str(read), fds=(read,)) as parent:
        os.close(read)
        assert line(parent) == "at work"
        go_on(parent)
        parent.wait()
        os.write(write, b"\n")
        os.close(write)
        assert [line(parent), line(parent), line(parent)] == ["the work is done", "ansible-playbook is gone.", "cleaned up"]


def test_the_handlers_from_before_come_back() -> None:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    with pytest.raises(KeyError), safe_points() as point:
        assert all(signal.getsignal(number) == point.note for number in SIGNALS)
        raise KeyError
    assert {number: signal.getsignal(number) for number in SIGNALS} == before


@pytest.mark.parametrize(
    ("arriving", "said"),
    [
        ([signal.SIGHUP], "SIGHUP"),
        ([signal.SIGTERM], "SIGTERM"),
        ([signal.SIGHUP, signal.SIGTERM], "SIGHUP"),
        # After Ctrl-C ansible-playbook sends both at once, and the threads of a worker may take them in either order.
        ([signal.SIGINT, signal.SIGTERM], "SIGINT"),
        ([signal.SIGTERM, signal.SIGINT], "SIGINT"),
        ([signal.SIGHUP, signal.SIGINT], "SIGHUP"),
    ],
)
def test_what_a_stop_says(arriving: list[signal.Signals], said: str) -> None:
    point = SafePoint()
    point()
    for number in arriving:
        point.note(number, None)
    with pytest.raises(StoppedError) as error:
        point()
    assert str(error.value) == f"Stopped by {said}. Next: Run the same command again to go on from here."


def test_who_has_lost_its_parent_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    point = SafePoint()
    parent = os.getppid()
    monkeypatch.setattr("os.getppid", lambda: parent + 1)
    with pytest.raises(StoppedError) as error:
        point()
    assert str(error.value) == "ansible-playbook is gone. Next: Run the same command again to go on from here."


class Slices(Clock):
    """Counts the slices of a pause, and lets a signal arrive in one of them."""

    def __init__(self, point: SafePoint, signal_in: int = 0) -> None:
        super().__init__()
        self.point = point
        self.signal_in = signal_in
        self.slices: list[float] = []

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.slices.append(seconds)
        if len(self.slices) == self.signal_in:
            self.point.note(signal.SIGTERM, None)


def test_a_pause_is_as_long_as_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    point = SafePoint()
    clock = Slices(point)
    monkeypatch.setattr(safe_point, "time", clock)
    point.pause(1.2)
    assert clock.seconds == pytest.approx(1.2)
    assert max(clock.slices) == 0.5


def test_a_stop_is_seen_within_a_slice_of_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    point = SafePoint()
    clock = Slices(point, signal_in=3)
    monkeypatch.setattr(safe_point, "time", clock)
    with pytest.raises(StoppedError):
        point.pause(600)
    assert clock.slices == [0.5] * 3
    with pytest.raises(StoppedError):
        point.pause(0)


def test_a_pause_is_real_time() -> None:
    started = time.monotonic()
    SafePoint().pause(0.01)
    assert time.monotonic() - started >= 0.01
