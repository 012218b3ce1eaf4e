# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which times a watch looks at: when the rollout was, the windows before it and of the watch, and the same a day earlier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.run.timestamp import parse

Compare = Literal["before", "day", "week"]
COMPARE: dict[str, float] = {"before": 0.0, "day": 86_400.0, "week": 7 * 86_400.0}
# A rollout of longer ago is not what a watch that begins now is about.
RECENT = 86_400.0
# The cluster's clock and ours may differ, and its times are whole seconds.
CLOCK_SLACK = 60.0
ROLLING = ("apply", "undo", "restore", "swap")
# Those during which nothing serves, by design: the database is exchanged under the application.
STOPPING = ("restore", "swap")
# The OpAMP client of the collectors backs off exponentially up to this (opamp-go, by the default of its backoff library).
LONGEST_BACKOFF = 60.0

Window = tuple[float, float]  # from, to; unix seconds


@dataclass(frozen=True)
class Marks:
    """When the rollout was, in unix seconds; None where nothing tells."""

    rollout_began: float
    first_pod_ready: float | None = None
    rollout_ended: float | None = None

    def to_dict(self) -> dict[str, float | None]:
        return asdict(self)


def find_marks(journals: Iterable[Journal], pods: Sequence[Mapping[str, Any]], now: float) -> Marks:
    """The rollout that a watch from now on judges.

    The newest one that a run recorded (of a rollback: the upgrade that it goes back from, since what was before that is
    what must return), unless the pods are younger than all that is recorded: then something else has rolled them. Without
    any of the last day there is nothing to come after, and what is compared with is the time until now.
    """
    steps = [
        (step.name, step.began_at.timestamp(), step.ended_at.timestamp() if step.ended_at else None)
        for journal in journals
        for step in journal.steps
        if step.name in ROLLING
    ]
    created, ready = _created(pods), _ready(pods)
    ended = max((end or now for _name, _began, end in steps), default=0.0)
    applied = max(((began, end) for name, began, end in steps if name == "apply"), default=None)
    if created is not None and created > ended + CLOCK_SLACK and created > now - RECENT:
        return Marks(created, ready, None)
    if applied is None or (applied[1] or now) < now - RECENT:
        return Marks(now)
    return Marks(applied[0], ready if ready is not None and ready >= applied[0] - 1 else None, applied[1])


def outage(journals: Iterable[Journal]) -> float:
    """For how many seconds the newest recorded rollout had all pods stopped; 0 when it stopped none."""
    steps = [(step.began_at, step) for journal in journals for step in journal.steps if step.name in ROLLING]
    newest = max(steps, key=lambda pair: pair[0])[1] if steps else None
    if newest is None or newest.name not in STOPPING:
        return 0.0
    return max(1.0, float(newest.result.get("down_seconds") or 0))


def settle_after(outage: float, settle: float) -> float:
    """Agents that meet no server wait longer from try to try: as long again as it was away, and a minute at most."""
    return max(settle, min(outage, LONGEST_BACKOFF))


def before(began: float, seconds: float) -> Window:
    return began - seconds, began


def earlier(window: Window, compare: str) -> Window | None:
    """The same clock times a day or a week earlier; None when only the time before counts."""
    return (window[0] - COMPARE[compare], window[1] - COMPARE[compare]) if COMPARE[compare] else None


def _created(pods: Sequence[Mapping[str, Any]]) -> float | None:
    """When the oldest of the pods was made."""
    found = [
        parse(pod.get("metadata", {}).get("creationTimestamp")) for pod in pods if not pod.get("metadata", {}).get("deletionTimestamp")
    ]
    return min((moment.timestamp() for moment in found if moment), default=None)


def _ready(pods: Sequence[Mapping[str, Any]]) -> float | None:
    """When the first of the pods became ready."""
    times = [
        parse(condition.get("lastTransitionTime"))
        for pod in pods
        if not pod.get("metadata", {}).get("deletionTimestamp")
        for condition in pod.get("status", {}).get("conditions") or []
        if condition.get("type") == "Ready" and condition.get("status") == "True"
    ]
    return min((moment.timestamp() for moment in times if moment), default=None)
