# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.run.soak import STOPPED, begun_at

START = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def journal(*attempts: tuple[str, float, str | list[str] | None]) -> Journal:
    """Attempts as (step, when, how it ended): the words of a failure, the lines of an apply, or None for killed."""
    found = Journal.new(run="r1", deployment={}, kind="upgrade", started_at=START, actor={}, plan={})
    for step, when, end in attempts:
        found = found.begin(step, at(when))
        if isinstance(end, str):
            found = found.fail(step, at(when + 1), end)
        elif end is not None:
            result: dict[str, Any] = {"objects": end} if end else {}
            found = found.end(step, at(when + 1), result)
    return found


FRESH, SAME = ["deployment.apps/x serverside-applied", "service/x unchanged"], ["deployment.apps/x unchanged"]


@pytest.mark.parametrize(
    ("attempts", "since"),
    [
        ([("apply", 1, FRESH), ("soak", 10, None)], 10),
        ([("apply", 1, FRESH), ("soak", 10, None), ("soak", 90, None)], 10),
        ([("apply", 1, FRESH), ("soak", 10, f"{STOPPED[0]}SIGTERM. Next: again."), ("apply", 50, SAME), ("soak", 90, None)], 10),
        ([("soak", 10, STOPPED[1]), ("watch", 50, []), ("apply", 60, []), ("soak", 90, None)], 10),
        ([("soak", 10, "It was not whole."), ("soak", 90, None)], 90),
        ([("soak", 10, None), ("apply", 50, FRESH), ("soak", 90, None)], 90),
        ([("watch", 5, "It failed."), ("soak", 10, None)], 10),
    ],
)
def test_the_time_that_is_left_counts_from_the_first_attempt_that_only_a_stop_has_parted(attempts: list[Any], since: float) -> None:
    assert begun_at(journal(*attempts)) == at(since)


def test_a_soak_that_has_not_begun() -> None:
    with pytest.raises(ValueError, match="has not begun"):
        begun_at(journal(("soak", 1, "It was not whole.")))
