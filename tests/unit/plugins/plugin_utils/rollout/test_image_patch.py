# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.image_patch import (
    PutBack,
    previous_image,
    put_back,
    put_back_pods,
    scale,
)

from tests.unit.doubles.kubernetes import Kubernetes, plain, pod
from tests.unit.doubles.scene import IMAGE, NEW_DIGEST, OLD_DIGEST, PREVIOUS, deployment

OLD, NEW = f"{IMAGE}@{OLD_DIGEST}", f"{IMAGE}@{NEW_DIGEST}"


def upgraded(*, image: str = f"{IMAGE}:1.4.2", revision: str = "4", history: str = "", owner: str = "uid-web") -> Kubernetes:
    """The new image runs with one variable more; the ReplicaSet of the old revision is still there."""
    cluster = deployment(NEW)
    live = cluster.deployment()
    old: dict[str, Any] = plain(live["spec"]["template"])
    old["spec"]["containers"][0]["image"] = image
    old["metadata"]["labels"]["pod-template-hash"] = "7c9b"
    live["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "NEW_FEATURE", "value": "1"}]
    live["metadata"]["annotations"]["team"] = "platform"
    cluster.add("Deployment", live)
    annotations = {"deployment.kubernetes.io/revision": revision, "deployment.kubernetes.io/revision-history": history}
    metadata = {"name": "web-7c9b", "labels": live["spec"]["selector"]["matchLabels"], "annotations": annotations}
    cluster.add("ReplicaSet", {"metadata": {**metadata, "ownerReferences": [{"uid": owner}]}, "spec": {"template": old}})
    return cluster


def test_the_previous_image_is_by_digest() -> None:
    assert previous_image(PREVIOUS) == OLD


@pytest.mark.parametrize("cluster", [upgraded(), upgraded(image=OLD), upgraded(revision="9", history="2,4")])
def test_the_recorded_revision_comes_back_whole(cluster: Kubernetes) -> None:
    done = put_back(cluster, PREVIOUS)
    assert done == PutBack(True, OLD, "4", "revision")
    assert str(done) == f"{OLD}: the template of revision 4"
    after = cluster.deployment()
    assert after["spec"]["template"]["spec"]["containers"][0]["image"] == OLD
    assert after["spec"]["template"]["spec"]["containers"][0]["env"] == []
    assert "pod-template-hash" not in after["spec"]["template"]["metadata"]["labels"]
    assert after["metadata"]["annotations"]["team"] == "platform"
    assert [what for what, _body in cluster.bodies] == ["patch Deployment"]


@pytest.mark.parametrize(
    "cluster",
    [upgraded(revision="5"), upgraded(owner="uid-other"), upgraded(image=f"{IMAGE}:1.4.1")],
    ids=["pruned", "another Deployment's", "the number of another image"],
)
def test_a_revision_that_is_gone_is_made_of_the_image(cluster: Kubernetes) -> None:
    live = cluster.deployment()
    live["spec"]["template"]["spec"]["containers"].append({"name": "sidecar", "image": "envoy:1"})
    cluster.add("Deployment", live)
    done = put_back(cluster, PREVIOUS)
    assert done == PutBack(True, OLD, "4", "image")
    assert str(done) == f"{OLD}: the image alone, since revision 4 is no longer in the history"
    assert cluster.bodies == [
        ("patch Deployment", {"spec": {"template": {"spec": {"containers": [{"name": "ampora-web", "image": OLD}]}}}}),
    ]
    after = cluster.deployment()["spec"]["template"]["spec"]["containers"]
    assert [entry["image"] for entry in after] == [OLD, "envoy:1"]
    assert after[0]["env"] == [{"name": "NEW_FEATURE", "value": "1"}]


def test_a_revision_that_nobody_recorded() -> None:
    done = put_back(upgraded(), {**PREVIOUS, "revision": ""})
    assert done.by == "image"
    assert "revision (not recorded) is no longer" in str(done)


def test_what_runs_already_is_not_written() -> None:
    cluster = deployment(OLD)
    assert put_back(cluster, PREVIOUS) == PutBack(False, OLD, "4", "")
    assert cluster.writes == []


def standing(*, ready: bool = True, digest: str = OLD_DIGEST, pods: int = 3, going: bool = False, owner: str = "uid-7c9b") -> Kubernetes:
    """The surge of the new version has no room, and the pods of the old one, which is by a tag, still run."""
    cluster = upgraded()
    cluster.objects["ReplicaSet", "web-7c9b"]["metadata"]["uid"] = "uid-7c9b"
    for kind, name in list(cluster.objects):
        if kind == "Pod":
            del cluster.objects[kind, name]
    for number in range(pods):
        made = pod(str(number), image_id=f"{IMAGE}@{digest if number == 0 else OLD_DIGEST}")
        made["status"]["containerStatuses"][0]["ready"] = ready or number > 0
        made["metadata"]["ownerReferences"][0]["uid"] = owner
        if going and number == 0:
            made["metadata"]["deletionTimestamp"] = "2026-11-22T22:00:00Z"
        cluster.add("Pod", made)
    return cluster


def test_the_pods_that_still_run_are_the_deployments_again() -> None:
    cluster = standing()
    done = put_back_pods(cluster, PREVIOUS)
    assert done == PutBack(True, f"{IMAGE}:1.4.2", "4", "pods")
    assert str(done) == f"{IMAGE}:1.4.2: revision 4 as it was: its pods run the recorded digest, and no other one has room"
    after, before = cluster.deployment()["spec"]["template"], cluster.objects["ReplicaSet", "web-7c9b"]["spec"]["template"]
    assert before["metadata"]["labels"].pop("pod-template-hash") == "7c9b"
    assert after == before, "the very template, so that the controller finds its ReplicaSet"
    assert cluster.deployment()["metadata"]["annotations"]["team"] == "platform"


@pytest.mark.parametrize(
    "cluster",
    [
        standing(ready=False),
        standing(digest=NEW_DIGEST),
        standing(pods=2),
        standing(going=True),
        standing(owner="uid-other"),
        upgraded(),
        upgraded(revision="5"),
    ],
    ids=["not ready", "another image", "one is wanting", "one is going", "another ReplicaSet's", "none", "pruned"],
)
def test_a_pod_would_have_to_be_started(cluster: Kubernetes) -> None:
    assert put_back_pods(cluster, PREVIOUS) is None
    assert cluster.writes == []


def test_nobody_runs() -> None:
    cluster = standing(pods=0)
    cluster.objects["Deployment", "ampora-web"]["spec"]["replicas"] = 0
    assert put_back_pods(cluster, PREVIOUS) is None


def test_scaling_goes_by_the_scale_subresource() -> None:
    cluster = deployment()
    scale(cluster, 0)
    assert cluster.bodies == [("patch Deployment/scale", {"spec": {"replicas": 0}})]
