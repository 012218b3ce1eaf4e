# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Room for one pod more, by quota and by node, and for the dump."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_room import DumpRoom, judge_disk, judge_quotas, judge_room
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import Forecast
from hypothesis import given
from hypothesis import strategies as st

WEB = {"app": "web"}


def deployment(surge: int = 1, cpu: str = "1", **spec: Any) -> dict[str, Any]:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": 0}}
    containers = [{"resources": {"requests": {"cpu": cpu}, "limits": {"memory": "1Gi"}}}]
    template = {"metadata": {"labels": WEB}, "spec": {"containers": containers, **spec}}
    return {"metadata": {"name": "web", "namespace": "a"}, "spec": {"replicas": 2, "strategy": strategy, "template": template}}


def quota(name: str, hard: str, used: str | None, **spec: Any) -> dict[str, Any]:
    status = {"hard": {name: hard}, "used": {name: used} if used is not None else None}
    return {"metadata": {"name": "q"}, "spec": spec, "status": status}


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (quota("pods", "3", "2"), ""),
        (quota("pods", "3", "1"), ""),
        (quota("count/pods", "3", "2"), ""),
        (quota("count/pods", "4", "2"), ""),
        (quota("pods", "3", "3"), "q: pods is 3 of 3, and one pod more asks for 1"),
        (quota("count/pods", "3", "3"), "q: count/pods is 3 of 3"),
        (quota("requests.cpu", "4", "3"), ""),
        (quota("requests.cpu", "4", "3001m"), "q: requests.cpu is 3001m of 4, and one pod more asks for 1"),
        (quota("cpu", "4", "3500m"), "q: cpu is 3500m of 4"),
        (quota("limits.memory", "2Gi", "1500Mi"), "q: limits.memory is 1500Mi of 2Gi, and one pod more asks for 1073741824"),
        (quota("requests.memory", "2Gi", "1500Mi"), "q: requests.memory is 1500Mi of 2Gi"),  # the limit is the request
        (quota("limits.cpu", "1", "1"), ""),  # nothing is asked for
        (quota("requests.cpu", "500m", None), "q: requests.cpu is 0 of 500m, and one pod more"),
        (quota("services", "1", "1"), ""),
        (quota("pods", "3", "3", scopes=["NotTerminating"]), "q: pods is 3 of 3"),
        (quota("pods", "3", "3", scopes=["BestEffort"]), ""),
        (quota("pods", "3", "3", scopeSelector={"matchExpressions": []}), ""),
        ({"metadata": {"name": "q"}}, ""),
    ],
)
def test_quotas(one: dict[str, Any], words: str) -> None:
    found = judge_quotas([one], deployment())
    assert [(item.id, item.severity) for item in found] == ([("no-quota-room", "block")] if words else [])
    assert all(words in item.text and words in item.evidence[0] for item in found)
    assert judge_quotas([one], deployment(surge=0)) == []


def node(name: str = "n1", cpu: str = "4", pods: str = "110", ready: str = "True", **spec: Any) -> dict[str, Any]:
    conditions = [{"type": "DiskPressure", "status": "False"}, {"type": "Ready", "status": ready}]
    status = {"allocatable": {"cpu": cpu, "memory": "8Gi", "pods": pods}, "conditions": conditions}
    return {"metadata": {"name": name, "labels": {"zone": "z1"}}, "spec": spec, "status": status}


def pod(cpu: str = "3", on: str | None = "n1", phase: str = "Running", namespace: str = "a", labels: Any = None) -> dict[str, Any]:
    spec = {"nodeName": on, "containers": [{"resources": {"requests": {"cpu": cpu}}}]}
    return {"metadata": {"namespace": namespace, "labels": labels}, "spec": spec, "status": {"phase": phase}}


APART: dict[str, Any] = {
    "affinity": {
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": WEB}},
                {"topologyKey": "zone", "labelSelector": {}},
                {"topologyKey": "kubernetes.io/hostname"},
            ]
        }
    }
}
TAINT = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("one", "pods", "web", "reason"),
    [
        (node(), [pod()], deployment(), ""),
        (node(), [pod("3001m")], deployment(), "1: too little cpu"),
        (node(), [pod("3001m", phase="Succeeded"), pod("9", on=None), pod("9", on="n2")], deployment(), ""),
        (node(), [pod("2"), pod("2", namespace="b")], deployment(), "1: too little cpu"),
        (node(cpu="x"), [], deployment(), "1: too little cpu"),
        (node(pods="1"), [pod()], deployment(), "1: as many pods as it takes"),
        (node(pods="2"), [pod()], deployment(), ""),
        (node(pods="unknown"), [pod()], deployment(), ""),
        (node(unschedulable=True), [], deployment(), "1: cordoned"),
        (node(ready="False"), [], deployment(), "1: not ready"),
        (node(ready="Unknown"), [], deployment(), "1: not ready"),
        (node(), [], deployment(nodeSelector={"zone": "z2"}), "1: not selected by the nodeSelector"),
        (node(), [], deployment(nodeSelector={"zone": "z1"}), ""),
        (node(), [pod("1", labels=WEB)], deployment(**APART), "1: has such a pod, and the template allows one for each node"),
        (node(), [pod("1", labels=WEB, namespace="b"), pod("1", labels={"app": "x"})], deployment(**APART), ""),
        (node(), [pod("1", labels=WEB, namespace="A")], deployment(**APART), ""),
        (node(taints=[TAINT]), [], deployment(), "1: tainted"),
        (node(taints=[{**TAINT, "effect": "PreferNoSchedule"}]), [], deployment(), ""),
        (node(taints=[TAINT]), [], deployment(tolerations=[{"key": "gpu", "value": "yes"}]), ""),
        (node(taints=[TAINT]), [], deployment(tolerations=[{"key": "".join("gpu"), "value": "".join("yes")}]), ""),
        (node(taints=[TAINT]), [], deployment(tolerations=[{"key": "gpu", "value": "no"}]), "1: tainted"),
        (node(taints=[TAINT]), [], deployment(tolerations=[{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}]), ""),
        (node(taints=[TAINT]), [], deployment(tolerations=[{"key": "gpu", "operator": "Exists", "effect": "NoExecute"}]), "1: tainted"),
        (node(taints=[TAINT]), [], deployment(tolerations=[{"operator": "Exists"}]), ""),
        (node(taints=[TAINT]), [], deployment(tolerations=[{"value": "yes"}]), "1: tainted"),
        (node(taints=[{**TAINT, "value": None}]), [], deployment(tolerations=[{"key": "gpu", "value": ""}]), ""),
        ({"metadata": {"name": "n1"}}, [], deployment(), "1: not ready"),
    ],
)
def test_room_on_a_node(one: dict[str, Any], pods: list[dict[str, Any]], web: dict[str, Any], reason: str) -> None:
    found = judge_room(web, [one], iter(pods))
    assert [(item.id, item.severity) for item in found] == ([("no-room", "ack")] if reason else [])
    assert all(f"the Deployment web ({reason}): a rollout" in item.text for item in found)


