# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is there room for one pod more (maxSurge 1), and for the dump of the database.

A rollout that may not be short of a pod waits until the extra one runs; where it cannot be made or placed, the rollout is
stuck. What the scheduler looks at besides (preferred affinity, spreading, volumes' zones) is not looked at here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.quantity import Amounts, add, amounts, limits, requests
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_rollout import surge_of
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.selector import selects
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import Forecast, amount

Object = Mapping[str, Any]
_HOST = "kubernetes.io/hostname"
_MOST_EVIDENCE = 20


@dataclass
class _Taken:
    """What the pods of one node have already."""

    amounts: Amounts = field(default_factory=dict)
    pods: int = 0
    refuses: bool = False  # by the pod's own rule: not two of these on one node


def judge_quotas(quotas: Sequence[Object], deployment: Object) -> list[Finding]:
    """Whether a ResourceQuota refuses one pod more, by what it says of itself."""
    if surge_of(deployment) == 0:
        return []
    full = [words for quota in quotas if _counts(quota) for words in _over(quota, deployment["spec"]["template"]["spec"])]
    if not full:
        return []
    text = (
        f"A ResourceQuota refuses one pod more of the Deployment {deployment['metadata']['name']}: {'; '.join(full[:3])}. The rollout would"
        " be stuck at its first pod. Raise the quota."
    )
    return [Finding("no-quota-room", "block", text, evidence=tuple(full[:_MOST_EVIDENCE]))]


def _counts(quota: Object) -> bool:
    """Scoped quotas count some pods only; of those, only the plain case of a long-running pod is decided."""
    spec = quota.get("spec") or {}
    return set(spec.get("scopes") or []) <= {"NotTerminating"} and not spec.get("scopeSelector")


def _over(quota: Object, pod: Object) -> Iterator[str]:
    status = quota.get("status") or {}
    hard, used = amounts(status.get("hard")), amounts(status.get("used"))
    wanted = {f"limits.{name}": value for name, value in limits(pod).items()} | {"pods": Decimal(1), "count/pods": Decimal(1)}
    for name, value in requests(pod).items():
        wanted |= {name: value, f"requests.{name}": value}
    for name in sorted(hard.keys() & wanted.keys()):
        if wanted[name] > 0 and used.get(name, Decimal(0)) + wanted[name] > hard[name]:
            there = f"{name} is {(status.get('used') or {}).get(name, 0)} of {status['hard'][name]}"
            yield f"{quota['metadata']['name']}: {there}, and one pod more asks for {wanted[name].normalize():f}"


def judge_room(deployment: Object, nodes: Sequence[Object] | None, pods: Iterable[Object] | None) -> list[Finding]:
    """Whether a node takes one pod more; `pods` are those of every namespace, read once; None is what may not be read."""
    if surge_of(deployment) == 0:
        return []
    name = deployment["metadata"]["name"]
    if nodes is None or pods is None:
        text = (
            f"Whether a node has room for one pod more of the Deployment {name} is not known: these credentials may not list"
            " nodes and the pods of all namespaces. Grant both, or look yourself."
        )
        return [Finding("room-unknown", "info", text)]
    template = deployment["spec"]["template"]
    taken = _taken(pods, deployment)
    reasons = [_refusal(node, template["spec"], taken[node["metadata"]["name"]]) for node in nodes]
    if all(reasons):
        counted = [(count, reason) for reason, count in Counter(sorted(reasons)).most_common()]
        words = ", ".join(f"{count}: {reason}" for count, reason in counted[:5]) or "there is none"
        text = (
            f"No node has room for one pod more of the Deployment {name} ({words}): a rollout with maxSurge 1 would wait for one. Make"
            " room, or acknowledge when the cluster adds nodes by itself."
        )
        return [Finding("no-room", "ack", text, evidence=tuple(f"{count} nodes: {reason}" for count, reason in counted[:_MOST_EVIDENCE]))]
    return []


def _taken(pods: Iterable[Object], deployment: Object) -> dict[str, _Taken]:
    found: dict[str, _Taken] = defaultdict(_Taken)
    keeps_apart = list(_apart(deployment))
    for pod in pods:
        node = pod["spec"].get("nodeName")
        if not node or (pod.get("status") or {}).get("phase") in {"Succeeded", "Failed"}:
            continue
        place = found[node]
        place.amounts = add(place.amounts, requests(pod["spec"]))
        place.pods += 1
        if pod["metadata"].get("namespace") == deployment["metadata"].get("namespace"):
            labels = pod["metadata"].get("labels") or {}
            place.refuses |= any(selects(selector, labels) for selector in keeps_apart)
    return found


def _apart(deployment: Object) -> Iterator[Object]:
    """The selectors of pods beside which the pod must not be, as the template's own required anti-affinity says."""
    affinity = (deployment["spec"]["template"]["spec"].get("affinity") or {}).get("podAntiAffinity") or {}
    for term in affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or []:
        if term.get("topologyKey") == _HOST and term.get("labelSelector") is not None:
            yield term["labelSelector"]


def _refusal(node: Object, pod: Object, taken: _Taken) -> str:
    """Why the node does not take the pod; empty when it does."""
    spec, status = node.get("spec") or {}, node.get("status") or {}
    if spec.get("unschedulable"):
        return "cordoned"
    if not any((item.get("type"), item.get("status")) == ("Ready", "True") for item in status.get("conditions") or []):
        return "not ready"
    if not selects({"matchLabels": pod.get("nodeSelector") or {}}, node["metadata"].get("labels") or {}):
        return "not selected by the nodeSelector"
    if any(taint.get("effect") != "PreferNoSchedule" and not _tolerated(taint, pod) for taint in spec.get("taints") or []):
        return "tainted"
    if taken.refuses:
        return "has such a pod, and the template allows one for each node"
    return _short_of(amounts(status.get("allocatable")), pod, taken)


def _short_of(there: Amounts, pod: Object, taken: _Taken) -> str:
    for name, wanted in sorted(requests(pod).items()):
        if wanted > 0 and taken.amounts.get(name, Decimal(0)) + wanted > there.get(name, Decimal(0)):
            return f"too little {name}"
    return "as many pods as it takes" if "pods" in there and taken.pods >= there["pods"] else ""


def _tolerated(taint: Object, pod: Object) -> bool:
    for toleration in pod.get("tolerations") or []:
        exists = toleration.get("operator", "Equal") == "Exists"
        key = toleration.get("key") or ""
        same_key = key == taint.get("key") or (not key and exists)
        same_value = exists or (toleration.get("value") or "") == (taint.get("value") or "")
        if same_key and same_value and toleration.get("effect") in {None, "", taint.get("effect")}:
            return True
    return False


@dataclass(frozen=True)
class DumpRoom:
    """The place of the next dump. `free` in bytes: of a claim at most that, what its capacity leaves beside our own dumps.

    `forecast` is by an earlier dump; None where none was measured.
    """

    place: str
    setting: str
    free: int
    forecast: Forecast | None = None


def judge_disk(room: DumpRoom | None, database_size: int | None) -> list[Finding]:
    """Whether the dump fits, by an earlier one; without one, whether it surely does: it is mostly smaller than the database."""
    needed = database_size if room is None or room.forecast is None else room.forecast.size
    if room is None or needed is None or room.free >= needed:
        return []
    if room.forecast is not None:
        why = f"the next snapshot needs {room.forecast}"
    else:
        why = f"the database is {amount(needed)}: its dump is mostly smaller, but nothing was measured yet"
    text = f"{room.place} has at most {amount(room.free)} of room, and {why}. Make room ({room.setting}), or acknowledge that it will fit."
    return [Finding("disk-room", "ack", text)]
