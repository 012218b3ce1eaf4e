# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import DEFAULT_SIGNALS, Signal

LEVEL = {"name": "up", "promql": "sum(up)", "kind": "level", "min": 3}


def test_reads_a_signal() -> None:
    assert Signal.from_dict(LEVEL) == Signal("up", "sum(up)", "level", 3.0, None, "fail")
    given = LEVEL | {"max": None, "absent": "zero"}
    assert Signal.from_dict(given) == Signal("up", "sum(up)", "level", 3.0, None, "zero")


def test_the_defaults_are_the_three_of_the_page() -> None:
    signals = [Signal.from_dict(value, replicas=3) for value in DEFAULT_SIGNALS]
    assert [(signal.name, signal.kind, signal.min, signal.max, signal.absent, signal.slack) for signal in signals] == [
        ("sessions", "recovery", 0.95, 1.25, "fail", 1.0),
        ("no_session", "growth", None, 3.0, "zero", 0.0),
        ("up", "level", 3.0, None, "fail", 0.0),
    ]
    assert [(signal.metric, signal.aggregate) for signal in signals] == [
        ("ampora_opamp_active_sessions", "sum"),
        ("ampora_dispatch_no_session_total", "increase"),
        ("up", "sum"),
    ]


def test_a_metric_of_the_pods_is_enough() -> None:
    given = {"name": "sessions", "kind": "recovery", "min": 0.9, "metric": " m ", "labels": {"kind": "agent"}, "aggregate": "max"}
    assert Signal.from_dict(given) == Signal("sessions", "", "recovery", 0.9, metric="m", labels={"kind": "agent"}, aggregate="max")


def test_a_bound_follows_the_number_of_replicas() -> None:
    found = Signal.from_dict(LEVEL | {"min": "{replicas}"}, replicas=3)
    assert (found.min, found.with_replicas(2).min, found.with_replicas(2).by_replicas) == (3.0, 2.0, ("min",))
    fixed = Signal.from_dict(LEVEL, replicas=3)
    assert fixed.with_replicas(2) is fixed


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(UpgradeError) as caught:
        Signal.from_dict({"name": "up", "promql": " ", "kind": "lvel", "min": "3", "absent": "no", "mix": 1})
    assert caught.value.message == (
        "The signal up of ampora_signals cannot be used: mix is not a field of it (known: name, promql, kind, min, max, absent, slack, "
        "metric, labels, aggregate); kind is 'lvel' and must be one of level, recovery, growth; min must be a number or {replicas}; "
        "absent is 'no' and must be one of fail, zero; it needs a promql, or a metric for the pods themselves; "
        "a level needs a min or a max, or it could never fail."
    )
    assert caught.value.next_step == "Correct this entry of ampora_signals."


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"min": "{replicas}"}, "the number of replicas is not known here"),
        ({"min": None}, "a level needs a min or a max"),
        ({"min": True}, "min must be a number"),
        ({"min": float("nan")}, "min must be a number"),
        ({"min": 5, "max": 3}, "its min 5 is above its max 3"),
        ({"kind": "growth", "min": None}, "a growth has a max"),
        ({"kind": "growth", "max": 1}, "a growth has a max (how much more than the reference is allowed) and no min"),
        ({"kind": "growth", "min": None, "max": -1}, "the bounds of a growth must not be negative"),
        ({"kind": "recovery", "min": -0.5}, "the bounds of a recovery must not be negative"),
        ({"name": ""}, "name must not be empty"),
        ({"name": 3}, "name must be a text"),
        ({"slack": 1}, "slack belongs to a recovery"),
        ({"kind": "recovery", "slack": -1}, "slack belongs to a recovery and must not be negative"),
        ({"labels": {"a": 1}}, "labels.a must be a text"),
        ({"aggregate": "avg"}, "aggregate is 'avg' and must be one of sum, max, min, increase"),
    ],
)
def test_refuses(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(UpgradeError) as caught:
        Signal.from_dict(LEVEL | fields)
    assert problem in caught.value.message


@pytest.mark.parametrize("value", [None, [], "up"])
def test_refuses_what_is_no_object(value: Any) -> None:
    with pytest.raises(UpgradeError, match="it is not an object"):
        Signal.from_dict(value)
