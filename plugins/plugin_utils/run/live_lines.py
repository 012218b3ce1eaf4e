# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an action says while it works: plain lines, once per change, and never silent for longer than AWX and load balancers bear."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

QUIET_SECONDS = 30.0


class LiveLines:
    """The lines of one action. `show` prints one; it is called from two threads, one at a time."""

    def __init__(self, name: str, show: Callable[[str], None], quiet: float = QUIET_SECONDS) -> None:
        self._name, self._show, self._quiet = name, show, quiet
        self._lock = threading.Lock()
        self._last, self._at, self._since = "at work", time.monotonic(), time.monotonic()

    def say(self, text: str) -> None:
        """One line, whatever was said before."""
        with self._lock:
            self._last, self._since = text, time.monotonic()
            self._tell(text)

    def progress(self, text: str) -> None:
        """One line when it is another than the last; the same one comes again by itself when all is quiet."""
        if text != self._last:
            self.say(text)

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """While the block runs, whatever it waits for, somebody who looks on sees every 30 s that it goes on."""
        done = threading.Event()
        thread = threading.Thread(target=self._remind, args=(done,), name="live-lines", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _remind(self, done: threading.Event) -> None:
        while not done.wait(max(0.0, self._at + self._quiet - time.monotonic())):
            with self._lock:
                now = time.monotonic()
                if now >= self._at + self._quiet:
                    self._tell(f"{self._last} (for {now - self._since:.0f} s)")

    def _tell(self, text: str) -> None:
        """Words of pods and servers are in it, so nothing that a terminal would obey; who looked on may be gone meanwhile."""
        self._at = time.monotonic()
        with contextlib.suppress(OSError):
            self._show(f"{self._name}: {' '.join(''.join(c if c.isprintable() else ' ' for c in text).split())}")
