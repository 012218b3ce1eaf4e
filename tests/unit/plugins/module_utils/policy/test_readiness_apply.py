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


@pytest.mark.parametrize(("count", "rest"), [(5, ""), (6, " and 1 more")])
def test_five_changes_are_named(count: int, rest: str) -> None:
    (finding,) = judge_changes([f"k{number}" for number in range(count)])
    assert f"applying the overlay changes k0; k1; k2; k3; k4{rest}: the upgrade" in finding.text


def test_two_hundred_changes_are_kept() -> None:
    (finding,) = judge_changes([f"k{number}" for number in range(201)])
    assert (len(finding.evidence), finding.evidence[-1]) == (200, "k199")


@pytest.mark.parametrize(("commits", "rest"), [(True, "The upgrade's commit is to be the pin"), (False, "The upgrade would apply them")])
def test_three_files_of_the_work_tree_are_named_and_twenty_kept(commits: bool, rest: str) -> None:
    (finding,) = judge_commits([f" M {letter}" for letter in "abcdefghijklmnopqrstu"], commits=commits)
    assert finding.text.startswith(f"The overlay's work tree has 21 changes that are not committed: M a; M b; M c. {rest}")
    assert (len(finding.evidence), finding.evidence[-1]) == (20, " M t")


def test_the_platforms_are_named() -> None:
    (none,) = judge_platforms("1.5.0", ["linux/amd64", "linux/amd64", "linux/386"], ["linux/arm64", "linux/s390x"])
    assert none.text == (
        "The image of 1.5.0 is for linux/386, linux/amd64, and the nodes are linux/arm64, linux/s390x: no pod of it could start. Use an"
        " image for them."
    )
    (some,) = judge_platforms("1.5.0", ["linux/amd64"], ["linux/amd64", "linux/arm64", "linux/s390x"])
    assert some.text.startswith(
        "The image of 1.5.0 is for linux/amd64, and some nodes are linux/arm64, linux/s390x: a pod that lands there"
    )


@pytest.mark.parametrize("lacking", ["operatingSystem", "architecture"])
def test_a_node_that_does_not_say_all_of_its_platform_is_not_judged(lacking: str) -> None:
    one = node("amd64")
    del one["status"]["nodeInfo"][lacking]
    assert node_platforms([one], DEPLOYMENT) == ()
