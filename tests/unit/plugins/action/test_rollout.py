# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError

from tests.unit.doubles.kubectl import rendered
from tests.unit.doubles.stage import Stage


@pytest.fixture
def applying(stage: Stage) -> Stage:
    """The overlay is pinned to 1.5.0, and what kubectl applies is what the pods then run."""
    pinned = image(stage)
    stage.kubectl.answer("kustomize", rendered(pinned))
    live = stage.cluster.objects["Deployment", "ampora-web"]
    live["spec"]["template"]["spec"]["containers"][0]["image"] = pinned
    answer(stage, "configured")
    stage.controller.image_id = pinned
    stage.controller.settle(live)
    return stage


def answer(stage: Stage, word: str, **spec: Any) -> None:
    """What `kubectl apply` finds and leaves; `spec` is what it changes beside the image."""
    after = {"kind": "Deployment", **stage.cluster.objects["Deployment", "ampora-web"]}
    before = json.loads(json.dumps(after))
    if word != "unchanged":
        before["spec"]["template"]["spec"]["containers"][0]["image"] = f"{stage.name}:1.4.2"
    before["spec"].update(spec)
    stage.kubectl.answer("get", "" if word == "created" else json.dumps(before))
    stage.kubectl.answer("apply", json.dumps(after))


def image(stage: Stage) -> str:
    return f"{stage.name}@{stage.digests['1.5.0']}"


def open_run(stage: Stage, **target: Any) -> None:
    plan = {"target": {"version": "1.5.0", "digest": stage.digests["1.5.0"], "children": [], **target}}
    stage.run("journal", state="opened", plan={**plan, "database": {"migrations": ["1_first"]}})


@pytest.mark.parametrize(("word", "changed"), [("configured", True), ("unchanged", False), ("created", True)])
def test_a_rollout(applying: Stage, word: str, changed: bool) -> None:
    answer(applying, word)
    result = applying.run("rollout")
    assert (result["changed"], result["objects"]) == (changed, [f"deployment/ampora-web {word}"])
    assert (result["image"], result["schema"]) == (image(applying), {"state": "unchanged", "added": [], "words": ""})
    assert result["pods"] == {f"ampora-web-7c9b-{number}": image(applying) for number in range(3)}
    assert applying.journals() == [("apply", "ended", [("apply", "ended")])]
    assert applying.said()[-1] == "rollout: complete after 1.0 s; the schema is unchanged"


def test_check_mode_asks_the_server_only(applying: Stage) -> None:
    result = applying.run("rollout", check=True)
    assert (result["changed"], result["image"]) == (True, image(applying))
    assert "--dry-run=server" in applying.kubectl.calls()[-1]["argv"]


def test_the_schema_is_compared_with_how_the_run_found_it(applying: Stage) -> None:
    """Also when the pods had migrated already before this step began again."""
    open_run(applying)
    result = applying.run("rollout")
    assert result["schema"] == {"state": "migrated", "added": ["2_second"], "words": ""}
    assert applying.journals() == [("upgrade", None, [("apply", "ended")])]


def test_a_history_that_cannot_be_read_is_unknown(applying: Stage) -> None:
    applying.database.failures["migrations"] = UpgradeError("It cannot be used.")
    assert applying.run("rollout")["schema"]["state"] == "unknown"


def test_an_overlay_that_renders_another_digest_than_the_run_is_for(applying: Stage) -> None:
    digest = "sha256:" + "c" * 64
    open_run(applying, digest=digest)
    result = applying.run("rollout")
    assert result["msg"] == (
        f"The overlay renders {image(applying)}, but this run is for {digest}."
        " Next: Run the step pin_by_digest (or the same upgrade command) first."
    )
    assert "apply" not in applying.kubectl.words()
    assert applying.journals() == [("upgrade", None, [("apply", "failed")])]


def test_pods_that_run_something_else_are_named(applying: Stage) -> None:
    other = f"{applying.name}@sha256:" + "e" * 64
    applying.controller.image_id = other
    applying.controller.settle(applying.cluster.objects["Deployment", "ampora-web"])
    result = applying.run("rollout")
    assert result["msg"] == (f"Pods run another image than {applying.digests['1.5.0']}. Next: Look at who else changes the Deployment.")
    assert result["evidence"] == [f"ampora-web-7c9b-{number} runs {other}" for number in range(3)]


def test_a_platforms_own_manifest_is_the_pinned_image(applying: Stage) -> None:
    child = "sha256:" + "e" * 64
    open_run(applying, children=[child])
    applying.controller.image_id = f"{applying.name}@{child}"
    applying.controller.settle(applying.cluster.objects["Deployment", "ampora-web"])
    assert set(applying.run("rollout")["pods"].values()) == {f"{applying.name}@{child}"}


