# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A probe of the Service every 100 ms, beside an upgrade: how often was nobody ready?"""

from __future__ import annotations

import threading
import time
from types import TracebackType

import requests

INTERVAL = 0.1


class Probe:
    """Asks /health/ready over the Service as long as the block runs; a new connection each time, as a new client has."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/health/ready"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.answers = 0
        self.failures: list[str] = []

    def __enter__(self) -> Probe:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        following = time.monotonic()
        while not self._stop.wait(max(0.0, following - time.monotonic())):
            following = max(following + INTERVAL, time.monotonic())
            try:
                status = requests.get(self._url, timeout=2, headers={"Connection": "close"}).status_code
            except requests.RequestException as error:
                self.failures.append(type(error).__name__)
                continue
            self.answers += 1
            if status != 200:
                self.failures.append(str(status))
