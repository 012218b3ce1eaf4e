# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bell over a watch that breaks in every way; each wait ends by the bell, never by the clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout import changes
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.changes import Changes, GoneError, UnreachableError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint, StoppedError

Step = list[tuple[str, str]] | UpgradeError


class Watched:
    """Plays one step a watch: changes as (type, resourceVersion), or an error; then it is quiet. Remembers from where it was asked."""

    def __init__(self, *steps: Step, lists: list[str | UpgradeError] | None = None) -> None:
        self._steps = list(steps)
        self._lists = lists or ["1"]
        self.since: list[str] = []
        self.listed = 0
        self.done = threading.Event()

    def version_of(self, kind: str, *, labels: Mapping[str, str]) -> str:
        assert (kind, labels) == ("Pod", {"app": "web"})
        found = self._lists[min(self.listed, len(self._lists) - 1)]
        self.listed += 1
        if isinstance(found, UpgradeError):
            raise found
        return found

    def watch(self, kind: str, *, labels: Mapping[str, str], since: str) -> Iterator[tuple[str, dict[str, Any]]]:
        del kind, labels
        self.since.append(since)
        if not self._steps:
            self.done.set()
            threading.Event().wait()  # the watch of a quiet cluster; its thread ends with the process
        step = self._steps.pop(0)
        if isinstance(step, UpgradeError):
            raise step
        for change, version in step:
            yield change, {"metadata": {"resourceVersion": version}}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "BACKOFF_SECONDS", (0.01,))
    monkeypatch.setattr(changes, "BURST_SECONDS", 0.01)


def play(watched: Watched) -> Watched:
    with Changes(watched, ["Pod"], {"app": "web"}):
        assert watched.done.wait(10)
    return watched


@pytest.mark.parametrize(
    ("steps", "since"),
    [
        ([[("MODIFIED", "5")], [("BOOKMARK", "9")]], ["1", "5", "9"]),
        ([[("ADDED", "5")], UnreachableError("away"), UnreachableError("away")], ["1", "5", "5", "5"]),
        ([[("DELETED", "5")], GoneError("too old")], ["1", "5", "1"]),
        ([[("MODIFIED", "5")], UpgradeError("may not")], ["1", "5", "1"]),
        ([[("MODIFIED", "")]], ["1", "1"]),
    ],
    ids=[
        "resumes, after a bookmark too",
        "resumes when nobody answered",
        "lists again when gone",
        "lists again after a refusal",
        "no version",
    ],
)
def test_from_where_a_watch_goes_on(steps: list[Step], since: list[str]) -> None:
    assert play(Watched(*steps)).since == since


def test_a_list_that_fails_is_asked_again() -> None:
    watched = play(Watched(lists=[UnreachableError("away"), "7"]))
    assert (watched.listed, watched.since) == (2, ["7"])


def test_a_change_ends_the_wait() -> None:
    watched = Watched()
    with Changes(watched, ["Pod"], {"app": "web"}) as bell:
        bell.wait(SafePoint())  # what happened before the watch began
        assert watched.done.wait(10)
        bell._bell.set()
        began = time.monotonic()
        bell.wait(SafePoint())
    assert time.monotonic() - began < changes.LOOK_AGAIN_SECONDS / 2


def test_a_quiet_watch_is_looked_at_again_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LOOK_AGAIN_SECONDS", 0.3)
    watched = Watched([("BOOKMARK", "3")])
    with Changes(watched, ["Pod"], {"app": "web"}) as bell:
        assert watched.done.wait(10)
        bell._bell.clear()
        began = time.monotonic()
        bell.wait(SafePoint())
    assert time.monotonic() - began >= 0.25, "a bookmark is no change"


def test_a_stop_is_seen_while_nothing_changes() -> None:
    class Stop(SafePoint):
        def __call__(self) -> None:
            raise StoppedError("Stopped by SIGTERM.")

    with Changes(Watched(), ["Pod"], {"app": "web"}) as bell, pytest.raises(StoppedError):
        bell.wait(Stop())
