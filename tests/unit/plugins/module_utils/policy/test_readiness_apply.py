# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_apply import (
    judge_changes,
    judge_commits,
    judge_gitops,
    judge_platforms,
    node_platforms,
)

DEPLOYMENT: dict[str, Any] = {"metadata": {"name": "web"}, "spec": {"template": {"spec": {}}}}


def ids(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.id, finding.severity) for finding in findings]


def node(architecture: str, **labels: str) -> dict[str, Any]:
    return {"metadata": {"labels": labels}, "status": {"nodeInfo": {"operatingSystem": "linux", "architecture": architecture}}}


def test_what_changes_beside_the_image() -> None:
    assert judge_changes([]) == []
    lines = [f"configmap/c: data.k{number}" for number in range(7)]
    (finding,) = judge_changes(lines)
    assert (finding.id, finding.severity, finding.evidence) == ("overlay-changes", "ack", tuple(lines))
    assert "configmap/c: data.k4 and 2 more: the upgrade would not be the only thing" in finding.text


@pytest.mark.parametrize(
    ("platforms", "nodes", "expected"),
    [
        (["linux/amd64"], ["linux/amd64"], []),
        (["linux/amd64", "linux/arm64"], ["linux/arm64"], []),
        ([], ["linux/amd64"], []),
        (["linux/amd64"], [], []),
        (["linux/amd64"], ["linux/arm64"], [("platform-missing", "block")]),
        (["linux/amd64"], ["linux/amd64", "linux/arm64"], [("platform-missing", "ack")]),
    ],
)
def test_platforms(platforms: list[str], nodes: list[str], expected: list[tuple[str, str]]) -> None:
    assert ids(judge_platforms("1.5.0", platforms, nodes)) == expected


def test_only_nodes_on_which_the_pods_may_be_count() -> None:
    nodes = [node("amd64"), node("arm64", disk="ssd"), {"metadata": {}, "status": {}}]
    assert node_platforms(nodes, DEPLOYMENT) == ("linux/amd64", "linux/arm64")
    choosy = {**DEPLOYMENT, "spec": {"template": {"spec": {"nodeSelector": {"disk": "ssd"}}}}}
    assert node_platforms(nodes, choosy) == ("linux/arm64",)


@pytest.mark.parametrize(
    ("dirty", "commits", "expected"),
    [
        ([], True, []),
        ([" M secret.yaml"], True, [("overlay-not-committed", "block")]),
        ([" M secret.yaml"], False, [("overlay-not-committed", "ack")]),
    ],
)
def test_work_tree(dirty: list[str], commits: bool, expected: list[tuple[str, str]]) -> None:
    assert ids(judge_commits(dirty, commits=commits)) == expected


@pytest.mark.parametrize(
    ("owned", "pushes", "expected"),
    [
        (True, True, []),
        (False, True, [("no-gitops-owner", "ack")]),
        (True, False, [("gitops-without-push", "info")]),
    ],
)
def test_gitops(owned: bool, pushes: bool, expected: list[tuple[str, str]]) -> None:
    assert ids(judge_gitops(DEPLOYMENT, owned=owned, pushes=pushes)) == expected
