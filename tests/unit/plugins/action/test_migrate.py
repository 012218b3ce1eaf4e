# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import History
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError

from tests.unit.doubles.kubectl import rendered
from tests.unit.doubles.kubelet import End
from tests.unit.doubles.scene import PLAN, TARGET, journal, record
from tests.unit.doubles.stage import Stage

JOB = """apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: migrate, image: ampora-web}]}}}
"""
APPLIED = ["1_first", "2_second"]


@pytest.fixture
def job(stage: Stage) -> dict[str, Any]:
    stage.kubectl.answer("kustomize", rendered(f"{stage.name}@{stage.digests['1.5.0']}"))
    (stage.folder / "job.yml").write_text(JOB, encoding="utf-8")
    return {"mode": "job", "job": str(stage.folder / "job.yml")}


@pytest.mark.parametrize(
    ("mode", "line"),
    [
        ("startup", "migrate: the pods migrate when they start; 2 migrations are applied now"),
        ("external", "migrate: the migration is done outside of this run; 2 migrations are applied now"),
    ],
)
def test_somebody_else_migrates(stage: Stage, mode: str, line: str) -> None:
    result = stage.run("migrate", mode=mode)
    assert (result["changed"], result["before"], result["after"]) == (False, APPLIED, APPLIED)
    assert stage.said() == [line]
    assert stage.cluster.writes == []


def test_check_mode(stage: Stage, job: dict[str, Any]) -> None:
    result = stage.run("migrate", check=True, **job)
    assert (result["changed"], result["after"]) == (True, APPLIED)
    assert stage.said() == [f"migrate: would run the migration Job of {job['job']}"]


def test_the_job_runs_the_image_that_the_overlay_pins(stage: Stage, job: dict[str, Any]) -> None:
    def migrate(created: Any) -> None:
        stage.database.databases["ampora"].migrations.append("3_third")
        run(created)

    run = stage.cluster.after["create Job"]
    stage.cluster.after["create Job"] = migrate
    result = stage.run("migrate", **job)
    assert (result["changed"], result["before"], result["after"]) == (True, APPLIED, [*APPLIED, "3_third"])
    made = stage.kubelet.jobs[0]
    digest = stage.digests["1.5.0"]
    assert made["metadata"]["name"] == f"migrate-{digest.removeprefix('sha256:')[:8]}"
    assert made["metadata"]["labels"]["upgrades.ampora.io/run"]
    assert made["spec"]["template"]["spec"]["containers"][0]["image"] == f"{stage.name}@{digest}"
    assert stage.journals() == [("migrate", "ended", [("migrate", "ended")])]
    assert stage.said()[-1] == "migrate: 1 migrations applied by the Job"


def test_nothing_to_migrate_is_no_change(stage: Stage, job: dict[str, Any]) -> None:
    assert not stage.run("migrate", **job)["changed"]


GOOD = "the last good migration, at which the schema stands, is 2_second"
SERVING = "The old version still serves: all 3 pods of {} are available"


@pytest.mark.parametrize(
    ("unreadable", "available", "stand", "serving"),
    [
        (False, 3, GOOD, SERVING),
        (False, 1, GOOD, "Of the old version {} 1 of 3 pods are available"),
        (True, 3, "where the schema stands cannot be read (It is away)", SERVING),
    ],
)
def test_a_failed_job_says_where_the_schema_stands_and_who_serves(
    stage: Stage, job: dict[str, Any], monkeypatch: pytest.MonkeyPatch, unreadable: bool, available: int, stand: str, serving: str
) -> None:
    stage.kubelet.ends["migrate"] = End("Failed", {"migrate": "relation exists\n"})
    stage.cluster.objects["Deployment", "ampora-web"]["status"]["availableReplicas"] = available
    if unreadable:
        monkeypatch.setattr(stage.database, "history", lambda: History("unreadable", words="It is away"))
    result = stage.run("migrate", **job)
    name = stage.kubelet.jobs[0]["metadata"]["name"]
    assert result["msg"] == (
        f"The migration failed; {stand}. {serving.format(stage.image())}. The Job {name} failed: relation exists"
        " Next: Mend the cause and run the same command again, or go back with rollback.yml."
    )
    assert result["evidence"] == ["relation exists"]
    assert stage.journals() == [("migrate", "failed", [("migrate", "failed")])]


def test_a_patch_that_migrates_is_a_finding_after_the_fact(stage: Stage, job: dict[str, Any]) -> None:
    def migrate(created: Any) -> None:
        stage.database.databases["ampora"].migrations.append("3_third")
        run(created)

    record(stage.cluster, journal(plan={**PLAN, "change": "patch", "target": {**TARGET, "version": "1.4.3"}}))
    run = stage.cluster.after["create Job"]
    stage.cluster.after["create Job"] = migrate
    (finding,) = stage.run("migrate", **job)["findings"]
    assert (finding["id"], finding["version"], finding["evidence"]) == ("patch-migrated", "1.4.3", ["+3_third"])
    assert stage.said()[-1].startswith("migrate: [patch-migrated] 1.4.3 is a PATCH and has changed the migration history (+3_third)")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "ampora_migrate_job is {}: No such file or directory. Next: Name the file with your migration Job."),
        ("a: [", "ampora_migrate_job is {}: it is not YAML. Next: Name the file with your migration Job."),
        ("a: 1\n---\nb: 2\n", "ampora_migrate_job is {}: it is not YAML. Next: Name the file with your migration Job."),
        ("kind: Deployment", "ampora_migrate_job does not hold one Job. Next: Write one batch/v1 Job into the file."),
    ],
)
def test_a_file_that_holds_no_job(stage: Stage, text: str | None, message: str) -> None:
    stage.kubectl.answer("kustomize", rendered(f"{stage.name}@{stage.digests['1.5.0']}"))
    path = stage.folder / "other.yml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    result = stage.run("migrate", mode="job", job=str(path))
    assert (result["failed"], result["msg"]) == (True, message.format(path))
    assert stage.kubelet.jobs == []


def test_a_running_migration_stops_it_before_anything(stage: Stage, job: dict[str, Any]) -> None:
    stage.database.failures["migrations"] = UpgradeError("A table is locked: a migration is running now.")
    assert stage.run("migrate", **job)["msg"] == "A table is locked: a migration is running now."
    assert stage.cluster.writes == []
