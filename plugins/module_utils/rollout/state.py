# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a Deployment rolled out, will it never, or is it still at it; the same for a Job.

Read the Deployment first, then its ReplicaSets, then the pods: a change that falls in between is then seen as not yet
finished, and never as finished too early.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["progressing", "complete", "stuck"]
JobState = Literal["running", "complete", "failed"]
Object = Mapping[str, Any]
Finding = tuple[State, str, str, tuple[str, ...]]

REVISION = "deployment.kubernetes.io/revision"
# A restart or two may be a start-up race with the database; a third start is a loop.
CRASHES = 2
MAXIMUM_EVIDENCE = 10
MAXIMUM_CHARACTERS = 500

# The kubelet says ErrImagePull at the first failure, which may be a hiccup, and ImagePullBackOff once it has failed again.
_FINAL_REASONS = ("ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError")
# Under load the kubelet's copy of a Secret or ConfigMap may come late; it says CreateContainerConfigError and tries again.
_LAGGING_CACHE = "failed to sync "
_CRASH_REASONS = ("CrashLoopBackOff", "RunContainerError")
# What autoscalers of nodes say of a pod that they make room for (Cluster Autoscaler, Karpenter).
_ROOM_IS_COMING = ("TriggeredScaleUp", "Nominated")
# A webhook that is away is called again; one that denies goes on denying.
_WEBHOOK_AWAY = "failed calling webhook"


@dataclass(frozen=True)
class RolloutState:
    """Where the rollout stands, and for a stuck one what the cluster itself says about it."""

    state: State
    reason: str
    message: str
    replicas: dict[str, int]
    evidence: tuple[str, ...] = ()
    unready: tuple[str, ...] = ()  # new pods that run and are not ready


@dataclass(frozen=True)
class _View:
    """The facts of one Deployment, sorted once."""

    deployment: Object
    new_pods: tuple[Object, ...]
    old_pods: tuple[Object, ...]
    new_set: str
    events: Sequence[Object]
    replicas: dict[str, int]

    @property
    def terminating(self) -> int:
        return sum(1 for pod in (*self.new_pods, *self.old_pods) if _terminating(pod))


def classify(deployment: Object, replica_sets: Sequence[Object], pods: Sequence[Object], events: Sequence[Object] = ()) -> RolloutState:
    """The state of a rollout from the plain JSON objects of the API; of one that is not complete, what its unready pods say too."""
    view = _look(deployment, replica_sets, pods, events)
    unready = [pod for pod in view.new_pods if _runs_unready(pod)]
    for judge in _JUDGES:
        if found := judge(view):
            state, reason, message, evidence = found
            evidence = evidence or tuple(line for pod in unready for line in _evidence(view, pod))
            names = tuple(_name(pod) for pod in unready)
            return RolloutState(state, reason, message, view.replicas, evidence[:MAXIMUM_EVIDENCE], names)
    return RolloutState("complete", "Complete", f"all {view.replicas['desired']} pods run the new version", view.replicas)


def job_state(job: Object) -> tuple[JobState, str]:
    """A Job's state and the cluster's words for it; a suspended Job counts as failed, since it never goes on by itself."""
    name = _name(job)
    if failed := _condition(job, "Failed", "True"):
        return "failed", f"Job {name} failed: {_words(failed)}"
    if _condition(job, "Complete", "True"):
        return "complete", f"Job {name} is complete"
    if _condition(job, "Suspended", "True") or _at(job, "spec").get("suspend"):
        return "failed", f"Job {name} is suspended and does not go on by itself"
    status = _at(job, "status")
    return "running", f"Job {name} runs: {_number(status, 'active')} active, {_number(status, 'failed')} failed"


