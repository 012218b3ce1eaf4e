# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.ampora.upgrades.plugins.module_utils.run.notice import Notice
from ansible_collections.ampora.upgrades.plugins.plugin_utils import action
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord

from tests.unit.doubles.scene import PLAN
from tests.unit.doubles.stage import Stage


def test_a_run_from_its_beginning_to_its_end(stage: Stage) -> None:
    opened = stage.run("journal", state="opened", kind="upgrade", plan=PLAN)
    assert opened["changed"]
    again = stage.run("journal", state="opened", kind="upgrade", plan={})
    assert (again["changed"], again["run"]) == (False, opened["run"])
    closed = stage.run("journal", state="closed", outcome="held")
    assert (closed["changed"], closed["run"]) == (True, opened["run"])
    assert stage.journals() == [("upgrade", "held", [])]
    assert stage.said() == [f"journal: run {opened['run']} begins", f"journal: run {opened['run']} goes on"]


@pytest.fixture
def pinned(stage: Stage) -> Stage:
    """A run whose digest the Deployment and its pods have."""
    image = f"{stage.name}@{stage.digests['1.5.0']}"
    live = stage.cluster.objects["Deployment", "ampora-web"]
    live["spec"]["template"]["spec"]["containers"][0]["image"] = image
    stage.controller.image_id = image
    stage.controller.settle(live)
    target = {"version": "1.5.0", "digest": stage.digests["1.5.0"], "children": []}
    stage.run("journal", state="opened", plan={"target": target, "notes": [{"version": "1.5.0"}]})
    return stage


def test_accepting_proves_that_all_sources_name_one_version(pinned: Stage) -> None:
    assert pinned.run("journal", state="closed", outcome="upgraded")["changed"]
    journal = RunRecord(pinned.cluster, {}).journals()[0]
    assert (journal.outcome, [(step.name, step.state) for step in journal.steps]) == ("upgraded", [("accept", "ended")])
    proof = journal.steps[0].result["proof"]
    assert (proof["agrees"], proof["version"], proof["footer"], proof["notes"], len(proof["pods"])) == (
        True,
        "1.5.0",
        "not asked",
        "1.5.0",
        3,
    )
    assert pinned.said()[-1] == f"journal: proven: 3 pods run {pinned.digests['1.5.0']}; the footer is not asked, the notes 1.5.0"


def test_an_upgrade_that_is_not_proven_stays_open(pinned: Stage) -> None:
    """A pod that somebody has replaced since the rollout."""
    pinned.cluster.objects["Pod", "ampora-web-7c9b-1"]["status"]["containerStatuses"][0]["imageID"] = f"{pinned.name}@sha256:" + "e" * 64
    result = pinned.run("journal", state="closed", outcome="upgraded")
    assert result["msg"].startswith(f"It is not proven that 1.5.0 runs ({pinned.digests['1.5.0']}): ampora-web-7c9b-1 runs ")
    assert pinned.journals() == [("upgrade", None, [("accept", "failed")])]


def test_closing_again_changes_nothing(stage: Stage) -> None:
    stage.run("journal", state="opened")
    stage.run("journal", state="closed", outcome="upgraded")
    closed = stage.run("journal", state="closed", outcome="upgraded")
    assert (closed["changed"], closed["run"]) == (False, "")


def test_a_held_run_stays_open_without_its_lease(stage: Stage) -> None:
    stage.run("journal", state="opened")
    held = stage.run("journal", state="held")
    assert (held["changed"], held["run"]) == (False, "")
    assert stage.journals() == [("upgrade", None, [])]
    assert stage.cluster.objects["Lease", "upgrade-ampora-web"]["spec"]["holderIdentity"] == ""


@pytest.mark.parametrize("state", ["opened", "held", "closed"])
def test_check_mode_writes_nothing(stage: Stage, state: str) -> None:
    result = stage.run("journal", check=True, state=state, outcome="upgraded")
    assert (result["changed"], result["run"]) == (True, "")


