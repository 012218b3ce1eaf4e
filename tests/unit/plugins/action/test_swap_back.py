# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback import names

from tests.unit.doubles.database import Content
from tests.unit.doubles.failed_upgrade import upgraded
from tests.unit.doubles.scene import IMAGE, NEW_DIGEST, NOW, OLD_DIGEST, PREVIOUS, RUN, journal, record
from tests.unit.doubles.stage import Stage

BACK = "20261122t2200z-cd34ef"
KEPT = names.kept("ampora", BACK)
CURRENT = {"version": "1.5.0", "image": f"{IMAGE}@{NEW_DIGEST}", "digest": NEW_DIGEST, "revision": "5", "replicas": 3}
COMMAND = f"ansible-playbook ampora.upgrades.rollback -e ampora_swap_back={BACK}"


def restored(stage: Stage, **plan: Any) -> Journal:
    """A rollback that has restored: its database is live, the one of the upgrade is kept."""
    upgraded(stage, migrated=True)
    databases = stage.database.databases
    databases[KEPT] = databases["ampora"]
    databases[KEPT].admits = False
    databases["ampora"] = Content({"public.agents": 200}, ["1_first", "2_second"])
    found = journal(
        ("restore", {"kept_database": KEPT, "snapshot": RUN}),
        run=BACK,
        kind="rollback",
        plan={"of": RUN, "current": CURRENT, "target": PREVIOUS, **plan},
    )
    record(stage.cluster, found.close(NOW, "rolled back"))
    container = stage.cluster.objects["Deployment", "ampora-web"]["spec"]["template"]["spec"]["containers"][0]
    container["image"] = f"{IMAGE}@{OLD_DIGEST}"
    return found


def test_the_route_is_what_the_person_named(stage: Stage) -> None:
    restored(stage)
    result = stage.run("route", swap_back=BACK)
    assert (result["route"], result["go"], result["run"], result["next_command"]) == ("swap_back", True, BACK, COMMAND)
    assert (result["previous"], result["current"]["image"]) == (CURRENT, f"{IMAGE}@{OLD_DIGEST}")
    assert result["plan"]["of"] == BACK
    assert stage.cluster.writes == []


@pytest.mark.parametrize("run", [BACK, ""])
def test_the_kept_database_comes_back_with_what_ran_on_it(stage: Stage, run: str) -> None:
    restored(stage)
    result = stage.run("swap_back", run=run)
    databases = stage.database.databases
    assert databases["ampora"].migrations == ["1_first", "2_second", "3_third"]
    assert databases["ampora"].admits
    assert databases[result["kept_database"]].migrations == ["1_first", "2_second"]
    assert KEPT not in databases
    assert stage.image() == f"{IMAGE}@{NEW_DIGEST}"
    assert (result["changed"], result["run"], result["version"]) == (True, BACK, "1.5.0")
    assert stage.journals()[0] == ("swap", "ended", [("swap", "ended")])
    assert stage.said()[-1] == f"swap_back: 1.5.0 runs again on the database that the run {BACK} had replaced"


def test_check_mode(stage: Stage) -> None:
    restored(stage)
    result = stage.run("swap_back", check=True, run=BACK)
    assert (result["changed"], result["image"]) == (True, CURRENT["image"])
    assert stage.said() == [f"swap_back: would put {KEPT} into the place of ampora and start {CURRENT['image']}"]


def test_a_swap_back_that_broke_off_after_its_swap_goes_on(stage: Stage) -> None:
    restored(stage)
    mine = "20261122t2300z-ee55aa"
    databases = stage.database.databases
    databases[names.kept("ampora", mine)], databases["ampora"] = databases["ampora"], databases.pop(KEPT)
    record(stage.cluster, journal(run=mine, kind="swap_back", plan={"of": BACK, "current": PREVIOUS, "target": CURRENT}))
    stage.cluster.objects["Deployment", "ampora-web"]["spec"]["replicas"] = 0
    result = stage.run("swap_back", run=BACK)
    assert not any(event.startswith("swap database") for event in stage.cluster.writes)
    assert (stage.image(), result["replicas"]["available"]) == (f"{IMAGE}@{NEW_DIGEST}", 3)


def test_a_run_that_has_not_recorded_what_ran(stage: Stage) -> None:
    restored(stage, current={"version": "", "image": "", "digest": ""})
    result = stage.run("swap_back", run=BACK)
    assert result["msg"].startswith(f"The run {BACK} has not recorded what ran before it")
    assert stage.cluster.writes == []


@pytest.mark.parametrize("action", ["route", "swap_back"])
def test_a_database_that_is_gone(stage: Stage, action: str) -> None:
    restored(stage)
    del stage.database.databases[KEPT]
    result = stage.run("route", swap_back=BACK) if action == "route" else stage.run("swap_back", run=BACK)
    assert result["msg"] == (
        f"No database is kept of the run {BACK}; kept are those of no run."
        " Next: Look at that run's report: an undo swaps nothing, and release.yml drops what was kept."
    )
    assert stage.cluster.writes == []
