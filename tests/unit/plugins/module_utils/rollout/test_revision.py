# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.revision import template_of

DIGEST = "sha256:" + "a" * 64
RECORDED = {"image": "reg.example/web:1.4.2", "digest": DIGEST}
DEPLOYMENT = {"metadata": {"uid": "u1"}}


def replica_set(**changes: Any) -> dict[str, Any]:
    fields = {"revision": "4", "history": "", "owner": "u1", "image": "reg.example/web:1.4.2", **changes}
    annotations = {"deployment.kubernetes.io/revision": fields["revision"], "deployment.kubernetes.io/revision-history": fields["history"]}
    containers = [{"name": "sidecar", "image": "envoy:1"}, {"name": "web", "image": fields["image"]}]
    return {
        "metadata": {"annotations": annotations, "ownerReferences": [{"uid": fields["owner"]}]},
        "spec": {"template": {"metadata": {"labels": {"app": "web", "pod-template-hash": "7c9b"}}, "spec": {"containers": containers}}},
    }


def find(*replica_sets: dict[str, Any], revision: str = "4") -> dict[str, Any] | None:
    return template_of(DEPLOYMENT, replica_sets, revision=revision, container="web", recorded=RECORDED)


@pytest.mark.parametrize("found", [replica_set(), replica_set(revision="9", history="1,4"), replica_set(image=f"reg.example/web@{DIGEST}")])
def test_the_template_of_the_recorded_revision(found: dict[str, Any]) -> None:
    template = find(replica_set(revision="3"), found)
    assert template is not None
    assert template["metadata"]["labels"] == {"app": "web"}
    assert [entry["image"] for entry in template["spec"]["containers"]] == ["envoy:1", f"reg.example/web@{DIGEST}"]
    assert "pod-template-hash" in found["spec"]["template"]["metadata"]["labels"], "what was given is not changed"


@pytest.mark.parametrize("other", [replica_set(revision="5"), replica_set(owner="u2"), replica_set(image="reg.example/web:1.4.1")])
def test_another_revision_is_not_the_recorded_one(other: dict[str, Any]) -> None:
    assert find(other) is None


def test_no_recorded_revision_is_found_nowhere() -> None:
    assert find(replica_set(revision=""), revision="") is None


def test_a_replica_set_that_says_nothing() -> None:
    bare = replica_set()
    bare["metadata"] = {"ownerReferences": [{"uid": "u1"}], "annotations": None}
    assert find(bare) is None