def _look(deployment: Object, replica_sets: Sequence[Object], pods: Sequence[Object], events: Sequence[Object]) -> _View:
    own = [item for item in replica_sets if _owner(item).get("uid") == _at(deployment, "metadata").get("uid")]
    newest = max(own, key=_revision, default={})
    new_uid = _at(newest, "metadata").get("uid")
    # A pod that has ended (evicted, say) stays listed for a long time and serves nobody.
    live = [pod for pod in pods if _of_deployment(pod, deployment) and _at(pod, "status").get("phase") not in ("Succeeded", "Failed")]
    new = tuple(pod for pod in live if new_uid and _owner(pod).get("uid") == new_uid)
    old = tuple(pod for pod in live if pod not in new)
    status = _at(deployment, "status")
    desired = _at(deployment, "spec").get("replicas")
    replicas = {
        "desired": 1 if desired is None else int(desired),
        "updated": _number(status, "updatedReplicas"),
        "ready": _number(status, "readyReplicas"),
        "available": _number(status, "availableReplicas"),
        "total": _number(status, "replicas"),
        "old": len(old),
    }
    return _View(deployment, new, old, _name(newest), events, replicas)


def _paused(view: _View) -> Finding | None:
    if not _at(view.deployment, "spec").get("paused"):
        return None
    return "stuck", "Paused", f"Deployment {_name(view.deployment)} is paused; kubectl rollout resume lets it go on", ()


def _unseen(view: _View) -> Finding | None:
    # Until then the whole status is that of the previous change, its failures included.
    if _number(_at(view.deployment, "status"), "observedGeneration") >= _number(_at(view.deployment, "metadata"), "generation"):
        return None
    return "progressing", "Unobserved", "the cluster has not seen the change yet", ()


def _past_deadline(view: _View) -> Finding | None:
    condition = _condition(view.deployment, "Progressing", "False")
    if not condition or condition.get("reason") != "ProgressDeadlineExceeded":
        return None
    evidence = (_words(condition), *(line for pod in view.new_pods for line in _evidence(view, pod)))
    return "stuck", "ProgressDeadlineExceeded", f"Deployment {_name(view.deployment)} is past its progress deadline", evidence


def _broken_pod(view: _View) -> Finding | None:
    for pod in view.new_pods:
        reason = broken(pod)
        if reason and not _terminating(pod):
            return "stuck", reason, f"pod {_name(pod)} of the new version cannot start: {reason}", _evidence(view, pod)
    return None


def _no_room(view: _View) -> Finding | None:
    # A pod that is going makes room for this one: only when none is going will it stay as it is.
    waiting = [pod for pod in view.new_pods if unschedulable(pod) and not _terminating(pod) and not _room_is_coming(view, pod)]
    if not waiting or view.terminating:
        return None
    return "stuck", "Unschedulable", f"no node has room for pod {_name(waiting[0])} of the new version", _evidence(view, waiting[0])


def _refused_pods(view: _View) -> Finding | None:
    condition = _condition(view.deployment, "ReplicaFailure", "True")
    # Pods that are going still count against a quota, so a refusal may end with them.
    if not condition or view.terminating or _WEBHOOK_AWAY in str(condition.get("message") or ""):
        return None
    return "stuck", "ReplicaFailure", "the cluster refuses to create the pods", (_words(condition), *_warnings(view, view.new_set))


def _unfinished(view: _View) -> Finding | None:
    count = view.replicas
    desired = count["desired"]
    if count["updated"] < desired:
        return "progressing", "Updating", f"{count['updated']} of {desired} pods are of the new version", ()
    if count["total"] > count["updated"]:
        return "progressing", "OldPods", f"{count['total'] - count['updated']} pods of the old version remain", ()
    if count["available"] < desired:
        return "progressing", "Unavailable", f"{count['available']} of {desired} pods of the new version are available", ()
    if count["old"] or view.terminating:
        return "progressing", "Terminating", f"{max(count['old'], view.terminating)} pods have not ended yet", ()
    if {count["updated"], count["total"], count["available"]} != {desired} or (desired == 0 and view.new_pods):
        return "progressing", "Scaling", f"the number of pods is not yet the {desired} asked for", ()
    return None


# The first that has something to say decides.
_JUDGES: tuple[Callable[[_View], Finding | None], ...] = (
    _paused,
    _unseen,
    _past_deadline,
    _broken_pod,
    _no_room,
    _refused_pods,
    _unfinished,
)


