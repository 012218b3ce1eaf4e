# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import threading

import pytest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run import live_lines
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.live_lines import QUIET_SECONDS, LiveLines

from tests.unit.doubles.clock import Clock


class Screen:
    """Remembers the lines, and when there are enough of them."""

    def __init__(self, enough: int = 1) -> None:
        self.lines: list[str] = []
        self.enough = enough
        self.full = threading.Event()

    def show(self, line: str) -> None:
        self.lines.append(line)
        if len(self.lines) == self.enough:
            self.full.set()


def test_progress_is_shown_once_per_change_and_what_is_said_always() -> None:
    screen = Screen()
    lines = LiveLines("watch", screen.show)
    for text in ("a", "a", "b", "a"):
        lines.progress(text)
    lines.say("a")
    assert screen.lines == ["watch: a", "watch: b", "watch: a", "watch: a"]


def test_a_wait_is_never_silent() -> None:
    """Whatever the action waits for, and though it says nothing itself."""
    assert QUIET_SECONDS <= 30
    screen = Screen(enough=4)
    lines = LiveLines("soak", screen.show, quiet=0.01)
    with lines.at_work():
        lines.progress("3 of 3 pods")
        assert screen.full.wait(30)
    assert screen.lines[0] in ("soak: 3 of 3 pods", "soak: at work (for 0 s)")
    assert screen.lines[-1] == "soak: 3 of 3 pods (for 0 s)"
    assert "live-lines" not in {thread.name for thread in threading.enumerate()}


def test_nobody_is_reminded_of_what_was_said_just_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reminder waits from the last line on, and says for how long that one holds."""
    clock, screen = Clock(), Screen()
    monkeypatch.setattr(live_lines, "time", clock)
    lines = LiveLines("soak", screen.show)
    lines.say("a")

    class Waits(threading.Event):
        waited: list[float] = []

        def wait(self, timeout: float | None = None) -> bool:
            assert timeout is not None
            self.waited.append(timeout)
            clock.sleep(timeout)
            if len(self.waited) == 1:
                lines.say("b")  # just before the reminder would have come
            return len(self.waited) == 4

    lines._remind(Waits())
    assert Waits.waited == [30.0, 30.0, 30.0, 30.0]
    assert screen.lines == ["soak: a", "soak: b", "soak: b (for 30 s)", "soak: b (for 60 s)"]


def test_it_ends_with_the_action_that_fails() -> None:
    lines = LiveLines("watch", Screen().show)
    with pytest.raises(KeyError), lines.at_work():
        raise KeyError
    assert "live-lines" not in {thread.name for thread in threading.enumerate()}


def test_a_line_is_plain_and_one() -> None:
    screen = Screen()
    LiveLines("rollout", screen.show).say("probe says \x1b[31mno\x1b[0m\r\n\tand\x00 more\u202e")
    assert screen.lines == ["rollout: probe says [31mno [0m and more"]


def test_who_looked_on_may_be_gone() -> None:
    def gone(_line: str) -> None:
        raise BrokenPipeError

    LiveLines("watch", gone).say("still at work")
