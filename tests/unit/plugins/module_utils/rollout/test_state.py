# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.state import RolloutState, classify, job_state
from hypothesis import given
from hypothesis import strategies as st

Object = dict[str, Any]
OLD, NEW = "6d5f", "7c9b"


def replica_set(template_hash: str, revision: str, owner: str = "uid-web") -> Object:
    return {
        "metadata": {
            "name": f"ampora-web-{template_hash}",
            "uid": f"uid-{template_hash}",
            "annotations": {"deployment.kubernetes.io/revision": revision},
            "ownerReferences": [{"kind": "Deployment", "name": "ampora-web", "uid": owner, "controller": True}],
        }
    }


# Revisions are numbers: as texts, 9 would come after 10. The foreign one has the highest and is not this Deployment's.
SETS = [replica_set(OLD, "9"), replica_set(NEW, "10"), replica_set("ffff", "99", owner="uid-other")]


def deployment(*, spec: Object | None = None, conditions: list[Object] | None = None, observed: int = 4, **status: Any) -> Object:
    counts = {"replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3} | status
    return {
        "metadata": {"name": "ampora-web", "uid": "uid-web", "generation": 4},
        "spec": {"replicas": 3} | (spec or {}),
        "status": counts | {"observedGeneration": observed, "conditions": conditions or []},
    }


def pod(template_hash: str, name: str = "x1", *, terminating: bool = False, phase: str = "Running", **status: Any) -> Object:
    metadata: Object = {
        "name": f"ampora-web-{template_hash}-{name}",
        "labels": {"pod-template-hash": template_hash},
        "ownerReferences": [
            {"kind": "ReplicaSet", "name": f"ampora-web-{template_hash}", "uid": f"uid-{template_hash}", "controller": True}
        ],
    }
    if terminating:
        metadata["deletionTimestamp"] = "2026-11-22T21:40:00Z"
    return {"metadata": metadata, "status": {"phase": phase} | status}


def waiting(reason: str, restarts: int = 0, message: str = "", **more: Any) -> Object:
    container = {"name": "ampora-web", "restartCount": restarts, "state": {"waiting": {"reason": reason, "message": message}}} | more
    return {"containerStatuses": [container]}


def unschedulable() -> Object:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available"}
    return {"phase": "Pending", "conditions": [condition]}


DEADLINE = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "has timed out progressing"}
MOVING = {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}
QUOTA = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: small"}
DENIED = {
    "type": "ReplicaFailure",
    "status": "True",
    "reason": "FailedCreate",
    "message": 'admission webhook "pods.acme.io" denied the request: no',
}
AWAY = {**DENIED, "message": 'Internal error occurred: failed calling webhook "pods.acme.io": connection refused'}
THREE = [pod(NEW, "a"), pod(NEW, "b"), pod(NEW, "c")]
HALF: Object = {"replicas": 4, "updatedReplicas": 1, "availableReplicas": 3}

