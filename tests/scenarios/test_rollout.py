# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rollouts that meet trouble: the right words, in time, and nothing lost."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.sandbox import cluster, processes
from tests.scenarios import broken_image
from tests.scenarios.checks import check_green, check_refused, check_report, check_runs, check_sessions
from tests.support.meanwhile import AtMoment, Meanwhile
from tests.support.playbook import Result
from tests.support.relay import Relay
from tests.support.sandbox import Sandbox

FILLER = "sandbox-filler"


def upgrade_goes_back(sandbox: Sandbox, *words: str, within: float, **variables: Any) -> Result:
    """A PATCH that is refused by the rollout wait within so many seconds of its apply, and is undone by itself; nothing is lost."""
    content = sandbox.database_state()
    result = sandbox.upgrade("1.4.3", **variables)
    check_refused(result, *words, "going back by itself")
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    check_report(sandbox, "rolled back")
    steps = {step["name"]: step for step in sandbox.report()["steps"]}
    assert (steps["apply"]["state"], steps["undo"]["state"]) == ("failed", "ended")
    print(f"told {steps['apply']['seconds']:.1f} s after the step began, back after {steps['undo']['seconds']:.1f} s")
    assert steps["apply"]["seconds"] < within
    after = sandbox.database_state()
    assert {name: value for name, value in after.items() if name != "audit_events"} == {
        name: value for name, value in content.items() if name != "audit_events"
    }
    return result


def applying(sandbox: Sandbox) -> bool:
    """Whether a pod of another image than 1.4.2 is there: the rollout has begun."""
    return len(set(template_images(sandbox))) > 1


def template_images(sandbox: Sandbox) -> list[str]:
    pods = sandbox.kubectl("get", "pods", "--selector=app.kubernetes.io/name=ampora-web")["items"]
    return [pod["spec"]["containers"][0]["image"] for pod in pods]


def test_readiness_fails(sandbox: Sandbox) -> None:
    sandbox.configure(AMPORA_DOUBLE_NOT_READY="1", AMPORA_DOUBLE_FAULT_VERSIONS="1.4.3")
    upgrade_goes_back(
        sandbox,
        "is stuck: NotReady",
        "has not become ready in",
        "(ampora_ready_timeout)",
        "Readiness probe failed: HTTP probe failed with statuscode: 503",
        within=40,
        ampora_ready_timeout=12,
    )


def test_crash_loop(sandbox: Sandbox) -> None:
    sandbox.configure(AMPORA_DOUBLE_CRASH_AFTER_SECONDS="1", AMPORA_DOUBLE_FAULT_VERSIONS="1.4.3")
    result = upgrade_goes_back(sandbox, "is stuck: CrashLoopBackOff", "ended with exit code 1", within=60)
    assert "crashed by a switch" in result.output, "the last words of the container itself"


def test_image_missing(sandbox: Sandbox) -> None:
    """The index and its manifest are there, and one of the layers is gone: only the kubelet can find that out."""
    broken_image.publish(sandbox, "ampora/missing", ("1.4.2", "1.4.3"), broken="1.4.3")
    sandbox.pin("1.4.2", repository="ampora/missing")
    result = sandbox.upgrade("1.4.3")
    check_refused(result, "is stuck: ImagePullBackOff", "of the new version cannot start", "not found", "going back by itself")
    digest = sandbox.digest("1.4.2")
    assert sandbox.image().endswith(f"ampora/missing@{digest}")
    assert sandbox.pod_images() == {digest}
    check_sessions(sandbox)
    check_report(sandbox, "rolled back")


@pytest.fixture
def pinned(sandbox: Sandbox) -> None:
    """By digest already, while there is room: then the way back is the old ReplicaSet itself."""
    sandbox.pin("1.4.2")