def test_another_run_is_a_failure_with_its_next_step(stage: Stage) -> None:
    opened = stage.run("journal", state="opened", kind="rollback")
    result = stage.run("journal", state="opened", kind="upgrade")
    assert (result["failed"], result["next_step"]) == (
        True,
        "Run its own command again to go on with it, or rollback.yml to go back.",
    )
    assert result["msg"].startswith(f"The rollback {opened['run']} of ampora-web has not ended. Next: ")


def test_a_plan_of_several_hops_is_no_run(stage: Stage) -> None:
    result = stage.run("journal", state="opened", kind="upgrade", plan={**PLAN, "hops": [{"number": 1}, {"number": 2}]})
    assert (result["failed"], result["msg"].split(" Next:")[0]) == (True, "A run is one hop, and this plan has several.")
    assert stage.journals() == []


def test_wrong_arguments(stage: Stage) -> None:
    with pytest.raises(AnsibleActionFail) as error:
        stage.run("journal", state="begun", kind="sidegrade", outcome="fine", typo=1)
    for words in ("value of state must be one of", "value of kind must be one of", "value of outcome must be one of", "typo"):
        assert words in str(error.value)


def test_the_journal_keeps_the_plan_without_the_text_of_the_notes(stage: Stage) -> None:
    note = {"version": "1.5.0", "source": "1.5.0.md", "hop": 1, "sections": {"other": ["long " * 100]}, "adrs": [], "runtime_seconds": 60}
    stage.run("journal", state="opened", kind="upgrade", plan={**PLAN, "notes": [note]})
    kept = RunRecord(stage.cluster, {}).journals()[0].plan
    assert kept == {**PLAN, "notes": [{**note, "sections": {}}]}


# --- who is told


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], Notice]]:
    """What would have gone out, and to whom; nothing takes it."""
    found: list[tuple[list[str], Notice]] = []

    def deliver(urls: list[str], message: Notice) -> list[str]:
        found.append((urls, message))
        return ["address 1 of ampora_notify (JSON) did not take the message"]

    monkeypatch.setattr(action, "deliver", deliver)
    return found


NOTIFY = {"urls": ["json://ada:hunter2@127.0.0.1:9"]}


@pytest.mark.parametrize(
    ("state", "outcome", "event"),
    [("held", None, "hold"), ("closed", "upgraded", "end"), ("closed", "rolled back", "rollback"), ("closed", "failed", "hold")],
)
def test_those_who_do_not_look_on_are_told(
    stage: Stage, told: list[tuple[list[str], Notice]], state: str, outcome: str | None, event: str
) -> None:
    stage.run("journal", state="opened", plan={"target": {"version": "1.5.0"}}, notify=NOTIFY)
    more: dict[str, Any] = {"outcome": outcome} if outcome else {}
    result = stage.run("journal", state=state, notify=NOTIFY, **more)
    assert [(urls, message.event) for urls, message in told] == [(NOTIFY["urls"], "start"), (NOTIFY["urls"], event)]
    assert "ampora/ampora-web 1.5.0" in told[1][1].title
    assert not result.get("failed"), "a message that does not arrive fails nothing"
    assert stage.said()[-1] == "journal: not told: address 1 of ampora_notify (JSON) did not take the message"
    assert "hunter2" not in str(stage.said()) + str(result)


def test_only_of_what_they_asked_for(stage: Stage, told: list[tuple[list[str], Notice]]) -> None:
    notify = {**NOTIFY, "events": ["hold"]}
    stage.run("journal", state="opened", notify=notify)
    stage.run("journal", state="held", notify=notify)
    stage.run("journal", state="closed", outcome="upgraded", notify={"urls": []})
    stage.run("journal", state="closed", outcome="upgraded", notify=NOTIFY)  # nothing was open
    assert [message.event for _urls, message in told] == ["hold"]


def test_nobody_is_told_in_check_mode(stage: Stage, told: list[tuple[list[str], Notice]]) -> None:
    stage.run("journal", check=True, state="opened", notify=NOTIFY)
    assert told == []
