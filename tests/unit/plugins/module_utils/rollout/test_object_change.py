# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.object_change import ObjectChange, besides_image, unexpected

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def item(version: str = "1", annotations: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    metadata = {"name": "web", "resourceVersion": version, "managedFields": [version], "annotations": annotations or {}}
    return {"kind": "Deployment", "metadata": metadata, "spec": spec, "status": {"seen": version}}


def pods(image: str, memory: str = "1Gi") -> dict[str, Any]:
    container = {"name": "web", "image": image, "resources": {"limits": {"memory": memory}}}
    return {"template": {"spec": {"containers": [container, {"name": "sidecar", "image": image}]}}}


@pytest.mark.parametrize(
    ("before", "after", "word", "fields"),
    [
        (None, item(), "created", []),
        (item("1"), item("2"), "unchanged", []),
        (item("1", {LAST_APPLIED: "a"}, replicas=2), item("2", {LAST_APPLIED: "b"}, replicas=3), "configured", ["spec.replicas"]),
    ],
)
def test_a_change(before: Any, after: Any, word: str, fields: list[str]) -> None:
    change = ObjectChange("deployment/web", before, after)
    assert (str(change), change.fields()) == (f"deployment/web {word}", fields)


def test_what_is_more_than_the_image() -> None:
    changes = [
        ObjectChange("deployment/web", item(**pods("old")), item(**pods("new", "2Gi"))),
        ObjectChange("deployment/other", item(**pods("old")), item(**pods("new"))),
        ObjectChange("secret/s", {"metadata": {}, "data": {"a": "c2VjcmV0"}}, {"metadata": {}, "data": {"a": "b3RoZXI="}}),
        ObjectChange("configmap/c", None, item()),
        ObjectChange("service/web", item(), item("2")),
    ]
    assert besides_image(changes, "web", "web") == [
        "deployment/web: spec.template.spec.containers[web].resources.limits.memory",
        "deployment/web: spec.template.spec.containers[sidecar].image",
        "deployment/other: spec.template.spec.containers[web].image",
        "deployment/other: spec.template.spec.containers[sidecar].image",
        "secret/s: data.a",
        "configmap/c is created",
    ]


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        ({}, []),
        ({"decision": "go", "findings": []}, ["a", "b"]),
        ({"findings": [{"id": "hpa"}]}, ["a", "b"]),
        ({"findings": [{"id": "overlay-changes", "evidence": ["a"]}]}, ["b"]),
        ({"findings": [{"id": "overlay-changes", "evidence": ["a", "b", "c"]}]}, []),
        ({"findings": [{"id": "overlay-changes", "evidence": [str(number) for number in range(20)]}]}, []),
        ({"findings": [{"id": "overlay-changes", "evidence": []}]}, []),
    ],
    ids=[
        "no run",
        "a plan without it",
        "other findings",
        "one is new",
        "all known",
        "the journal's list is full",
        "the journal had no room",
    ],
)
def test_what_the_plan_had_not_found(plan: dict[str, Any], expected: list[str]) -> None:
    assert unexpected(["a", "b"], plan) == expected
