# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time that passes only when somebody waits: in the place of `time` in a module, and of its safe point."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint, StoppedError

START = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)


class Clock:
    """What the `time` module and the record's `now` give, from one number of seconds since START."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def time(self) -> float:
        return self.now().timestamp()

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Point(SafePoint):
    """A safe point whose pauses take no time; `pauses` remembers them, and `at_pause` lets the world go on meanwhile."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__()
        self.clock = clock or Clock()
        self.pauses: list[float] = []
        self.at_pause: Callable[[int], None] = lambda _unused: None
        self.stop_at = -1

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if 0 <= self.stop_at <= len(self.pauses):
            raise StoppedError("Stopped by SIGTERM.", next_step="Run the same command again to go on from here.")
        self.clock.sleep(seconds)
        self.at_pause(len(self.pauses))