def test_an_overlay_with_a_tag_proves_nothing_about_the_pods(applying: Stage) -> None:
    tagged = f"{applying.name}:1.5.0"
    applying.kubectl.answer("kustomize", rendered(tagged))
    applying.cluster.objects["Deployment", "ampora-web"]["spec"]["template"]["spec"]["containers"][0]["image"] = tagged
    answer(applying, "configured")
    assert not applying.run("rollout").get("failed")


def test_a_rollout_that_takes_too_long(applying: Stage) -> None:
    applying.cluster.objects["Deployment", "ampora-web"]["status"]["availableReplicas"] = 2
    result = applying.run("rollout", timeout=3)
    assert result["msg"].startswith("The rollout of ampora-web is not complete after 3 s (ampora_rollout_timeout)")
    assert applying.journals() == [("apply", "failed", [("apply", "failed")])]


def test_nothing_is_written_when_the_dry_run_fails(applying: Stage) -> None:
    error = 'The Deployment "ampora-web" is invalid: spec.selector: Invalid value: {"a": "b"}: field is immutable\n'
    applying.kubectl.answer("apply", stderr=error, status=1)
    result = applying.run("rollout")
    assert "the overlay changes spec.selector of the Deployment ampora-web, which Kubernetes lets nobody change" in result["msg"]
    assert [call["argv"][3] for call in applying.kubectl.calls() if call["argv"][0] == "apply"] == ["--dry-run=server"]


def test_what_changes_beside_the_image_is_said(applying: Stage) -> None:
    answer(applying, "configured", replicas=2)
    assert not applying.run("rollout").get("failed")
    assert "rollout: besides the image this changes deployment/ampora-web: spec.replicas" in applying.said()


@pytest.mark.parametrize(("known", "stops"), [(["deployment/ampora-web: spec.replicas"], False), (["configmap/c: data.a"], True)])
def test_more_than_the_plan_had_found_stops_before_anything_is_written(applying: Stage, known: list[str], stops: bool) -> None:
    answer(applying, "configured", replicas=2)
    finding = {"id": "overlay-changes", "evidence": known}
    plan = {"target": {"version": "1.5.0", "digest": applying.digests["1.5.0"]}, "findings": [finding]}
    applying.run("journal", state="opened", plan=plan)
    result = applying.run("rollout")
    assert bool(result.get("failed")) == stops
    applied = [call["argv"] for call in applying.kubectl.calls() if call["argv"][0] == "apply" and "--dry-run=server" not in call["argv"]]
    assert bool(applied) != stops
    if stops:
        assert "now change more than the image and what the plan had found: deployment/ampora-web: spec.replicas" in result["msg"]


def test_an_image_that_somebody_takes_back_stops_the_wait(applying: Stage) -> None:
    """As a GitOps controller with self-heal does, within a second."""
    live = applying.cluster.objects["Deployment", "ampora-web"]
    live["spec"]["template"]["spec"]["containers"][0]["image"] = f"{applying.name}:1.4.2"
    owned: dict[str, Any] = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"ampora-web"}': {"f:image": {}}}}}}}
    live["metadata"]["managedFields"] = [
        {"manager": "kubectl-client-side-apply", "time": "2026-11-22T21:40:00Z", "fieldsV1": owned},
        {"manager": "argocd-controller", "time": "2026-11-22T21:40:01Z", "fieldsV1": owned},
    ]
    result = applying.run("rollout")
    assert result["msg"] == (
        'The image of the Deployment ampora-web was changed by "argocd-controller" while it rolled (at 2026-11-22T21:40:01Z): it is'
        f" {applying.name}:1.4.2 and {image(applying)} was applied. Next: Hold whoever changes it (for a GitOps controller set"
        " ampora_apply to gitops), then run the same command again."
    )
    assert result["evidence"] == ["spec.containers[ampora-web].image"]


def test_another_change_of_the_template_is_told_and_recorded(applying: Stage) -> None:
    live = applying.cluster.objects["Deployment", "ampora-web"]
    live["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "A", "value": "a-secret-value"}]
    result = applying.run("rollout")
    assert result["foreign_changes"] == ["spec.containers[ampora-web].env[A]"]
    assert "rollout: somebody else changed the Deployment ampora-web while it rolled: spec.containers[ampora-web].env[A]" in applying.said()
    assert not any("a-secret-value" in line for line in applying.said())


def test_an_apply_that_fails(applying: Stage) -> None:
    applying.kubectl.answer("apply", stderr="error: forbidden\n", status=1)
    result = applying.run("rollout")
    assert (result["msg"], result["evidence"]) == (f"kubectl apply of {applying.overlay} fails: error: forbidden.", ["error: forbidden"])
