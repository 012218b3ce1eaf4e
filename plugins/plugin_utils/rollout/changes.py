# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a change instead of asking again and again: a bell that the watch API rings.

The watch says only *that* something changed. What is true is then read by lists, in the order that the decision needs,
so no picture is put together from several streams that run apart.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint

# Looked at all the same after this long: time itself changes things (deadlines), and a bell may be deaf.
LOOK_AGAIN_SECONDS = 10.0
# Changes come in bursts; one look serves those of this long.
BURST_SECONDS = 0.5
BACKOFF_SECONDS = (0.5, 1.0, 2.0, 4.0)


class UnreachableError(UpgradeError):
    """No answer, or one that says that the API server itself is not well (HTTP 429, 5xx): it may come back by itself."""


class GoneError(UpgradeError):
    """The server no longer has what changed since that resourceVersion (HTTP 410)."""


class Watchable(Protocol):
    """What the bell needs of the Kubernetes port."""

    def version_of(self, kind: str, *, labels: Mapping[str, str]) -> str: ...
    def watch(self, kind: str, *, labels: Mapping[str, str], since: str) -> Iterator[tuple[str, dict[str, Any]]]: ...


class Changes:
    """Listens as long as the block runs; a thread for each kind, none of which outlives this process."""

    def __init__(self, cluster: Watchable, kinds: Sequence[str], labels: Mapping[str, str]) -> None:
        self._cluster = cluster
        self._kinds = kinds
        self._labels = labels
        self._bell = threading.Event()
        self._stop = threading.Event()

    def __enter__(self) -> Changes:
        for kind in self._kinds:
            threading.Thread(target=self._listen, args=(kind,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()

    def wait(self, safe_point: SafePoint) -> None:
        """Until something has changed, or it is time to look again anyway."""
        end = time.monotonic() + LOOK_AGAIN_SECONDS
        safe_point.pause(BURST_SECONDS)
        while not self._bell.wait(0.25) and time.monotonic() < end:
            safe_point()
        self._bell.clear()

    def _listen(self, kind: str) -> None:
        """Go on from the last resourceVersion through every break; list again when the server has forgotten it."""
        since, failures = "", 0
        while not self._stop.is_set():
            try:
                if not since:
                    since = self._cluster.version_of(kind, labels=self._labels)
                    self._bell.set()  # whatever happened before the watch began
                for change, item in self._cluster.watch(kind, labels=self._labels, since=since):
                    since = str(item.get("metadata", {}).get("resourceVersion") or since)
                    if change != "BOOKMARK":
                        self._bell.set()
                    if self._stop.is_set():
                        return
                failures = 0
            except UnreachableError:
                failures += 1
            except UpgradeError:
                since, failures = "", failures + 1
            self._stop.wait(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)])