@pytest.fixture
def full_node(sandbox: Sandbox) -> Iterator[Sandbox]:
    """A node on which nothing more fits once this Deployment's surge comes."""
    node = sandbox.kubectl("get", "nodes", "sandbox")
    pods = sandbox.kubectl("get", "pods", "--all-namespaces", "--field-selector=spec.nodeName=sandbox")["items"]
    stay = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    taken = sum(_millicores(container) for pod in stay for container in pod["spec"]["containers"])
    free = int(float(node["status"]["allocatable"]["cpu"]) * 1000) - taken
    filler = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "filler"},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "filler", "image": "filler", "resources": {"requests": {"cpu": f"{free - 30}m"}}}],
        },
    }
    sandbox.kubectl_text("create", "namespace", FILLER)
    try:
        file = Path(sandbox.vars["ampora_report_dir"]).parent / "filler.json"
        file.write_text(json.dumps(filler), encoding="utf-8")
        sandbox.kubectl_text("--namespace", FILLER, "apply", f"--filename={file}")
        sandbox.kubectl_text("--namespace", FILLER, "wait", "--for=condition=PodScheduled", "pod/filler", "--timeout=50s")
        yield sandbox
    finally:
        sandbox.kubectl_text("delete", "namespace", FILLER, "--wait=false")


def _millicores(container: dict[str, Any]) -> int:
    text = str(container.get("resources", {}).get("requests", {}).get("cpu", "0"))
    return int(text.removesuffix("m")) if text.endswith("m") else int(float(text) * 1000)


@pytest.mark.usefixtures("pinned", "full_node")
def test_no_room(sandbox: Sandbox) -> None:
    """The plan says so and asks; who goes on all the same is told at once, with the scheduler's reasons."""
    check_refused(sandbox.play("upgrade", ampora_target_version="1.4.3"), "[no-room]", "too little cpu", "ampora_acks")
    upgrade_goes_back(sandbox, "is stuck: Unschedulable", "0/1 nodes are available", "Insufficient cpu", within=25)


def test_no_room_by_tag(full_node: Sandbox) -> None:
    """The Deployment was by a tag: the form by digest has no room either, so its pods, which run on, are the Deployment's again."""
    before = pod_uids(full_node)
    result = full_node.upgrade("1.4.3")
    check_refused(result, "is stuck: Unschedulable", "going back by itself", "its pods run the recorded digest, and no other one has room")
    assert full_node.image().endswith(":1.4.2")
    assert full_node.pod_images() == {full_node.digest("1.4.2")}
    assert pod_uids(full_node) == before, "no pod was started"
    assert f'digest: "{full_node.digest("1.4.2")}"' in full_node.kustomization()
    check_sessions(full_node)
    check_report(full_node, "rolled back")
    again = full_node.play("rollback")
    assert (again.status, again.recap["changed"]) == (0, 0), again.output


def pod_uids(sandbox: Sandbox) -> set[str]:
    pods = sandbox.kubectl("get", "pods", "--selector=app.kubernetes.io/name=ampora-web")["items"]
    return {pod["metadata"]["uid"] for pod in pods}


def test_quota(sandbox: Sandbox) -> None:
    """A quota that comes between the plan and the rollout. It is pinned already: going back then needs no pod."""
    sandbox.pin("1.4.2")

    def refuse() -> None:
        sandbox.kubectl_text("create", "quota", "small", "--hard=pods=3")

    try:
        with Meanwhile(sandbox, "pin_by_digest", "ended", refuse):
            upgrade_goes_back(
                sandbox, "is stuck: ReplicaFailure", "the cluster refuses to create the pods", "exceeded quota: small", within=25
            )
    finally:
        sandbox.kubectl_text("delete", "quota", "small", "--ignore-not-found")


