# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.graph import Graph
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.graph_source import MAX_BYTES, read_graph
from semver import Version

from tests.unit.doubles.http_server import Answer, LoopbackServer, closed_port
from tests.unit.doubles.world import World

DOCUMENT = "format: 1\nbad:\n  - {id: slow, versions: 1.5.0, reason: Starts slowly.}\n"
RISK = {"id": "tenants", "from": "1.4.x", "to": "1.5.x", "reason": "Rewrites.", "promql": "tenants > bool 100"}


def refused(location: str) -> str:
    with pytest.raises(UpgradeError) as error:
        read_graph(location)
    return str(error.value)


def test_no_graph_forbids_nothing() -> None:
    assert read_graph("") == Graph()


def test_a_file_and_an_address(tmp_path: Path) -> None:
    file = tmp_path / "graph.yml"
    file.write_text(DOCUMENT, encoding="utf-8")
    found = read_graph(str(file))
    assert found.is_bad(Version(1, 5, 0)) and not found.is_bad(Version(1, 5, 1))
    with LoopbackServer(lambda _request: Answer(200, DOCUMENT.encode())) as server:
        assert read_graph(f"{server.url}/graph.yml") == found


def test_what_cannot_be_read(tmp_path: Path) -> None:
    assert "cannot be read: No such file or directory. Next: Name a file or an address" in refused(str(tmp_path / "none"))
    assert "does not answer (ConnectionError)" in refused(f"http://{closed_port()}/graph")
    with LoopbackServer(lambda _request: Answer(404, b"")) as server:
        assert f"The upgrade graph at {server.url}/x answers 404." in refused(f"{server.url}/x")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format: [", "is neither JSON nor YAML"),
        ("a: &a [1]\nb: *a\n", "aliases are not taken"),
        ("[" * 5000, "is neither JSON nor YAML"),
        ("- 1", "it is not an object"),
        ("x" * (MAX_BYTES + 1), "is larger than"),
        ("!!python/object/apply:os.system [ls]", "is neither JSON nor YAML"),
    ],
)
def test_documents_that_are_none(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "graph").write_text(text, encoding="utf-8")
    assert words in refused(str(tmp_path / "graph"))


# --- in a whole small world


def use(world: World, **document: object) -> None:
    file = world.folder / "graph.json"
    file.write_text(json.dumps({"format": 1, **document}), encoding="utf-8")
    world.args["upgrade_graph"] = str(file)


def test_a_path_around_a_bad_version(world: World) -> None:
    world.registry.image("1.5.1")
    for version in ("1.5.1", "1.6.0"):
        world.note(version, f"# {version}\n")
    use(world, bad=[{"id": "slow", "versions": "1.5.1", "reason": "Starts slowly."}])
    world.args |= {"path": "auto", "target_version": "latest"}
    facts, findings = world.read()
    assert [hop.target["version"] for hop in facts.hops] == ["1.5.0", "1.6.0"]
    assert findings == []


def test_a_version_known_to_be_bad(world: World) -> None:
    use(world, bad=[{"id": "slow", "versions": "1.5.0", "reason": "Starts slowly."}])
    assert world.ids() == ["known-bad-version"]


@pytest.mark.parametrize(("value", "severity"), [(0.0, "info"), (1.0, "block"), (None, "ack"), (2.0, "ack")])
def test_a_risk_is_asked_of_prometheus(world: World, value: float | None, severity: str) -> None:
    use(world, edges=[RISK])
    world.prometheus.constant(**{RISK["promql"]: value})
    assert [(finding.id, finding.severity) for finding in world.read()[1]] == [("conditional-edge", severity)]


def test_a_risk_whose_query_gives_no_one_answer(world: World) -> None:
    use(world, edges=[RISK])
    assert [finding.severity for finding in world.read()[1]] == ["ack"], "a query that Prometheus refuses"
    world.prometheus.series[RISK["promql"]] = [lambda _at: 0.0, lambda _at: 0.0]
    assert [finding.severity for finding in world.read()[1]] == ["ack"], "two series"


def test_a_graph_that_cannot_be_read_blocks(world: World) -> None:
    world.args["upgrade_graph"] = str(world.folder / "none")
    assert world.ids() == ["upgrade-graph"]
