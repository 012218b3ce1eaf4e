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
    image = f"{stage.name}@{stage.digests['1.5.0']}"
    stage.kubectl.answer("kustomize", rendered(image))
    answer(stage, "configured")
    stage.controller.image_id = image
    stage.controller.settle(stage.cluster.objects["Deployment", "ampora-web"])
    return stage


def answer(stage: Stage, word: str) -> None:
    """What `kubectl apply` finds and leaves."""
    after: dict[str, Any] = {"kind": "Deployment", "metadata": {"name": "ampora-web"}, "spec": {"image": "new"}}
    before = {**after, "spec": {"image": "new" if word == "unchanged" else "old"}}
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
    assert (result["image"], result["schema"]) == (image(applying), {"state": "unchanged", "added": []})
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
    assert result["schema"] == {"state": "migrated", "added": ["2_second"]}
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
    applying.kubectl.answer("kustomize", rendered(f"{applying.name}:1.5.0"))
    assert not applying.run("rollout").get("failed")


def test_a_rollout_that_takes_too_long(applying: Stage) -> None:
    applying.cluster.objects["Deployment", "ampora-web"]["status"]["availableReplicas"] = 2
    result = applying.run("rollout", timeout=3)
    assert result["msg"].startswith("The rollout of ampora-web is not complete after 3 s (ampora_rollout_timeout)")
    assert applying.journals() == [("apply", "failed", [("apply", "failed")])]


def test_an_apply_that_fails(applying: Stage) -> None:
    applying.kubectl.answer("apply", stderr="error: forbidden\n", status=1)
    result = applying.run("rollout")
    assert (result["msg"], result["evidence"]) == (f"kubectl apply of {applying.overlay} fails: error: forbidden.", ["error: forbidden"])
