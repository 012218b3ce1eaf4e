# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError

from tests.unit.doubles.failed_upgrade import upgraded
from tests.unit.doubles.scene import IMAGE, OLD_DIGEST, RUN
from tests.unit.doubles.stage import Stage


def test_undo(stage: Stage) -> None:
    upgraded(stage, migrated=False)
    result = stage.run("undo")
    image = f"{IMAGE}@{OLD_DIGEST}"
    assert (result["changed"], result["image"], result["version"], result["run"]) == (True, image, "1.4.2", RUN)
    assert stage.image() == image
    assert stage.cluster.changed("patch") == ["patch Deployment ampora-web"]
    assert stage.journals()[0] == ("undo", "ended", [("undo", "ended")])
    assert stage.said()[-1] == f"undo: {image} runs again after 1.0 s"


def test_undo_of_what_runs_already_is_no_change(stage: Stage) -> None:
    upgraded(stage, migrated=False)
    stage.run("undo")
    assert not stage.run("undo")["changed"]


def test_undo_by_git_waits_for_the_controller_and_writes_nothing_itself(stage: Stage) -> None:
    upgraded(stage, migrated=False)
    image = f"{IMAGE}@{OLD_DIGEST}"
    writes = list(stage.cluster.writes)

    def bring(_number: int) -> None:
        live = stage.cluster.objects["Deployment", "ampora-web"]
        live["spec"]["template"]["spec"]["containers"][0]["image"] = image
        stage.controller.settle(live)

    stage.point.at_pause = bring
    result = stage.run("undo", apply="gitops")
    assert (result["image"], stage.image()) == (image, image)
    assert f"undo: waiting for {image} to come from Git" in stage.said()
    assert not any("Deployment" in line for line in stage.cluster.writes[len(writes) :])


def test_undo_starts_the_pods_that_a_broken_restore_has_left_stopped(stage: Stage) -> None:
    """A restore that broke off right after its swap: the schema fits again, and nobody runs."""
    upgraded(stage, migrated=False)
    stage.cluster.objects["Deployment", "ampora-web"]["spec"]["replicas"] = 0
    result = stage.run("undo")
    assert (result["changed"], result["replicas"]["available"]) == (True, 3)
    assert stage.cluster.deployment()["spec"]["replicas"] == 3


@pytest.mark.parametrize(("same", "changed"), [(False, True), (True, False)])
def test_undo_in_check_mode(stage: Stage, same: bool, changed: bool) -> None:
    upgraded(stage, migrated=False)
    if same:
        stage.run("undo")
    assert stage.run("undo", check=True)["changed"] is changed


def test_undo_on_another_schema_is_refused(stage: Stage) -> None:
    upgraded(stage, migrated=True)
    result = stage.run("undo")
    assert result["msg"] == (
        f"The schema is migrated since the run {RUN} began (3_third): the previous image does not fit it."
        " Next: Use rollback.yml, which restores the snapshot."
    )
    stage.database.failures["migrations"] = UpgradeError("It cannot be used.")
    assert f"The schema is unknown since the run {RUN} began (It cannot be used)" in stage.run("undo")["msg"]
    assert stage.cluster.writes == []


def test_an_undo_that_gets_stuck(stage: Stage) -> None:
    upgraded(stage, migrated=False)
    stage.controller.idle = True
    result = stage.run("undo", timeout=5)
    assert result["msg"].startswith("The rollout of ampora-web is not complete after 5 s (ampora_rollout_timeout)")
    assert stage.journals()[0] == ("undo", "failed", [("undo", "failed")])
