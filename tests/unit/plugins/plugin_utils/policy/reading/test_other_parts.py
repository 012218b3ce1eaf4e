# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not in the cluster, in a whole small world: Ampora's own API, and the signals' check of themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.evaluate import evaluate
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Answers

from tests.unit.doubles.ampora_server import TOKEN, AmporaServer
from tests.unit.doubles.world import World


@pytest.fixture
def fleet(world: World) -> Iterator[AmporaServer]:
    """Three agents that fit, and the options of the argument spec."""
    server = AmporaServer(3, r1="Completed")
    with server:
        world.args["api"] |= {"url": server.url, "token": TOKEN}
        yield server


def test_agents_that_fit(world: World, fleet: AmporaServer) -> None:
    facts, findings = world.read()
    assert findings == []
    assert facts.fleet is not None
    assert [agent.id for agent in facts.fleet.agents] == [agent["id"] for agent in fleet.agents]


def test_agents_that_a_hop_leaves_behind_are_all_in_its_plan(world: World, fleet: AmporaServer) -> None:
    for agent in fleet.agents:
        agent["version"] = "1.3.0"
    facts, findings = world.read()
    assert [(finding.id, finding.severity) for finding in findings] == [("agent-skew", "ack")]
    outside = evaluate(facts, Answers())["hops"][0]["agents"]["outside"]
    assert [agent["id"] for agent in outside] == [agent["id"] for agent in fleet.agents]
    world.args["agents"]["skew"] = "none"
    assert world.ids() == []


@pytest.mark.parametrize(("pause", "severity"), [(False, "block"), (True, "info")])
def test_a_configuration_rollout_in_progress(world: World, fleet: AmporaServer, pause: bool, severity: str) -> None:
    fleet.rollouts["r1"] = "InProgress"
    world.args["pause_rollouts"] = pause
    assert [(finding.id, finding.severity) for finding in world.read()[1]] == [("configuration-rollout-in-progress", severity)]
    assert fleet.moves() == [], "a plan changes nothing"


def test_an_api_that_refuses(world: World, fleet: AmporaServer) -> None:
    assert fleet.agents
    world.args["api"]["token"] = "amp-pat.another"
    findings = world.read()[1]
    assert [(finding.id, finding.severity) for finding in findings] == [("agents", "block")]
    assert "amp-pat" not in findings[0].text


def test_without_a_token_nobody_is_asked(world: World, fleet: AmporaServer) -> None:
    world.args["api"]["token"] = ""
    assert world.read()[0].fleet is None
    assert fleet.requests == []


def test_a_signal_of_many_series(world: World) -> None:
    world.prometheus.series["sessions"] *= 2
    assert world.ids() == ["signal-many-series"]


def test_a_signal_whose_samples_are_old(world: World) -> None:
    query = 'sum(sessions{job="ampora-web"})'
    world.args["signals"] = [{**world.args["signals"][0], "promql": query}]
    selector = 'max(timestamp(sessions{job="ampora-web"}))'
    world.prometheus.series |= {query: [lambda _at: 200.0], selector: [lambda at: at - 10]}
    assert world.ids() == []
    world.prometheus.series[selector] = [lambda at: at - 200]
    assert world.ids() == ["signal-stale"]


def test_without_a_prometheus_the_pods_are_asked(world: World) -> None:
    world.args["prometheus"]["url"] = ""
    world.args["signals"] = [{**signal, "metric": signal["name"]} for signal in world.args["signals"]]
    for number in range(3):
        world.cluster.objects["Pod", f"ampora-web-7c9b-{number}"]["metadata"]["annotations"] = {"prometheus.io/port": "8080"}
        world.cluster.pages[f"ampora-web-7c9b-{number}:8080/metrics"] = "sessions 60\n"
    facts, findings = world.read()
    assert [(finding.id, finding.severity) for finding in findings] == [("no-prometheus", "info")]
    assert facts.signals is not None
    assert facts.signals.values == {"sessions": 180.0, "no_session": None, "up": 3.0}
    world.cluster.denied = {("get", "", "pods", "proxy")}
    assert "permissions" in world.ids()
    del world.cluster.pages["ampora-web-7c9b-1:8080/metrics"]
    assert "targets-missing" in world.ids()
    assert world.prometheus.requests == []


def test_without_a_prometheus_each_signal_needs_a_metric(world: World) -> None:
    world.args["prometheus"]["url"] = ""
    assert [(id_, "has no metric" in text) for id_, text in world.found()] == [("prometheus", True)]


def test_a_volume_snapshot_needs_the_databases_claim_and_rights_beside_it(world: World) -> None:
    volume = {"claim": "data-pg-0", "namespace": "ampora-db", "class": "", "checkpoint": False}
    world.args["snapshot"] = {**world.args["snapshot"], "method": "volume_snapshot", "volume": volume}
    text = "There is no PersistentVolumeClaim data-pg-0 in ampora-db; set ampora_snapshot_volume to the claim of the database's volume."
    assert world.found() == [("snapshot-claim-missing", text)]
    world.cluster.add("PersistentVolumeClaim", {"metadata": {"name": "data-pg-0"}})
    assert world.ids() == []
    world.cluster.denied = {("create", "snapshot.storage.k8s.io", "volumesnapshots", "")}
    assert [(id_, "create volumesnapshots.snapshot.storage.k8s.io" in text) for id_, text in world.found()] == [("permissions", True)]
