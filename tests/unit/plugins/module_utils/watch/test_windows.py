# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.windows import Marks, before, earlier, find_marks, outage, settle_after

T0 = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def unix(seconds: float) -> float:
    return at(seconds).timestamp()


def run(*steps: tuple[str, float, float | None], kind: str = "upgrade") -> Journal:
    found = Journal.new(run="r", deployment={"namespace": "a", "name": "b"}, kind=kind, started_at=at(-9999), actor={}, plan={})
    for name, began, ended in steps:
        found = found.begin(name, at(began))
        if ended is not None:
            found = found.end(name, at(ended), {})
    return found


def pod(created: float, ready: float | None, **metadata: Any) -> dict[str, Any]:
    conditions = [{"type": "Initialized", "status": "True", "lastTransitionTime": text(created)}]
    conditions.append({"type": "Ready", "status": "False" if ready is None else "True", "lastTransitionTime": text(ready or created)})
    return {"metadata": {"creationTimestamp": text(created), **metadata}, "status": {"conditions": conditions}}


def text(seconds: float) -> str:
    return at(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


APPLIED = run(("snapshot", -60, -50), ("apply", 0, 40))
HOUR, DAY = 3600, 86_400


@pytest.mark.parametrize(
    ("journals", "pods", "now", "marks"),
    [
        # the recorded rollout, and the first of its pods
        ([APPLIED], [pod(2, 9), pod(12, 19), pod(22, 39)], 41, (0, 9, 40)),
        ([APPLIED], [pod(2, 9, deletionTimestamp=text(30)), pod(12, 19)], 41, (0, 19, 40)),
        ([run(("apply", 0, None))], [pod(2, 9)], 30, (0, 9, None)),
        ([APPLIED], [pod(2, None)], 41, (0, None, 40)),
        # the pods of before, which have not been replaced
        ([APPLIED], [pod(-5000, -4990)], 41, (0, None, 40)),
        # back from an upgrade: what was before the upgrade must return
        ([run(("undo", 600, 640), kind="rollback"), APPLIED], [pod(601, 610)], 641, (0, 610, 40)),
        ([run(("swap", HOUR, HOUR + 40), kind="swap_back"), APPLIED], [pod(HOUR + 20, HOUR + 30)], HOUR + 41, (0, HOUR + 30, 40)),
        # something else has rolled the pods since
        ([APPLIED], [pod(HOUR, HOUR + 9), pod(HOUR + 10, HOUR + 19)], HOUR + 60, (HOUR, HOUR + 9, None)),
        ([], [pod(-30, -21), pod(-20, -11)], 0, (-30, -21, None)),
        # one pod was moved to another node, and the others are those of the rollout
        ([APPLIED], [pod(2, 9), pod(HOUR, HOUR + 9)], HOUR + 60, (0, 9, 40)),
        # nothing of the last day
        ([APPLIED], [pod(2, 9)], 2 * DAY, (2 * DAY, None, None)),
        ([], [pod(-2 * DAY, -2 * DAY)], 0, (0, None, None)),
        ([run(("snapshot", 0, 1))], [], 9, (9, None, None)),
        ([], [{"metadata": {}, "status": {}}], 9, (9, None, None)),
    ],
)
def test_the_rollout_that_is_judged(journals: list[Journal], pods: list[Any], now: float, marks: tuple[float, Any, Any]) -> None:
    began, ready, ended = marks
    expected = Marks(unix(began), None if ready is None else unix(ready), None if ended is None else unix(ended))
    assert find_marks(journals, pods, unix(now)) == expected
    assert expected.to_dict()["rollout_began"] == unix(began)


SWAPPED = run(kind="swap_back").begin("swap", at(600)).end("swap", at(640), {"down_seconds": 7.5})


@pytest.mark.parametrize(
    ("journals", "seconds"),
    [
        ([], 0),
        ([APPLIED], 0),
        ([run(("undo", 600, 640), kind="rollback"), APPLIED], 0),
        ([SWAPPED, APPLIED], 7.5),
        ([APPLIED, SWAPPED], 7.5),
        ([run(("restore", 600, 640), ("watch", 641, 700), kind="rollback"), APPLIED], 1),
        ([APPLIED, run(("swap", 600, None), kind="swap_back")], 1),
        ([run(("apply", 900, 940)), SWAPPED], 0),
    ],
)
def test_how_long_all_pods_were_stopped(journals: list[Journal], seconds: float) -> None:
    assert outage(journals) == seconds


@pytest.mark.parametrize(("outage", "settle", "expected"), [(0, 30, 30), (7.5, 3, 7.5), (7.5, 30, 30), (900, 30, 60), (900, 90, 90)])
def test_who_meets_no_server_comes_back_later(outage: float, settle: float, expected: float) -> None:
    assert settle_after(outage, settle) == expected


def test_the_windows() -> None:
    assert before(1000, 300) == (700, 1000)
    assert earlier((700.0, 1000.0), "day") == (700 - DAY, 1000 - DAY)
    assert earlier((700.0, 1000.0), "week") == (700 - 7 * DAY, 1000 - 7 * DAY)
    assert earlier((700.0, 1000.0), "before") is None
