# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import LockHolder
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import holder

from tests.unit.doubles.failed_upgrade import COMMAND, FAILED, UNCHANGED, upgraded
from tests.unit.doubles.scene import NOW, PLAN, PREVIOUS, RUN, journal, keep, manifest, record
from tests.unit.doubles.stage import Stage


def test_the_route_of_an_unchanged_schema(stage: Stage) -> None:
    upgraded(stage, migrated=False)
    result = stage.run("route")
    expected = {
        "changed": False,
        "go": True,
        "run": RUN,
        "route": "undo",
        "reason": UNCHANGED,
        "lossless": True,
        "lost_rows": {},
        "next_command": COMMAND,
        "previous": PREVIOUS,
    }
    assert {name: result[name] for name in expected} == expected
    assert stage.said() == [f"route: undo: {UNCHANGED}"]
    assert stage.cluster.writes == []


def test_a_restore_needs_consent(stage: Stage) -> None:
    upgraded(stage, migrated=True)
    result = stage.run("route")
    assert result["failed"]
    assert (
        "loses what was written since: 1 minutes of writes (public.agents: 7 rows written); and ampora_accept_data_loss is empty."
        in result["msg"]
    )
    assert result["next_step"] == f"To agree, run this: {COMMAND} -e ampora_accept_data_loss={RUN}"
    agreed = stage.run("route", accept_data_loss=RUN)
    assert (agreed["route"], agreed["go"], agreed["lost_rows"]) == ("restore", True, {"public.agents": 7})


def test_check_mode_shows_the_route_without_consent(stage: Stage) -> None:
    upgraded(stage, migrated=True)
    result = stage.run("route", check=True)
    assert (result["route"], result["go"]) == ("restore", True)


def test_a_restore_in_place_needs_its_own_consent(stage: Stage) -> None:
    upgraded(stage, migrated=True)
    stage.database.may_create_databases = False
    result = stage.run("route", accept_data_loss=RUN)
    command = f"{COMMAND} -e ampora_accept_data_loss={RUN} -e ampora_accept_in_place={RUN}"
    assert result["msg"] == (
        "The role may not create databases, so the restore is in place: the database as it is now is not kept, and nothing swaps it back;"
        f" ampora_accept_in_place is empty. Next: To agree, run this: {command}"
    )
    agreed = stage.run("route", accept_data_loss=RUN, accept_in_place=RUN)
    assert (agreed["route"], agreed["in_place"], agreed["next_command"]) == ("restore", True, command)


def test_a_restore_has_a_forecast(stage: Stage) -> None:
    upgraded(stage, migrated=True)
    result = stage.run("route", check=True)
    assert result["forecast_seconds"] == 4
    assert "route: the restore takes about 4 s (2.1 times what the dump took)" in stage.said()[-2]
    assert stage.said()[-1] == "route: a restore now would lose 1 minutes of writes (public.agents: 7 rows written)"
    assert (result["loss"]["rows"], result["loss"]["lossless"]) == ({"public.agents": 7}, False)


def test_what_is_back_already_is_no_failure_and_nothing_to_do(stage: Stage) -> None:
    upgraded(stage, migrated=False)
    stage.run("undo")
    writes = list(stage.cluster.writes)
    result = stage.run("route")
    assert (result["go"], result["route"], result["lossless"], result.get("failed", False)) == (False, "none", True, False)
    assert result["reason"].endswith("runs already: there is nothing to do.")
    assert stage.cluster.writes == writes


def test_a_way_back_that_has_not_ended_is_gone_on_with(stage: Stage) -> None:
    upgraded(stage, migrated=False)
    stage.run("undo")
    record(stage.cluster, journal(run="20261122t2200z-cd34ef", kind="rollback", plan={"of": RUN}))
    assert stage.run("route")["route"] == "undo"


@pytest.mark.parametrize(("kind", "check", "opened"), [("rollback", False, True), ("rollback", True, False), ("upgrade", False, False)])
def test_a_database_that_a_killed_way_back_has_left_shut(stage: Stage, kind: str, check: bool, opened: bool) -> None:
    upgraded(stage, migrated=False)
    stage.database.databases["ampora"].admits = False
    record(stage.cluster, journal(("snapshot", {"id": RUN}), run="20261122t2200z-cd34ef", kind=kind, plan={**PLAN, "of": RUN}))
    stage.run("route", check=check)
    assert stage.database.databases["ampora"].admits is opened
    assert any("ampora was shut by the run 20261122t2200z-cd34ef" in line for line in stage.said()) is opened


def test_a_running_migration_asks(stage: Stage) -> None:
    upgraded(stage, migrated=False)
    stage.database.locks = [LockHolder(7, "ampora", "active", 12)]
    result = stage.run("route")
    assert result["failed"]
    assert "A migration is running now (the lock is held by pid 7 (ampora), active for 12 s): wait until it has ended" in result["msg"]


def test_a_lock_that_the_plan_knew_of_is_another_programs(stage: Stage) -> None:
    upgraded(stage, migrated=False)
    stage.database.locks = [LockHolder(7, "cron", "idle", 900)]
    overrides = {"overrides": [{"rule": "advisory-lock-held", "reason": "ours", "until": ""}]}
    record(stage.cluster, journal(*FAILED, plan={**PLAN, "answers": overrides}).close(NOW, "held"))
    assert stage.run("route")["route"] == "undo"


def test_no_safe_way_back(stage: Stage) -> None:
    upgraded(stage, migrated=True)
    keep(stage.cluster, manifest(proof="none"))
    result = stage.run("route")
    assert (result["failed"], result["go"], result["route"]) == (True, False, "none")
    assert result["msg"].startswith("There is no safe way back by this tool: The schema was migrated (+3_third), and the snapshot")


@pytest.mark.parametrize(
    ("migrated", "go", "line"), [(False, True, "going back by itself: the verdict is fail"), (True, False, "holding: ")]
)
def test_going_back_by_itself(stage: Stage, migrated: bool, go: bool, line: str) -> None:
    upgraded(stage, migrated=migrated)
    record(stage.cluster, replace(journal(*FAILED), actor={"process": holder()}))
    result = stage.run("route", automatic=True)
    assert (result["go"], result.get("failed", False)) == (go, False)
    assert stage.said()[-1].startswith(f"route: {line}")


@pytest.mark.parametrize(
    "latest",
    [journal(*FAILED).close(NOW, "upgraded"), journal(*FAILED), replace(journal(*FAILED), actor={"process": "elsewhere/1-1"})],
    ids=["one that has ended", "one of nobody", "somebody else's"],
)
def test_only_the_run_of_this_command_is_gone_back_from(stage: Stage, latest: Journal) -> None:
    upgraded(stage, migrated=False)
    record(stage.cluster, latest)
    result = stage.run("route", automatic=True)
    assert (result["go"], result["route"], result.get("failed", False)) == (False, "none", False)
    assert stage.said() == ["route: holding: this command has opened no run, so there is nothing to go back from"]