def test_one_node_is_enough_and_all_reasons_are_counted() -> None:
    full = [node("n1", cpu="0"), node("n2", cpu="0"), node("n3", unschedulable=True)]
    assert judge_room(deployment(), [*full, node("n4")], []) == []
    found = judge_room(deployment(), full, [])
    assert "(2: too little cpu, 1: cordoned)" in found[0].text
    assert found[0].evidence == ("2 nodes: too little cpu", "1 nodes: cordoned")
    equal = judge_room(deployment(), [node("n1", taints=[TAINT]), node("n2", ready="False"), node("n3", unschedulable=True)], [])
    assert equal[0].evidence == ("1 nodes: cordoned", "1 nodes: not ready", "1 nodes: tainted")
    assert "(there is none)" in judge_room(deployment(), [], [])[0].text


def test_what_may_not_be_read_or_is_not_needed() -> None:
    for nodes, pods in ((None, []), ([node()], None)):
        assert [(item.id, item.severity) for item in judge_room(deployment(), nodes, pods)] == [("room-unknown", "info")]
    assert judge_room(deployment(surge=0), None, None) == []


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(1, 5000))
def test_a_node_takes_what_is_left_of_it(allocatable: int, taken: int, wanted: int) -> None:
    found = judge_room(deployment(cpu=f"{wanted}m"), [node(cpu=f"{allocatable}m")], [pod(f"{taken}m")])
    assert bool(found) == (taken + wanted > allocatable)


MIB, GIB = 1024**2, 1024**3
MEASURED = Forecast(3 * MIB, 2.0, None, "measured on the snapshot day-1")


def room(free: int, forecast: Forecast | None = None) -> DumpRoom:
    return DumpRoom("The claim ampora-snapshots", "ampora_snapshot_claim", free, forecast)


@pytest.mark.parametrize(
    ("there", "size", "found"),
    [
        (None, 1, False),
        (room(1), None, False),
        (room(5), 5, False),
        (room(4), 5, True),
        (room(0), 0, False),
        (room(3 * MIB, MEASURED), 100 * MIB, False),
        (room(3 * MIB - 1, MEASURED), 100 * MIB, True),
        (room(3 * MIB - 1, MEASURED), 1, True),
    ],
)
def test_room_for_the_dump(there: DumpRoom | None, size: int | None, found: bool) -> None:
    assert [(item.id, item.severity) for item in judge_disk(there, size)] == ([("disk-room", "ack")] if found else [])


def test_room_is_said_in_units_and_by_what() -> None:
    assert judge_disk(room(3 * GIB // 2), 2 * GIB)[0].text == (
        "The claim ampora-snapshots has at most 1.5 GiB of room, and the database is 2.0 GiB: its dump is mostly smaller, but nothing was"
        " measured yet. Make room (ampora_snapshot_claim), or acknowledge that it will fit."
    )
    assert judge_disk(room(2 * MIB, MEASURED), 2 * GIB)[0].text == (
        "The claim ampora-snapshots has at most 2.0 MiB of room, and the next snapshot needs about 3.0 MiB in about 2 s (measured on the"
        " snapshot day-1). Make room (ampora_snapshot_claim), or acknowledge that it will fit."
    )


def test_evidence_has_its_limit() -> None:
    (found,) = judge_quotas([quota("pods", "3", "3")] * 25, deployment())
    assert len(found.evidence) == 20


@pytest.mark.parametrize(
    ("key", "reason"),
    [("kubernetes.io/hostname", "1: has such a pod"), ("topology.kubernetes.io/zone", ""), ("failure-domain.beta.kubernetes.io/zone", "")],
)
def test_only_what_keeps_pods_from_one_node_counts(key: str, reason: str) -> None:
    terms = [{"topologyKey": key, "labelSelector": {"matchLabels": WEB}}]
    apart = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    there = {"metadata": {"namespace": "a", "labels": WEB}, "spec": {"nodeName": "n1", "containers": []}}
    found = judge_room(deployment(affinity=apart), [node("n1")], [there])
    assert [reason in one.text for one in found] == ([True] if reason else [])
