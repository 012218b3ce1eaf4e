# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Will the rollout roll as the product means it: strategy, probes, disruption budgets, autoscalers.

Each function takes plain JSON of the API. Sources: the Upgrades page (maxSurge 1, maxUnavailable 0, one pod at a time) and
the Kubernetes documentation of Deployments, disruptions and the eviction API.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import quote
from ansible_collections.ampora.upgrades.plugins.module_utils.fields import is_a
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.selector import selects

Object = Mapping[str, Any]
_DEFAULT = "25%"  # what Kubernetes takes for maxSurge and maxUnavailable when neither is written


def replicas_of(deployment: Object) -> int:
    """How many pods the Deployment wants; one when it does not say."""
    wanted = deployment["spec"].get("replicas")
    return wanted if is_a(wanted, int) else 1


def surge_of(deployment: Object) -> int:
    """How many pods more than that a rollout may have: a share is rounded up."""
    rolling = _rolling(deployment)
    return math.ceil(_pods(rolling.get("maxSurge", _DEFAULT), replicas_of(deployment))) if rolling is not None else 0


def _unavailable_of(deployment: Object) -> int:
    """How many pods a rollout may be short of: a share is rounded down."""
    rolling = _rolling(deployment)
    replicas = replicas_of(deployment)
    return math.floor(_pods(rolling.get("maxUnavailable", _DEFAULT), replicas)) if rolling is not None else replicas


def _rolling(deployment: Object) -> Object | None:
    strategy = deployment["spec"].get("strategy") or {}
    return (strategy.get("rollingUpdate") or {}) if strategy.get("type", "RollingUpdate") == "RollingUpdate" else None


def _pods(value: object, replicas: int) -> float:
    """A number of pods or a share of them; what is neither counts as none, and the API server would not have taken it."""
    if is_a(value, int):
        return float(str(value))
    text = str(value)
    share = text.removesuffix("%")
    if not (share.isascii() and share.isdigit() and len(share) <= 6):
        return 0.0
    return int(share) * replicas / 100 if text.endswith("%") else float(share)


def judge_strategy(deployment: Object) -> list[Finding]:
    """One pod more at a time, and never one fewer than wanted."""
    name = deployment["metadata"]["name"]
    rolling = _rolling(deployment)
    if rolling is None:
        kind = quote(deployment["spec"]["strategy"]["type"])
        text = f"has the strategy {kind}: every pod ends before a new one begins, and the product ships RollingUpdate"
        return [_strategy(name, text)]
    surge, unavailable = surge_of(deployment), _unavailable_of(deployment)
    if unavailable > 0:
        found = quote(rolling.get("maxUnavailable", f"not set, which is {_DEFAULT}"))
        return [
            _strategy(name, f"may be short of {unavailable} of its pods during a rollout (maxUnavailable is {found}, the product ships 0)")
        ]
    if surge == 0:
        return [
            _strategy(
                name, "has a maxSurge and a maxUnavailable of 0 pods: it cannot roll without ending a pod first (the product ships 1 and 0)"
            )
        ]
    if surge > 1:
        text = (
            f"The Deployment {name} may start {surge} pods more at once (maxSurge is {quote(rolling.get('maxSurge', _DEFAULT))}, the"
            " product ships 1): the sessions of as many pods move together. Set maxSurge 1 in the overlay to move them one pod at a time."
        )
        return [Finding("surge-above-one", "info", text)]
    return []


def _strategy(name: str, text: str) -> Finding:
    return Finding("strategy", "ack", f"The Deployment {name} {text}; set it in the overlay, or accept an interruption.")


def judge_probes(container: Object) -> list[Finding]:
    """A rollout is led by readiness, and a hung process is restarted by liveness."""
    findings = []
    name = container["name"]
    if not container.get("readinessProbe"):
        text = (
            f"The container {name} has no readiness probe: the rollout cannot tell a working pod from a broken one. Add one in the overlay."
        )
        findings.append(Finding("no-readiness-probe", "ack", text))
    if not container.get("livenessProbe"):
        text = (
            f"The container {name} has no liveness probe: a new pod that hangs after it was ready is not restarted. Add one in the overlay."
        )
        findings.append(Finding("no-liveness-probe", "info", text))
    return findings


def judge_budgets(budgets: Sequence[Object], deployment: Object) -> list[Finding]:
    """A PodDisruptionBudget limits evictions (a node's drain), never the rollout; it and the rollout count the same pods."""
    name = deployment["metadata"]["name"]
    labels = (deployment["spec"]["template"].get("metadata") or {}).get("labels") or {}
    ours = [budget for budget in budgets if selects((budget.get("spec") or {}).get("selector"), labels)]
    names = tuple(sorted(str(budget["metadata"]["name"]) for budget in ours))
    if not ours:
        text = (
            f"No PodDisruptionBudget selects the pods of the Deployment {name}: a node's drain during the rollout may end all"
            f" {replicas_of(deployment)} of them at once. Add one with maxUnavailable 1, or see that no node is drained."
        )
        return [Finding("no-pdb", "info", text)] if replicas_of(deployment) > 1 else []
    if len(ours) > 1:
        text = (
            f"{len(ours)} PodDisruptionBudgets select the pods of the Deployment {name}: the API server then evicts none of them, so a"
            " node's drain fails. The rollout goes on; leave one of them."
        )
        return [Finding("pdb-blocks", "info", text, evidence=names)]
    allowed = (ours[0].get("status") or {}).get("disruptionsAllowed")
    if allowed != 0:
        return []
    text = (
        f"The PodDisruptionBudget {names[0]} allows no disruption now: the rollout goes on all the same (a Deployment does not ask it), but"
        " a node cannot be drained until it allows one. Drain no node meanwhile."
    )
    return [Finding("pdb-blocks", "info", text, evidence=names)]


def judge_autoscalers(autoscalers: Sequence[Object], deployment: Object) -> list[Finding]:
    """An autoscaler may change the number of pods between the first look and the last."""
    name = deployment["metadata"]["name"]
    findings = []
    for scaler in autoscalers:
        spec = scaler["spec"]
        target = spec["scaleTargetRef"]
        if (target.get("kind"), target.get("name")) == ("Deployment", name):
            least = spec.get("minReplicas", 1)
            text = (
                f"The HorizontalPodAutoscaler {scaler['metadata']['name']} scales the Deployment {name} between {least} and"
                f" {spec.get('maxReplicas')} pods: their number may change during the rollout and the watch. Hold it by"
                " minReplicas equal to maxReplicas for the time, and keep replicas out of the overlay."
            )
            findings.append(Finding("hpa", "info", text))
    return findings
