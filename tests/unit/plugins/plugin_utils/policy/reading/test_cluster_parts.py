# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster says beside the deployment itself, in a whole small world."""

from __future__ import annotations

import importlib.util
import json
import shutil
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import ForbiddenError, Object
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import objects

from tests.unit.doubles.kubectl import rendered
from tests.unit.doubles.scene import RUN, keep, manifest
from tests.unit.doubles.world import World


def deployment(world: World) -> Object:
    return world.cluster.objects["Deployment", "ampora-web"]


def test_a_deployment_without_a_budget(world: World) -> None:
    del world.cluster.objects["PodDisruptionBudget", "ampora-web"]
    assert world.ids() == ["no-pdb"]


def evidence(world: World, finding: str) -> list[str]:
    return [line for one in world.read()[1] if one.id == finding for line in one.evidence]


@pytest.mark.parametrize("by_steps", [False, True])
def test_what_an_apply_would_change_beside_the_image(world: World, by_steps: bool) -> None:
    after = objects(rendered(f"{world.name}:1.4.2"))
    before = deepcopy(after)
    pod = next(item for item in before if item["kind"] == "Deployment")["spec"]["template"]["spec"]
    pod["containers"][0]["image"], pod["containers"][1]["image"] = "envoy:0", f"{world.name}:1.4.1"
    before = [item for item in before if item["kind"] != "Service"]
    if by_steps:  # without kubectl's note of what it applied
        world.kubectl.answer("get", json.dumps({"kind": "List", "items": before}))
        world.kubectl.answer("apply", json.dumps({"kind": "List", "items": after}))
    else:
        world.cluster.lives = {"service/ampora-web": None, "deployment/ampora-web": before[0]}
    expected = ["deployment/ampora-web: spec.template.spec.containers[sidecar].image", "service/ampora-web is created"]
    assert sorted(line for line in evidence(world, "overlay-changes") if "metadata.annotations" not in line) == expected
    assert world.kubectl.words() == (["apply", "kustomize", "get", "apply"] if by_steps else ["apply"])


def test_an_overlay_that_the_cluster_refuses(world: World) -> None:
    world.kubectl.answer("apply", stderr="Error: the webhook says no\n", status=1)
    assert ("overlay", f"kubectl apply of {world.overlay.path} fails: Error: the webhook says no.") in world.found()


def test_an_autoscaler(world: World) -> None:
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "ampora-web"}, "minReplicas": 2, "maxReplicas": 5}
    world.cluster.add("HorizontalPodAutoscaler", {"metadata": {"name": "ampora-web"}, "spec": spec})
    assert world.ids() == ["hpa"]


def test_a_quota_without_room(world: World) -> None:
    status = {"hard": {"pods": "3"}, "used": {"pods": "3"}}
    world.cluster.add("ResourceQuota", {"metadata": {"name": "small"}, "spec": {"hard": {"pods": "3"}}, "status": status})
    assert world.ids() == ["no-quota-room"]


def test_no_node_with_room(world: World) -> None:
    world.cluster.objects["Node", "one"]["status"]["allocatable"]["pods"] = "0"
    assert world.ids() == ["no-room"]


@pytest.mark.parametrize("what", ["list Node", "list PodOfAnyNamespace"])
def test_rights_that_nobody_needs(world: World, what: str) -> None:
    world.cluster.failures[what] = ForbiddenError("Kubernetes refuses to list.")
    assert world.ids() == ["room-unknown"]


def test_another_owner_and_another_hand(world: World) -> None:
    fields: Object = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"ampora-web"}': {"f:image": {}}}}}}}
    metadata = deployment(world)["metadata"]
    metadata["annotations"]["argocd.argoproj.io/tracking-id"] = "ampora:apps/Deployment:ampora/ampora-web"
    metadata["managedFields"] = [{"manager": "robot", "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": fields}]
    assert world.ids() == ["other-owner", "foreign-field-manager"]
    world.args["field_managers"] = ["robot"]
    assert world.ids() == ["other-owner"]


@pytest.mark.parametrize(("capacity", "expected"), [("1Ki", ["disk-room"]), ("1Gi", []), ("much", [])])
def test_the_volume_of_the_snapshots(world: World, capacity: str, expected: list[str]) -> None:
    world.cluster.objects["PersistentVolumeClaim", "ampora-snapshots"]["status"] = {"capacity": {"storage": capacity}}
    assert world.ids() == expected


