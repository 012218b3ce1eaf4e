# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.doubles.database import Content
from tests.unit.doubles.failed_upgrade import APPLIED, upgraded
from tests.unit.doubles.kubelet import End
from tests.unit.doubles.scene import IMAGE, OLD_DIGEST, PREVIOUS, RUN
from tests.unit.doubles.stage import Stage


def restored(stage: Stage) -> None:
    """The snapshot is whole, and what the restore's Job leaves on the server."""
    log = f"ampora-file: {'b' * 64} 12 dump/toc.dat\nampora-count: 1\nampora-restored: 1\n"
    stage.kubelet.ends["restore"] = End(logs={"restore": log})
    run = stage.cluster.after["create Job"]

    def restore(job: Any) -> None:
        container = job["spec"]["template"]["spec"]["containers"][0]
        if container["name"] == "restore":
            env = {entry["name"]: entry.get("value") for entry in container["env"]}
            stage.database.databases[env["PGDATABASE"]] = Content({"public.agents": 200}, APPLIED)
        run(job)

    stage.cluster.after["create Job"] = restore


def test_restore(stage: Stage) -> None:
    upgraded(stage, migrated=True)
    restored(stage)
    result = stage.run("restore", accept_data_loss=RUN)
    assert (result["changed"], result["snapshot"], result["lost_rows"]) == (True, RUN, {"public.agents": 7})
    assert stage.image() == f"{IMAGE}@{OLD_DIGEST}"
    assert stage.database.databases["ampora"].migrations == APPLIED
    assert stage.database.databases[result["kept_database"]].rows == {"public.agents": 207}
    assert stage.journals()[0] == ("restore", "ended", [("restore", "ended")])
    assert stage.said()[-1] == (f"restore: 1.4.2 runs on the snapshot {RUN}; the replaced database is kept as {result['kept_database']}")


@pytest.mark.parametrize("consent", [RUN, ""])
def test_restore_in_check_mode(stage: Stage, consent: str) -> None:
    upgraded(stage, migrated=True)
    result = stage.run("restore", check=True, accept_data_loss=consent)
    assert (result["changed"], result["snapshot"]) == (True, RUN)
    assert stage.said() == [f"restore: would restore {RUN} and start {PREVIOUS['image']}"]


@pytest.mark.parametrize(("migrated", "consent"), [(True, ""), (True, "true"), (False, RUN)])
def test_a_restore_without_route_or_consent_touches_nothing(stage: Stage, migrated: bool, consent: str) -> None:
    upgraded(stage, migrated=migrated)
    assert stage.run("restore", accept_data_loss=consent)["failed"]
    assert stage.cluster.writes == []
