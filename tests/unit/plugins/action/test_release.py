# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback import names
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.kept import Kept, find_kept, needed_by
from ansible_collections.ampora.upgrades.plugins.plugin_utils.wayback.kept_content import snapshots_that_stay

from tests.unit.doubles.database import Content, MemoryDatabase, MemoryServer
from tests.unit.doubles.failed_upgrade import upgraded
from tests.unit.doubles.scene import NOW, RUN, journal, keep, manifest, record
from tests.unit.doubles.stage import Stage

BACK, OTHER = "20261122t2200z-cd34ef", "20261122t2300z-aa11bb"
KEPT = names.kept("ampora", BACK)
UNFINISHED = names.beside("ampora", OTHER)


@pytest.fixture
def kept(stage: Stage) -> Stage:
    """A rollback has kept the database of the upgrade, and a later one broke off while it restored."""
    upgraded(stage, migrated=True)
    databases = stage.database.databases
    databases[KEPT] = databases["ampora"]
    databases[KEPT].admits = False
    databases["ampora"] = Content({"public.agents": 200}, ["1_first", "2_second"])
    databases[UNFINISHED] = Content({"public.agents": 50}, [])
    databases["ampora_seed"] = Content()
    found = journal(("restore", {"kept_database": KEPT, "snapshot": RUN}), run=BACK, kind="rollback", plan={"of": RUN})
    record(stage.cluster, found.close(NOW, "rolled back"))
    return stage


def test_without_a_run_everything_is_shown_and_nothing_dropped(kept: Stage) -> None:
    before = dict(kept.database.databases)
    result = kept.run("release")
    assert (result["changed"], result["dropped"], result["snapshots"]) == (False, [], [RUN])
    assert [(one["name"], one["rows"], one["newer_rows"]) for one in result["databases"]] == [
        (KEPT, 207, {"public.agents": 7}),
        (UNFINISHED, 50, {}),
    ]
    assert kept.said() == [
        f"release: {KEPT}: 7000000 bytes, kept since 2026-11-22T21:40:00Z, 207 rows in 1 tables;"
        " rows newer than the snapshot that took its place: public.agents 7",
        f"release: {UNFINISHED}: 7000000 bytes, an unfinished restore since a run without a journal, 50 rows in 1 tables;"
        " rows newer than the snapshot that took its place: not known",
        "release: nothing is dropped: name a run with -e ampora_run_id=RUN",
    ]
    assert kept.database.databases == before
    assert not kept.database.databases[KEPT].admits
    assert kept.cluster.writes == []


def test_the_named_one_is_dropped(kept: Stage) -> None:
    result = kept.run("release", run=BACK)
    assert (result["changed"], result["dropped"]) == (True, [KEPT])
    assert set(kept.database.databases) == {"ampora", UNFINISHED, "ampora_seed"}
    assert kept.said()[-1] == f"release: dropped {KEPT}; these snapshots stay: {RUN}"
    assert kept.journals()[0] == ("release", "ended", [("release", "ended")])
    again = kept.run("release", run=BACK)
    assert (again["changed"], again["dropped"]) == (False, [])
    assert kept.said()[-1] == f"release: the run {BACK} has kept no database (any more)"


def test_check_mode(kept: Stage) -> None:
    result = kept.run("release", check=True, run=BACK)
    assert (result["changed"], result["dropped"]) == (True, [KEPT])
    assert KEPT in kept.database.databases
    assert kept.said()[-1] == f"release: would drop {KEPT}; these snapshots stay: {RUN}"


@pytest.mark.parametrize(
    ("kind", "run", "of"), [("rollback", BACK, RUN), ("swap_back", OTHER, BACK)], ids=["its own run", "a run that swaps it back"]
)
def test_what_an_open_run_needs_stays(kept: Stage, kind: str, run: str, of: str) -> None:
    record(kept.cluster, journal(run=run, kind=kind, plan={"of": of}))
    result = kept.run("release", run=BACK)
    assert result["msg"].startswith(f"{KEPT} is needed by the run {run}, which has not ended.")
    assert KEPT in kept.database.databases


def test_a_kept_database_that_cannot_be_read_is_shut_again(kept: Stage) -> None:
    kept.database.failures["rows"] = UpgradeError("It is damaged.")
    assert kept.run("release", run=BACK)["msg"] == "It is damaged."
    assert not kept.database.databases[KEPT].admits


@pytest.mark.parametrize("live", ["ampora", "a" * 60])
def test_only_what_runs_of_this_database_have_made_is_found(live: str) -> None:
    database = MemoryDatabase()
    ours = [names.kept(live, BACK), names.beside(live, OTHER)]
    for name in (live, *ours, f"{live[:20]}_failed_{BACK}", "postgres", names.kept("other", BACK)):
        database.databases[name] = Content()
    found = find_kept(MemoryServer(database), live)
    assert [(one.name, one.run, one.replaced) for one in found] == [(ours[0], BACK, True), (ours[1], OTHER, False)]


def test_a_run_that_has_ended_needs_nothing() -> None:
    one = Kept(KEPT, BACK, 1, True, True)
    assert needed_by(one, [journal(run=BACK).close(NOW, "held")]) == ""
    assert needed_by(one, [journal(run=OTHER)]) == ""


def test_the_snapshots_that_stay_are_the_deployments_own(kept: Stage) -> None:
    keep(kept.cluster, manifest(id="20261121t2140z-ab12cd"))
    kept.cluster.add("ConfigMap", {"metadata": {"name": "upgrade-snapshot-of-nobody"}})
    assert snapshots_that_stay(kept.cluster) == ["20261121t2140z-ab12cd", RUN]
