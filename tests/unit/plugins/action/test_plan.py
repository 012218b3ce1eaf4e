# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action around the reading, which has its own tests: it shows the plan, and refuses by it."""

from __future__ import annotations

from typing import Any

import pytest
import semver
from ansible.errors import AnsibleActionFail
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts, Hop
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote

from tests.unit.doubles.scene import PREVIOUS
from tests.unit.doubles.stage import Stage, load

REST: dict[str, Any] = {
    "prometheus": {"url": "http://127.0.0.1:1"},
    "signals": [{"name": "up", "promql": "up", "kind": "level", "min": 3}],
    "target_version": "1.5.0",
    "release_notes": "/none",
    "api": {},
    "minimum_server_version": 160000,
}


class Reader:
    """Reads what a test says."""

    def __init__(self) -> None:
        self.note = "# 1.5.0\n"
        self.args: dict[str, Any] = {}
        self.actor: dict[str, str] = {}

    def read_facts(self, _cluster: object, _overlay: object, actor: dict[str, str], args: dict[str, Any]) -> Facts:
        self.actor, self.args = actor, args
        target = {"version": "1.5.0", "digest": "sha256:x"}
        available = [semver.Version.parse(text) for text in ("1.4.2", "1.5.0")]
        notes = [ReleaseNote("1.5.0", self.note, "1.5.0.md")]
        hops = [Hop(1, PREVIOUS, target, "minor")]
        return Facts(current=PREVIOUS, target=target, change="minor", hops=hops, available=available, notes=notes)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    double = Reader()
    monkeypatch.setattr(load("plan"), "read_facts", double.read_facts)
    return double


@pytest.mark.parametrize("check", [True, False])
def test_a_plan_that_may_go_ahead(stage: Stage, reader: Reader, check: bool) -> None:
    result = stage.run("plan", check=check, **REST)
    assert not result["changed"]
    assert not result.get("failed")
    assert (result["plan"]["decision"], len(result["plan"]["hops"])) == ("go", 1)
    assert stage.said() == ["plan: 1.4.2 -> 1.5.0 (minor)", "plan: decision: go"]
    assert reader.args["target_version"] == "1.5.0"
    assert reader.actor["user"]


def test_a_refusal_has_every_reason(stage: Stage, reader: Reader) -> None:
    reader.note = "# 1.5.0\n\n- Removes a key.\n"
    result = stage.run("plan", **REST)
    assert not result.get("failed"), "the role refuses"
    assert result["refusal"].startswith("The upgrade is refused and nothing was changed. [word-remove] The release notes of 1.5.0 use")
    assert result["plan"]["decision"] == "acknowledge"
    answered = stage.run("plan", **REST, acks={"ack-1.5.0-word-remove": "true"})
    assert answered["refusal"] == ""


def test_the_sites_own_rules(stage: Stage, reader: Reader) -> None:
    assert reader.note == "# 1.5.0\n"
    rule = {"id": "few", "when": "current.replicas < `4`", "text": "At least four replicas."}
    result = stage.run("plan", **REST, rules=[rule])
    assert result["refusal"] == "The upgrade is refused and nothing was changed. [few] At least four replicas."
    assert result["plan"]["answers"]["by"] == reader.actor


def test_all_that_people_have_said_is_checked_before_anything_is_read(stage: Stage, reader: Reader) -> None:
    result = stage.run(
        "plan",
        **REST,
        overrides=[{"rule": "x", "reason": " "}],
        rules=[{"id": "few", "when": "current.[", "text": "x"}, {"id": "hpa", "when": "`true`", "text": "x"}],
        windows=[{"start": "soon", "duration": "2h"}],
    )
    assert result["failed"]
    for words in ("ampora_overrides is wrong", "ampora_policy_rules is wrong", "ampora_windows is wrong"):
        assert words in result["msg"]
    assert reader.args == {}, "nothing was read"


def test_a_window_blocks_a_run_and_is_a_note_in_a_plan(stage: Stage, reader: Reader) -> None:
    windows = [{"start": "2020-01-01T00:00", "duration": "1h"}]
    assert "[outside-window]" in stage.run("plan", **REST, windows=windows)["refusal"]
    planned = stage.run("plan", check=True, **REST, windows=windows)
    assert [(item["id"], item["severity"]) for item in planned["plan"]["findings"]] == [("outside-window", "info")]
    assert reader.args["windows"] == [{**windows[0], "rrule": "", "timezone": "UTC"}]


def test_wrong_arguments_come_all_at_once(stage: Stage) -> None:
    wrong = {**REST, "change": "sidegrade", "minimum_server_version": "x", "signals": [{"name": "up"}]}
    del wrong["release_notes"]
    with pytest.raises(AnsibleActionFail) as error:
        stage.run("plan", **wrong)
    for words in ("release_notes", "value of change must be one of", "minimum_server_version", "kind found in signals"):
        assert words in str(error.value)


def test_the_real_reading_of_a_deployment_that_is_not_there(stage: Stage) -> None:
    del stage.cluster.objects["Deployment", "ampora-web"]
    result = stage.run("plan", **REST)
    assert (result["failed"], result["next_step"]) == (
        True,
        "Set ampora_namespace and ampora_deployment to where the deployment is.",
    )
