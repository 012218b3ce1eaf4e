# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stopping a long action at a place where the record is true.

ansible-core 2.19 and later run actions in workers of their own session: a signal ends them without any `finally`, and
a killed ansible-playbook leaves them running as orphans. So a long action holds the signals back and looks, at each
safe point, whether it was told to stop or whether its parent is gone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from types import FrameType

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run.soak import BY_SIGNAL, ORPHANED

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedError(UpgradeError):
    """The run was told to stop, or ansible-playbook itself is gone."""


def was_stopped(error: BaseException | None) -> bool:
    """Whether a stop is the error, or what it came from: a step may say more of where it was stopped."""
    return error is not None and (isinstance(error, StoppedError) or was_stopped(error.__cause__))


class SafePoint:
    """Call it wherever stopping is safe; `pause` waits in slices so that a stop is seen within half a second."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._signal = ""

    def note(self, number: int, frame: FrameType | None) -> None:
        """The first one counts, and any other more than SIGTERM, which a leaving ansible-playbook sends its workers whatever stopped it.

        After Ctrl-C both come at once, and a process with threads may take them in either order.
        """
        del frame
        if self._signal in {"", signal.SIGTERM.name}:
            self._signal = signal.Signals(number).name

    def __call__(self) -> None:
        if self._signal:
            raise StoppedError(f"{BY_SIGNAL}{self._signal}.", next_step="Run the same command again to go on from here.")
        if os.getppid() != self._parent:
            raise StoppedError(ORPHANED, next_step="Run the same command again to go on from here.")

    def pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self()
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(0.5, left))
            self()


@contextlib.contextmanager
def safe_points() -> Iterator[SafePoint]:
    """Hold SIGINT, SIGTERM and SIGHUP back between safe points; only the worker's main thread may use this."""
    point = SafePoint()
    before = {number: signal.signal(number, point.note) for number in SIGNALS}
    try:
        yield point
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
