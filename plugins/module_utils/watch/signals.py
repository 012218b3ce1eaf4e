# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signal: one value over time, and what it must be like after an upgrade.

`promql` is how Prometheus gives it. Without a Prometheus the pods themselves are asked: `metric`, `labels` and
`aggregate` are the same for them, in the few words that need no query language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from ansible_collections.ampora.upgrades.plugins.module_utils.fields import Fields, is_a

Kind = Literal["level", "recovery", "growth"]
Absent = Literal["fail", "zero"]
Aggregate = Literal["sum", "max", "min", "increase"]

KINDS = ("level", "recovery", "growth")
ABSENT = ("fail", "zero")
AGGREGATES = ("sum", "max", "min", "increase")
REPLICAS = "{replicas}"
FIELDS = ("name", "promql", "kind", "min", "max", "absent", "slack", "metric", "labels", "aggregate")

# sum() first: each new pod is a new series. The pod that is rolled last holds few sessions, so only the sum says anything.
DEFAULT_SIGNALS: tuple[dict[str, Any], ...] = (
    {
        "name": "sessions",
        "promql": 'sum(ampora_opamp_active_sessions{job="ampora-web"})',
        "kind": "recovery",
        "min": 0.95,
        "max": 1.25,
        "slack": 1.0,
        "absent": "fail",
        "metric": "ampora_opamp_active_sessions",
    },
    {
        # Nothing was counted yet in a new process, so the series may rightly be absent. Seven events in the second half of five
        # minutes after none in the five before the rollout are no chance any more (p < 0.001); that is about three a minute.
        "name": "no_session",
        "promql": 'sum(increase(ampora_dispatch_no_session_total{job="ampora-web"}[1m]))',
        "kind": "growth",
        "max": 3.0,
        "absent": "zero",
        "metric": "ampora_dispatch_no_session_total",
        "aggregate": "increase",
    },
    {"name": "up", "promql": 'sum(up{job="ampora-web"})', "kind": "level", "min": REPLICAS, "absent": "fail", "metric": "up"},
)


@dataclass(frozen=True)
class Signal:
    """Bounds are values for a level, ratios to the reference for a recovery, an increase above it for a growth.

    A recovery may always differ from its reference by `slack`, in the signal's own unit: of ten agents one is 10 %.
    """

    name: str
    promql: str
    kind: Kind
    min: float | None = None
    max: float | None = None
    absent: Absent = "fail"
    slack: float = 0.0
    metric: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    aggregate: Aggregate = "sum"
    by_replicas: tuple[str, ...] = ()  # the bounds that are the number of replicas

    def with_replicas(self, replicas: int) -> Signal:
        """The same for another number of replicas: an autoscaler may change it while we watch."""
        changes: dict[str, Any] = dict.fromkeys(self.by_replicas, float(replicas))
        return replace(self, **changes) if changes else self

    @classmethod
    def from_dict(cls, value: Mapping[str, Any], *, replicas: int | None = None) -> Signal:
        """Read a signal of `ampora_signals`; a bound of "{replicas}" means as many as the deployment has."""
        name = str(value.get("name", "?")) if isinstance(value, Mapping) else "?"
        read = Fields(value, f"The signal {name} of ampora_signals")
        read.only(FIELDS)
        given = {key for key in value if value[key] is not None} if isinstance(value, Mapping) else set()
        signal = cls(
            name=_text(read, "name"),
            promql=read.scalar("promql", str).strip() if "promql" in given else "",
            kind=cast(Kind, read.choice("kind", KINDS)),
            min=_bound(read, value, "min", replicas),
            max=_bound(read, value, "max", replicas),
            absent=cast(Absent, read.choice("absent", ABSENT)) if "absent" in given else "fail",
            slack=read.scalar("slack", float) if "slack" in given else 0.0,
            metric=read.scalar("metric", str).strip() if "metric" in given else "",
            labels=read.mapping_of("labels", str) if "labels" in given else {},
            aggregate=cast(Aggregate, read.choice("aggregate", AGGREGATES)) if "aggregate" in given else "sum",
            by_replicas=tuple(bound for bound in ("min", "max") if bound in given and value[bound] == REPLICAS),
        )
        for problem in _contradictions(signal):
            read.wrong(problem)
        read.finish("Correct this entry of ampora_signals.")
        return signal


def _text(read: Fields, name: str) -> str:
    found = read.scalar(name, str)
    if not found.strip():
        read.wrong(f"{name} must not be empty")
    return found


def _bound(read: Fields, value: Mapping[str, Any], name: str, replicas: int | None) -> float | None:
    bound = value.get(name) if isinstance(value, Mapping) else None
    if bound == REPLICAS and replicas is not None:
        return float(replicas)
    if bound is None:
        return None
    if bound == REPLICAS:
        read.wrong(f"{name} is {REPLICAS}, and the number of replicas is not known here")
    elif is_a(bound, float):
        return float(bound)
    else:
        read.wrong(f"{name} must be a number or {REPLICAS}")
    return None


def _contradictions(signal: Signal) -> list[str]:
    """Bounds that could never fail, or never pass."""
    problems = []
    if not (signal.promql or signal.metric):
        problems.append("it needs a promql, or a metric for the pods themselves")
    if signal.slack < 0 or (signal.slack and signal.kind != "recovery"):
        problems.append("slack belongs to a recovery and must not be negative")
    if signal.kind == "growth" and (signal.max is None or signal.min is not None):
        problems.append("a growth has a max (how much more than the reference is allowed) and no min")
    if signal.kind != "growth" and signal.min is None and signal.max is None:
        problems.append(f"a {signal.kind} needs a min or a max, or it could never fail")
    if signal.min is not None and signal.max is not None and signal.min > signal.max:
        problems.append(f"its min {signal.min:g} is above its max {signal.max:g}")
    if signal.kind != "level" and any(bound is not None and bound < 0 for bound in (signal.min, signal.max)):
        problems.append(f"the bounds of a {signal.kind} must not be negative")
    return problems
