# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout import gitops_owner
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.changes import UnreachableError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.gitops_owner import KINDS, GitOpsOwner, refuse_beside

from tests.unit.doubles.clock import Clock, Point
from tests.unit.doubles.kubernetes import Kubernetes
from tests.unit.doubles.scene import deployment

NEW = "reg.example/ampora/ampora-web@sha256:" + "b" * 64


class World:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cluster: Kubernetes = deployment("reg.example/ampora/ampora-web:1.4.2")
        self.clock = Clock()
        self.point = Point(self.clock)
        self.said: list[str] = []
        monkeypatch.setattr(gitops_owner, "time", self.clock)

    def bring(self, image: str = NEW) -> None:
        self.cluster.objects["Deployment", "ampora-web"]["spec"]["template"]["spec"]["containers"][0]["image"] = image

    def wait(self, timeout: int = 10, **options: Any) -> float:
        owner = GitOpsOwner(self.cluster, {"kind": "Application", "namespace": "argocd", "name": "", **options})
        return owner.wait_for(NEW, timeout, self.point, self.said.append)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_what_is_there_already_is_not_waited_for(world: World) -> None:
    world.bring()
    assert world.wait() == 0.0
    assert world.cluster.writes == []


def test_it_comes_after_a_while(world: World) -> None:
    world.point.at_pause = lambda number: world.bring() if number == 4 else None
    assert world.wait() == 4.0
    assert world.said == [f"waiting for {NEW} to come from Git"] * 4


@pytest.mark.parametrize("kind", KINDS)
def test_a_controller_that_has_a_name_is_asked_to_look_now(world: World, kind: str) -> None:
    world.cluster.add(kind, {"metadata": {"name": "ampora"}, "status": {}})
    world.point.at_pause = lambda _number: world.bring()
    world.wait(kind=kind, name="ampora")
    assert world.cluster.writes == [f"annotate {kind} ampora"]
    assert world.said[0].startswith(f"waiting for {NEW} to come from Git ({'Argo CD' if kind == 'Application' else 'Flux'}: not ")


def test_it_never_comes_and_the_controllers_words_say_why(world: World) -> None:
    status = {"sync": {"status": "Unknown"}, "conditions": [{"type": "ComparisonError", "message": "no such revision"}]}
    world.cluster.add("Application", {"metadata": {"name": "ampora"}, "status": status})
    with pytest.raises(UpgradeError) as error:
        world.wait(name="ampora")
    assert error.value.message == f"The GitOps controller has not brought {NEW} after 10 s (ampora_gitops_timeout): no such revision."


def test_an_api_server_that_is_away_is_waited_for(world: World) -> None:
    def go_on(number: int) -> None:
        if number == 1:
            world.cluster.failures["get Deployment"] = UnreachableError("away")
        if number == 3:
            del world.cluster.failures["get Deployment"]
            world.bring()

    world.point.at_pause = go_on
    assert world.wait() == 3.0
    assert world.said[1:] == ["waiting for the API server: away"] * 2


def test_what_stops_the_pods_is_not_done_beside_a_controller() -> None:
    refuse_beside("kubectl")
    with pytest.raises(UpgradeError, match="the GitOps controller would start its own in the middle"):
        refuse_beside("gitops")
