# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.history import judge, on_hold
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal

from tests.unit.doubles.scene import NOW, PLACE


def run(name: str, minute: int, kind: str, outcome: str | None, **plan: object) -> Journal:
    started = NOW + timedelta(minutes=minute)
    journal = Journal.new(run=name, deployment=PLACE, kind=kind, started_at=started, actor={}, plan=plan)
    return journal.close(started, outcome) if outcome else journal


def upgrade(name: str, minute: int, version: str, outcome: str | None) -> Journal:
    return run(name, minute, "upgrade", outcome, target={"version": version})


BACK = upgrade("a", 0, "1.5.0", "rolled back")


@pytest.mark.parametrize(
    ("journals", "held"),
    [
        ([], {}),
        ([BACK], {"1.5.0": "a"}),
        ([upgrade("a", 0, "1.5.0", "held")], {}),
        ([upgrade("a", 0, "1.5.0", None)], {}),
        ([BACK, upgrade("b", 1, "1.5.0", "upgraded")], {}),
        ([BACK, upgrade("b", 1, "1.5.0", "failed")], {"1.5.0": "a"}),
        ([BACK, upgrade("b", 1, "1.5.1", "upgraded")], {"1.5.0": "a"}),
        ([upgrade("a", 0, "1.5.0", "upgraded"), upgrade("b", 1, "1.5.0", "rolled back")], {"1.5.0": "b"}),
        ([upgrade("a", 0, "1.5.0", "upgraded"), run("b", 1, "rollback", "rolled back", of="a")], {"1.5.0": "b"}),
        ([upgrade("a", 0, "1.5.0", "upgraded"), run("b", 1, "rollback", "failed", of="a")], {}),
        ([run("b", 1, "rollback", "rolled back", of="gone")], {}),
        ([run("b", 1, "snapshot", "ended")], {}),
        ([BACK, upgrade("b", 1, "1.5.0", "".join(["up", "graded"]))], {}),  # as a journal is read: equal, and not the same object
    ],
)
def test_on_hold(journals: list[Journal], held: dict[str, str]) -> None:
    assert on_hold(journals) == on_hold(journals[::-1]) == held


def test_a_version_on_hold_needs_an_answer() -> None:
    assert judge({"1.5.0": "a"}, "1.5.1") == []
    (finding,) = judge({"1.5.0": "a"}, "1.5.0")
    assert (finding.id, finding.severity) == ("on-hold", "ack")
    assert finding.text == (
        "1.5.0 was rolled back here by the run a and is on hold: read that run's report, then set"
        ' ack-1.5.0-on-hold: "true" in ampora_acks to try it again.'
    )