CASES: dict[str, tuple[Object, list[Object], str, str]] = {
    "all new": (deployment(conditions=[MOVING]), THREE, "complete", "Complete"),
    "replicas left to their default": (
        deployment(spec={"replicas": None}, replicas=1, updatedReplicas=1, availableReplicas=1),
        THREE[:1],
        "complete",
        "Complete",
    ),
    "desired 3, updated 1, available 3": (deployment(replicas=3, updatedReplicas=1), THREE, "progressing", "Updating"),
    "none updated yet, all available": (deployment(updatedReplicas=0), [pod(OLD)], "progressing", "Updating"),
    "the change is not observed": (deployment(observed=3, conditions=[DEADLINE]), THREE, "progressing", "Unobserved"),
    "an old pod is still counted": (deployment(replicas=4), [*THREE, pod(OLD)], "progressing", "OldPods"),
    "a new pod is not available": (deployment(availableReplicas=2), THREE, "progressing", "Unavailable"),
    "an old pod is terminating": (deployment(), [*THREE, pod(OLD, terminating=True)], "progressing", "Terminating"),
    "an old pod of a set that is gone": (deployment(), [*THREE, pod("dead", terminating=True)], "progressing", "Terminating"),
    "an old pod that was evicted long ago": (deployment(), [*THREE, pod(OLD, phase="Failed")], "complete", "Complete"),
    "a foreign pod with the same labels": (deployment(), [*THREE, {"metadata": {"name": "x"}, "status": {}}], "complete", "Complete"),
    "more pods than asked for": (deployment(spec={"replicas": 2}), THREE, "progressing", "Scaling"),
    "scaled to nothing": (
        deployment(spec={"replicas": 0}, replicas=0, updatedReplicas=0, availableReplicas=0),
        [],
        "complete",
        "Complete",
    ),
    "scaled to nothing, a pod left": (
        deployment(spec={"replicas": 0}, replicas=0, updatedReplicas=0, availableReplicas=0),
        [pod(NEW)],
        "progressing",
        "Scaling",
    ),
    "scaled to nothing, a pod going": (
        deployment(spec={"replicas": 0}, replicas=0, updatedReplicas=0, availableReplicas=0),
        [pod(NEW, terminating=True)],
        "progressing",
        "Terminating",
    ),
    "paused": (deployment(spec={"paused": True}, **HALF), [pod(OLD)], "stuck", "Paused"),
    "past the deadline": (deployment(conditions=[DEADLINE], **HALF), [pod(NEW)], "stuck", "ProgressDeadlineExceeded"),
    "first pull failed": (deployment(**HALF), [pod(NEW, **waiting("ErrImagePull"))], "progressing", "Updating"),
    "pull failed again": (deployment(**HALF), [pod(NEW, **waiting("ImagePullBackOff"))], "stuck", "ImagePullBackOff"),
    "pull of an old pod failed": (deployment(**HALF), [pod(OLD, **waiting("ImagePullBackOff"))], "progressing", "Updating"),
    "no such image name": (deployment(**HALF), [pod(NEW, **waiting("InvalidImageName"))], "stuck", "InvalidImageName"),
    "a secret is missing": (
        deployment(**HALF),
        [pod(NEW, **waiting("CreateContainerConfigError"))],
        "stuck",
        "CreateContainerConfigError",
    ),
    "the kubelet's cache lags": (
        deployment(**HALF),
        [pod(NEW, **waiting("CreateContainerConfigError", message="failed to sync secret cache: timed out waiting for the condition"))],
        "progressing",
        "Updating",
    ),
    "killed for its memory, twice": (
        deployment(**HALF),
        [pod(NEW, **waiting("CrashLoopBackOff", 2, lastState={"terminated": {"reason": "OOMKilled", "exitCode": 137}}))],
        "stuck",
        "OOMKilled",
    ),
    "killed for its memory once": (
        deployment(**HALF),
        [pod(NEW, **waiting("CrashLoopBackOff", 1, lastState={"terminated": {"reason": "OOMKilled", "exitCode": 137}}))],
        "progressing",
        "Updating",
    ),
    "an autoscaler asks for more": (deployment(spec={"replicas": 5}, conditions=[MOVING]), THREE, "progressing", "Updating"),
    "an autoscaler asks for fewer": (deployment(spec={"replicas": 2}, replicas=3), THREE, "progressing", "Scaling"),
    "a webhook denies": (deployment(conditions=[DENIED], **HALF), [pod(OLD)], "stuck", "ReplicaFailure"),
    "a webhook is away": (deployment(conditions=[AWAY], **HALF), [pod(OLD)], "progressing", "Updating"),
    "past the deadline of the change before": (deployment(observed=3, conditions=[DEADLINE, QUOTA]), THREE, "progressing", "Unobserved"),
    "complete after all, the deadline forgotten": (
        deployment(conditions=[{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}]),
        THREE,
        "complete",
        "Complete",
    ),
    "crashed once": (deployment(**HALF), [pod(NEW, **waiting("CrashLoopBackOff", 1))], "progressing", "Updating"),
    "crashed twice": (deployment(**HALF), [pod(NEW, **waiting("CrashLoopBackOff", 2))], "stuck", "CrashLoopBackOff"),
    "cannot run, twice": (deployment(**HALF), [pod(NEW, **waiting("RunContainerError", 2))], "stuck", "RunContainerError"),
    "an init container crashes": (
        deployment(**HALF),
        [pod(NEW, initContainerStatuses=waiting("CrashLoopBackOff", 3)["containerStatuses"])],
        "stuck",
        "CrashLoopBackOff",
    ),
    "a crashing pod that is going": (
        deployment(**HALF),
        [pod(NEW, terminating=True, **waiting("CrashLoopBackOff", 5))],
        "progressing",
        "Updating",
    ),
    "no room": (deployment(**HALF), [pod(NEW, **unschedulable())], "stuck", "Unschedulable"),
    "no room until an old pod has gone": (
        deployment(**HALF),
        [pod(NEW, **unschedulable()), pod(OLD, terminating=True)],
        "progressing",
        "Updating",
    ),
    "quota": (deployment(conditions=[MOVING, QUOTA], **HALF), [pod(OLD)], "stuck", "ReplicaFailure"),
    "quota until an old pod has gone": (
        deployment(conditions=[QUOTA], **HALF),
        [pod(OLD, terminating=True)],
        "progressing",
        "Updating",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_classify(name: str) -> None:
    found, pods, state, reason = CASES[name]
    result = classify(found, SETS, pods)
    assert (result.state, result.reason) == (state, reason), result
    assert result.message


def test_a_set_without_a_readable_revision_is_the_oldest() -> None:
    sets = [replica_set(OLD, "x"), replica_set(NEW, "1")]
    assert classify(deployment(**HALF), sets, [pod(NEW, **waiting("InvalidImageName"))]).state == "stuck"
    assert classify(deployment(**HALF), sets, [pod(OLD, **waiting("InvalidImageName"))]).state == "progressing"


def test_it_counts() -> None:
    result = classify(deployment(replicas=4, updatedReplicas=2, readyReplicas=3), SETS, [pod(NEW), pod(OLD, "a"), pod(OLD, "b")])
    assert result.replicas == {"desired": 3, "updated": 2, "ready": 3, "available": 3, "total": 4, "old": 2}
    assert result.message == "2 of 3 pods are of the new version"


def test_evidence_is_in_the_pods_own_words() -> None:
    ended = {"lastState": {"terminated": {"exitCode": 139, "reason": "Error", "message": "relation does\nnot exist"}}}
    name = f"ampora-web-{NEW}-x1"
    events = [
        {"type": "Normal", "involvedObject": {"name": name}, "reason": "Pulled"},
        {"type": "Warning", "involvedObject": {"name": f"ampora-web-{OLD}-x1"}, "reason": "Unhealthy"},
        {"type": "Warning", "involvedObject": {"name": name}, "reason": "BackOff", "message": "Back-off restarting"},
    ]
    crashing = pod(NEW, **waiting("CrashLoopBackOff", 2, "back-off 20s", **ended))
    result = classify(deployment(**HALF), SETS, [pod(OLD), crashing], events)
    assert result.message == f"pod {name} of the new version cannot start: CrashLoopBackOff"
    assert result.evidence == (
        f"{name}: ampora-web: CrashLoopBackOff: back-off 20s",
        f"{name}: ampora-web ended with exit code 139: Error: relation does not exist",
        f"{name}: BackOff: Back-off restarting",
    )


@pytest.mark.parametrize(
    ("found", "pods", "events", "evidence"),
    [
        (deployment(conditions=[DEADLINE]), THREE, [], ("ProgressDeadlineExceeded: has timed out progressing",)),
        (
            deployment(conditions=[QUOTA], **HALF),
            [],
            [{"type": "Warning", "involvedObject": {"name": f"ampora-web-{NEW}"}, "reason": "FailedCreate", "message": "denied"}],
            ("FailedCreate: exceeded quota: small", f"ampora-web-{NEW}: FailedCreate: denied"),
        ),
        (deployment(**HALF), [pod(NEW, **unschedulable())], [], (f"ampora-web-{NEW}-x1: Unschedulable: 0/1 nodes are available",)),
    ],
)
def test_evidence_of_the_cluster(found: Object, pods: list[Object], events: list[Object], evidence: tuple[str, ...]) -> None:
    assert classify(found, SETS, pods, events).evidence == evidence


UNREADY: Object = {
    "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}],
    "containerStatuses": [{"name": "ampora-web", "ready": False, "state": {"running": {}}}],
}


def event(name: str, reason: str, message: str, moment: str = "", kind: str = "Warning") -> Object:
    return {"type": kind, "involvedObject": {"name": name}, "reason": reason, "message": message, "lastTimestamp": moment}


def test_a_pod_that_runs_and_is_not_ready_says_why_in_the_probes_words() -> None:
    name = f"ampora-web-{NEW}-x1"
    refused = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    events = [event(name, "Unhealthy", refused, "2026-11-22T21:40:09Z"), event(name, "Unhealthy", "older", "2026-11-22T21:40:01Z")]
    result = classify(deployment(**HALF), SETS, [pod(OLD), pod(NEW, **UNREADY)], events)
    assert (result.state, result.unready) == ("progressing", (name,))
    assert result.evidence == (f"{name}: Unhealthy: older", f"{name}: Unhealthy: {refused}")


@pytest.mark.parametrize(
    "found",
    [pod(NEW), pod(OLD, **UNREADY), pod(NEW, terminating=True, **UNREADY), pod(NEW, **{**UNREADY, **waiting("ContainerCreating")})],
    ids=["ready", "of the old version", "going", "not running yet"],
)
def test_pods_that_are_not_unready(found: Object) -> None:
    assert classify(deployment(**HALF), SETS, [found]).unready == ()


@pytest.mark.parametrize(
    ("reason", "state"), [("TriggeredScaleUp", "progressing"), ("Nominated", "progressing"), ("NotTriggerScaleUp", "stuck")]
)
def test_room_that_an_autoscaler_makes_is_waited_for(reason: str, state: str) -> None:
    events = [event(f"ampora-web-{NEW}-x1", reason, "pod triggered scale-up", kind="Normal")]
    assert classify(deployment(**HALF), SETS, [pod(NEW, **unschedulable())], events).state == state


def test_evidence_can_neither_flood_nor_repaint_a_terminal() -> None:
    noisy = [waiting("CrashLoopBackOff", 2, "\x1b[2J" + "x" * 10_000)["containerStatuses"][0] for _unused in range(50)]
    evidence = classify(deployment(**HALF), SETS, [pod(NEW, containerStatuses=noisy)]).evidence
    assert len(evidence) == 10
    assert all(len(line) <= 500 and line.isprintable() for line in evidence)


def test_a_long_line_keeps_its_beginning_and_its_end() -> None:
    pulling = waiting("ImagePullBackOff", message=f"Back-off pulling image: {'x' * 900}: not found")
    line = classify(deployment(**HALF), SETS, [pod(NEW, **pulling)]).evidence[0]
    assert (len(line), line.endswith("x: not found"), "Back-off pulling image" in line) == (500, True, True)


COUNT = st.integers(min_value=0, max_value=4)


@given(desired=COUNT, updated=COUNT, total=COUNT, available=COUNT, old=COUNT, going=st.integers(0, 2), observed=st.integers(3, 5))
def test_complete_means_exactly_that(desired: int, updated: int, total: int, available: int, old: int, going: int, observed: int) -> None:
    pods = [pod(NEW, str(number)) for number in range(updated)]
    pods += [pod(OLD, str(number), terminating=number < going) for number in range(old)]
    counts: Object = {"updatedReplicas": updated, "replicas": total, "availableReplicas": available}
    result: RolloutState = classify(deployment(spec={"replicas": desired}, observed=observed, **counts), SETS, pods)
    done = observed >= 4 and desired == updated == total == available and old == 0
    assert result.state == ("complete" if done else "progressing")


@pytest.mark.parametrize(
    ("status", "spec", "expected"),
    [
        ({}, {}, ("running", "Job migrate runs: 0 active, 0 failed")),
        ({"active": 1, "failed": 2}, {}, ("running", "Job migrate runs: 1 active, 2 failed")),
        ({"conditions": [{"type": "Complete", "status": "True"}]}, {}, ("complete", "Job migrate is complete")),
        ({"conditions": [{"type": "Complete", "status": "False"}]}, {}, ("running", "Job migrate runs: 0 active, 0 failed")),
        (
            {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "too often"}]},
            {},
            ("failed", "Job migrate failed: BackoffLimitExceeded: too often"),
        ),
        (
            {"conditions": [{"type": "FailureTarget", "status": "True"}], "active": 1},
            {},
            ("running", "Job migrate runs: 1 active, 0 failed"),
        ),
        ({}, {"suspend": True}, ("failed", "Job migrate is suspended and does not go on by itself")),
        (
            {"conditions": [{"type": "Suspended", "status": "True"}]},
            {},
            ("failed", "Job migrate is suspended and does not go on by itself"),
        ),
        ({"conditions": [{"type": "Suspended", "status": "False"}], "active": 1}, {}, ("running", "Job migrate runs: 1 active, 0 failed")),
    ],
)
def test_job_state(status: Object, spec: Object, expected: tuple[str, str]) -> None:
    assert job_state({"metadata": {"name": "migrate"}, "spec": spec, "status": status}) == expected
