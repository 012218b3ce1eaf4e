# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a rollout would roll: strategy, probes, disruption budgets, autoscalers."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import readiness_rollout
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_rollout import (
    judge_autoscalers,
    judge_budgets,
    judge_probes,
    judge_strategy,
    surge_of,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.selector import selects
from hypothesis import given
from hypothesis import strategies as st

WEB = {"app": "web"}
SHARE = st.one_of(st.integers(0, 50), st.integers(0, 300).map(lambda number: f"{number}%"))


def deployment(replicas: object = 3, kind: str = "RollingUpdate", **rolling: object) -> dict[str, Any]:
    strategy = {"type": kind, "rollingUpdate": rolling} if kind == "RollingUpdate" else {"type": kind}
    template = {"metadata": {"labels": WEB}}
    return {"metadata": {"name": "web"}, "spec": {"replicas": replicas, "strategy": strategy, "template": template}}


@pytest.mark.parametrize(
    ("one", "found", "words"),
    [
        (deployment(maxSurge=1, maxUnavailable=0), "", ""),
        (deployment(maxSurge="25%", maxUnavailable="0%"), "", ""),
        (deployment(), "", ""),  # 25 % of three: one more, none fewer
        (
            deployment(maxSurge="34%", maxUnavailable="33%"),
            "surge-above-one",
            'may start 2 pods more at once (maxSurge is "34%", the product ships 1)',
        ),
        (deployment(4), "strategy", 'may be short of 1 of its pods during a rollout (maxUnavailable is "not set, which is 25%", the'),
        (
            deployment(maxSurge=1, maxUnavailable=2),
            "strategy",
            'short of 2 of its pods during a rollout (maxUnavailable is "2", the product',
        ),
        (deployment(maxSurge=0, maxUnavailable=0), "strategy", "a maxSurge and a maxUnavailable of 0 pods: it cannot roll without ending"),
        (deployment(maxSurge=0, maxUnavailable="10%"), "strategy", "a maxSurge and a maxUnavailable of 0 pods"),
        (deployment(maxSurge="x%", maxUnavailable=None), "strategy", "a maxSurge and a maxUnavailable of 0 pods"),
        (deployment(kind="Recreate"), "strategy", 'has the strategy "Recreate": every pod ends before a new one begins'),
        (deployment(maxSurge="2", maxUnavailable=0), "surge-above-one", "may start 2 pods more"),
        (deployment(None, maxSurge="100%", maxUnavailable=0), "", ""),
        (deployment(1, maxSurge="100000%", maxUnavailable=0), "surge-above-one", "may start 1000 pods more"),
        (deployment(1, maxSurge="1000000%", maxUnavailable=0), "strategy", "a maxSurge and a maxUnavailable of 0 pods"),
        (deployment(1, maxSurge="999999", maxUnavailable=0), "surge-above-one", "may start 999999 pods more"),
    ],
)
def test_strategy(one: dict[str, Any], found: str, words: str) -> None:
    findings = judge_strategy(one)
    assert [(finding.id, finding.severity) for finding in findings] == (
        [(found, "info" if found == "surge-above-one" else "ack")] if found else []
    )
    assert all(words in finding.text for finding in findings)


def test_a_strategy_that_is_not_written_is_the_rolling_one() -> None:
    one = deployment()
    one["spec"]["strategy"] = None
    assert judge_strategy(one) == []
    del one["spec"]["strategy"]
    assert surge_of(one) == 1
    assert surge_of(deployment(kind="Recreate")) == 0


@given(st.integers(1, 40), SHARE, SHARE)
def test_nothing_is_said_only_of_one_more_and_none_fewer(replicas: int, surge: int | str, unavailable: int | str) -> None:
    one = deployment(replicas, maxSurge=surge, maxUnavailable=unavailable)
    assert (judge_strategy(one) == []) == (surge_of(one) == 1 and readiness_rollout._unavailable_of(one) == 0)


@given(st.integers(1, 40), st.integers(0, 300))
def test_shares_are_rounded_as_kubernetes_does(replicas: int, share: int) -> None:
    one = deployment(replicas, maxSurge=f"{share}%", maxUnavailable=f"{share}%")
    assert surge_of(one) == -(-share * replicas // 100)
    assert readiness_rollout._unavailable_of(one) == share * replicas // 100


def test_probes() -> None:
    assert judge_probes({"name": "web", "readinessProbe": {"httpGet": {}}, "livenessProbe": {"exec": {}}}) == []
    found = judge_probes({"name": "web", "readinessProbe": {}})
    assert [(item.id, item.severity) for item in found] == [("no-readiness-probe", "ack"), ("no-liveness-probe", "info")]


def budget(name: str, allowed: int | None, selector: dict[str, Any] | None) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"selector": selector}, "status": {"disruptionsAllowed": allowed}}


@pytest.mark.parametrize(
    ("budgets", "replicas", "found", "words"),
    [
        ([budget("b", 1, {"matchLabels": WEB})], 3, "", ""),
        ([budget("b", None, {})], 3, "", ""),
        (
            [budget("b", 0, {"matchLabels": WEB})],
            3,
            "pdb-blocks",
            "The PodDisruptionBudget b allows no disruption now: the rollout goes on",
        ),
        ([budget("b", 0, {"matchLabels": {"app": "other"}})], 3, "no-pdb", "may end all 3 of them at once"),
        ([budget("b", 0, None)], 2, "no-pdb", "may end all 2 of them at once"),
        ([{"metadata": {"name": "b"}}], 2, "no-pdb", "may end all 2"),
        ([], 1, "", ""),
        ([], 0, "", ""),
        ([budget("b", 1, {}), budget("a", 1, {"matchLabels": WEB})], 3, "pdb-blocks", "2 PodDisruptionBudgets select the pods of"),
    ],
)
def test_budgets(budgets: list[dict[str, Any]], replicas: int, found: str, words: str) -> None:
    findings = judge_budgets(budgets, deployment(replicas))
    assert [(finding.id, finding.severity) for finding in findings] == ([(found, "info")] if found else [])
    assert all(words in finding.text for finding in findings)
    assert all(
        finding.evidence == tuple(sorted(item["metadata"]["name"] for item in budgets)) for finding in findings if found == "pdb-blocks"
    )


@pytest.mark.parametrize(
    ("operator", "values", "among", "other", "without"),
    [
        ("In", ["web"], True, False, False),
        ("NotIn", ["web"], False, True, True),
        ("Exists", None, True, True, False),
        ("DoesNotExist", None, False, False, True),
        ("Near", ["web"], False, False, False),
    ],
)
def test_expressions_of_a_selector(operator: str, values: list[str] | None, among: bool, other: bool, without: bool) -> None:
    selector = {"matchExpressions": [{"key": "app", "operator": operator, "values": values}]}
    assert [selects(selector, labels) for labels in (WEB, {"app": "x"}, {})] == [among, other, without]


def test_an_autoscaler_of_this_deployment() -> None:
    def scaler(kind: str, name: str) -> dict[str, Any]:
        return {"metadata": {"name": "h"}, "spec": {"scaleTargetRef": {"kind": kind, "name": name}, "maxReplicas": 9}}

    found = judge_autoscalers([scaler("Deployment", "web"), scaler("StatefulSet", "web"), scaler("Deployment", "other")], deployment())
    assert [(item.id, item.severity) for item in found] == [("hpa", "info")]
    assert "The HorizontalPodAutoscaler h scales the Deployment web between 1 and 9 pods" in found[0].text