@pytest.mark.parametrize(("capacity", "expected"), [("11Mi", []), ("9Mi", ["disk-room"])])
def test_the_volume_by_what_an_earlier_dump_took(world: World, capacity: str, expected: list[str]) -> None:
    """5 MiB lie there already, and the database is as large as it was then: the next one takes 5 MiB more."""
    size = world.database.facts()["size"]
    keep(world.cluster, manifest(size=5 * 1024**2, database_size=size))
    world.cluster.objects["PersistentVolumeClaim", "ampora-snapshots"]["status"] = {"capacity": {"storage": capacity}}
    assert world.ids() == expected


@pytest.mark.parametrize(("free", "expected"), [(6 * 1024**2, []), (4 * 1024**2, ["disk-room"])])
def test_the_controllers_directory(world: World, monkeypatch: pytest.MonkeyPatch, free: int, expected: list[str]) -> None:
    asked: list[Path] = []

    def usage(place: Path) -> SimpleNamespace:
        asked.append(place)
        return SimpleNamespace(free=free)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    place = {"host": "here", "directory": f"/srv/{RUN}"}
    keep(world.cluster, manifest(method="local", location=place, size=5 * 1024**2, database_size=world.database.facts()["size"]))
    world.args["snapshot"] |= {"method": "local", "directory": str(world.folder / "not" / "there" / "yet")}
    assert world.ids() == expected
    assert asked == [world.folder], "where it will be made"


def test_a_backup_tool_that_is_not_there(world: World) -> None:
    tool = {"take": ["/nowhere/tool"], "verify": ["true"], "restore": [], "remove": []}
    world.args["snapshot"] |= {"method": "command", "command": tool}
    found = dict(world.found())
    assert list(found) == ["snapshot-tool-missing", "restore-by-hand"]
    assert "names /nowhere/tool, which" in found["snapshot-tool-missing"]
    world.args["snapshot"]["command"] = {**tool, "take": ["true"], "restore": ["true"]}
    assert world.ids() == []


@pytest.mark.parametrize(
    ("method", "given", "words"),
    [
        ("job", ("/c.pem", ""), "which the pod of a Job does not have"),
        ("local", ("/c.pem", ""), ""),
        ("local", ("", "s3cret"), "which PostgreSQL's own programs take from their arguments only"),
    ],
)
def test_a_connection_that_the_method_cannot_use(world: World, method: str, given: tuple[str, str], words: str) -> None:
    world.database.parameters = replace(world.database.parameters, certificate=given[0], key_password=given[1])
    world.args["snapshot"] |= {"method": method, "directory": ""}
    found = dict(world.found())
    assert list(found) == (["database"] if words else [])
    assert words in found.get("database", "")


@pytest.mark.parametrize("installed", [True, False])
def test_messages_need_their_package(world: World, monkeypatch: pytest.MonkeyPatch, installed: bool) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if installed and name == "apprise" else None)
    world.args["notify"] = {**world.args["notify"], "urls": ["json://ops.example"]}
    assert world.ids() == ([] if installed else ["notify-missing"])


def test_a_key_that_goes_and_is_set(world: World) -> None:
    world.note("1.5.0", "# 1.5.0\n\n## Removals\n\n- The key `PublicUrl` was removed.\n- The key `Old:Key` was removed.\n")
    facts, findings = world.read()
    assert facts.keys is not None
    assert "PublicUrl" in {key.name for key in facts.keys.keys}
    found = {finding.id: finding for finding in findings}
    assert set(found) >= {"removed-key-in-use", "removed-key-not-set", "word-remove"}
    assert found["removed-key-in-use"].severity == "block"
    assert "ConfigMap ampora-config" in str(found["removed-key-in-use"].evidence)
    assert "http://ampora.example" not in str(findings), "names, never values"


def test_a_release_that_needs_a_newer_cluster(world: World) -> None:
    world.note("1.5.0", "# 1.5.0\n\n## Requirements\n\n- Requires Kubernetes 1.40 or newer and PostgreSQL 18.\n")
    assert sorted(world.ids()) == ["database-too-old-for-release", "kubernetes-too-old"]