def test_slow_migration(sandbox: Sandbox) -> None:
    """Longer than a pod may be unready: the migration is seen to run, is told in the live lines, and is waited for."""
    sandbox.configure(AMPORA_DOUBLE_SLOW_MIGRATION_SECONDS="12", AMPORA_DOUBLE_FAULT_VERSIONS="1.5.0")
    result = sandbox.upgrade("1.5.0", ampora_ready_timeout=8)
    check_green(result)
    check_runs(sandbox, "1.5.0")
    check_sessions(sandbox)
    check_report(sandbox, "upgraded")
    assert "a migration runs, 10 s" in result.flat
    assert "Microsoft.EntityFrameworkCore.Migrations.HistoryRepository: Applying migration '" in result.flat
    assert "migrations applied, the last 2026" in result.flat


@pytest.fixture
def scaled(sandbox: Sandbox) -> Iterator[Sandbox]:
    """An autoscaler that holds three pods, and lets the tests change that."""
    sandbox.kubectl_text("autoscale", "deployment", "ampora-web", "--min=3", "--max=5", "--cpu=80%")
    yield sandbox
    sandbox.kubectl_text("delete", "hpa", "ampora-web", "--ignore-not-found")


def test_hpa(scaled: Sandbox) -> None:
    """The autoscaler asks for one pod more in the middle of the rollout."""

    def grow() -> None:
        scaled.kubectl_text("patch", "hpa", "ampora-web", "--patch", json.dumps({"spec": {"minReplicas": 4}}))

    with AtMoment(scaled, lambda: applying(scaled), grow):
        result = scaled.upgrade("1.4.3")
    check_green(result)
    assert "note hpa " in result.flat
    assert scaled.deployment()["spec"]["replicas"] == 4
    check_runs(scaled, "1.4.3")
    check_sessions(scaled)
    check_report(scaled, "upgraded")
    proof = scaled.report()["proof"]
    assert (proof["agrees"], proof["footer"], len(proof["pods"])) == (True, "1.4.3", 4)


def test_foreign_change(sandbox: Sandbox) -> None:
    """Somebody sets another image in the middle of the rollout."""
    before = sandbox.image()

    def change() -> None:
        sandbox.kubectl_text("set", "image", "deployment/ampora-web", f"ampora-web={before}")

    with AtMoment(sandbox, lambda: applying(sandbox), change):
        upgrade_goes_back(
            sandbox,
            'The image of the Deployment ampora-web was changed by "kubectl-set" while it rolled',
            f"it is {before}",
            "ampora_apply to gitops",
            within=25,
        )


def test_api_away(sandbox: Sandbox, tmp_path: Path) -> None:
    """The way to the API server breaks for ten seconds in the middle of the rollout, every connection with it."""
    config = yaml.safe_load(Path(sandbox.env["KUBECONFIG"]).read_text(encoding="utf-8"))
    server = urlsplit(config["clusters"][0]["cluster"]["server"])
    relay = Relay(str(server.hostname), int(server.port or 443))
    config["clusters"][0]["cluster"].update({"server": f"https://127.0.0.1:{relay.port}", "tls-server-name": str(server.hostname)})
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(config), encoding="utf-8")
    with relay.running(), AtMoment(sandbox, lambda: applying(sandbox), lambda: relay.cut_for(10)):
        began = time.monotonic()
        result = sandbox.upgrade("1.4.3", ampora_kubeconfig=str(tmp_path / "kubeconfig"))
    print(f"{relay.refused} connections refused meanwhile; {time.monotonic() - began:.0f} s in all")
    check_green(result)
    assert "waiting for the API server" in result.output
    assert relay.refused > 0
    check_runs(sandbox, "1.4.3")
    check_sessions(sandbox)
    check_report(sandbox, "upgraded")


def test_api_restarted(sandbox: Sandbox) -> None:
    """The API server itself ends in the middle of the rollout, and starts again on what etcd has kept."""

    def restart() -> None:
        processes.stop(["kube-apiserver"])
        cluster.start()

    with AtMoment(sandbox, lambda: applying(sandbox), restart):
        result = sandbox.upgrade("1.4.3")
    check_green(result)
    check_runs(sandbox, "1.4.3")
    check_sessions(sandbox)
    check_report(sandbox, "upgraded")