def broken(pod: Object) -> str:
    """Why a container of the pod cannot run, by its own word; empty while it may still come."""
    for container in _containers(pod):
        waiting = _at(container, "state", "waiting")
        reason = str(waiting.get("reason") or "")
        if str(waiting.get("message") or "").startswith(_LAGGING_CACHE):
            continue
        if reason in _CRASH_REASONS and _number(container, "restartCount") >= CRASHES:
            killed = _at(container, "lastState", "terminated").get("reason") == "OOMKilled"
            return "OOMKilled" if killed else reason  # the limit is the cause, the loop only what follows
        if reason in _FINAL_REASONS:
            return reason
    return ""


def _runs_unready(pod: Object) -> bool:
    """Its process runs, and its readiness probe says no."""
    runs = any(_at(container, "state").get("running") is not None for container in _containers(pod))
    return runs and not _terminating(pod) and bool(_condition(pod, "Ready", "False"))


def _room_is_coming(view: _View, pod: Object) -> bool:
    return any(event.get("reason") in _ROOM_IS_COMING and _at(event, "involvedObject").get("name") == _name(pod) for event in view.events)


def _evidence(view: _View, pod: Object) -> tuple[str, ...]:
    """What the pod says of itself, then what the cluster says of it."""
    lines = []
    if unschedulable(pod):
        lines.append(_words(_condition(pod, "PodScheduled", "False")))
    for container in _containers(pod):
        if waiting := _at(container, "state", "waiting"):
            lines.append(f"{container.get('name', '?')}: {_words(waiting)}")
        if ended := _at(container, "lastState", "terminated"):
            lines.append(f"{container.get('name', '?')} ended with exit code {ended.get('exitCode', '?')}: {_words(ended)}")
    return (*(_clean(f"{_name(pod)}: {line}") for line in lines), *_warnings(view, _name(pod)))


def _warnings(view: _View, name: str) -> tuple[str, ...]:
    found = [event for event in view.events if event.get("type") == "Warning" and _at(event, "involvedObject").get("name") == name]
    latest = sorted(found, key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""))[-3:]
    return tuple(_clean(f"{name}: {_words(event)}") for event in latest)


def _of_deployment(pod: Object, deployment: Object) -> bool:
    """By name, not by the list of ReplicaSets: a set may be gone while its last pod still is there."""
    template_hash = _at(pod, "metadata", "labels").get("pod-template-hash")
    owner = _owner(pod)
    return owner.get("kind") == "ReplicaSet" and owner.get("name") == f"{_name(deployment)}-{template_hash}"


def _owner(item: Object) -> Object:
    owners = _at(item, "metadata").get("ownerReferences") or []
    return next((owner for owner in owners if owner.get("controller")), {})


def _revision(replica_set: Object) -> int:
    try:
        return int(_at(replica_set, "metadata", "annotations").get(REVISION, 0))
    except (TypeError, ValueError):
        return 0


def _condition(item: Object, kind: str, status: str) -> Object:
    conditions = _at(item, "status").get("conditions") or []
    return next((found for found in conditions if found.get("type") == kind and found.get("status") == status), {})


def _containers(pod: Object) -> list[Object]:
    status = _at(pod, "status")
    return [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]


def unschedulable(pod: Object) -> bool:
    return _condition(pod, "PodScheduled", "False").get("reason") == "Unschedulable"


def _terminating(pod: Object) -> bool:
    return bool(_at(pod, "metadata").get("deletionTimestamp"))


def _at(item: Object, *path: str) -> Object:
    for name in path:
        item = item.get(name) or {}
    return item


def _name(item: Object) -> str:
    return str(_at(item, "metadata").get("name", ""))


def _number(item: Object, name: str) -> int:
    return int(item.get(name) or 0)


def _words(item: Object) -> str:
    return _clean(": ".join(str(item[name]) for name in ("reason", "message") if item.get(name)))


def _clean(text: str) -> str:
    """One line without control characters: these words come from the cluster and go to a terminal."""
    line = "".join(character if character.isprintable() else " " for character in text)
    if len(line) <= MAXIMUM_CHARACTERS:
        return line
    half = MAXIMUM_CHARACTERS // 2  # what happened stands at the beginning, and why at the end
    return f"{line[: half - 1]}…{line[-half:]}"
