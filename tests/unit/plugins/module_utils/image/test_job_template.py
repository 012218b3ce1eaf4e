# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.job_template import MAX_NAME, migration_job

DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"reg.example:5000/ampora/ampora-web@{DIGEST}"
LABELS = {"upgrades.ampora.io/run": "r1"}


def template(image: str = "ampora-web", **metadata: Any) -> dict[str, Any]:
    containers = [{"name": "migrate", "image": image, "args": ["--migrate"]}, {"name": "proxy", "image": "envoy:1"}]
    pod = {"restartPolicy": "Never", "containers": containers}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"} | metadata, "spec": {"template": {"spec": pod}}}


def test_the_job_of_a_version() -> None:
    given = template(namespace="elsewhere", labels={"team": "a"})
    before = copy.deepcopy(given)
    job = migration_job(given, "ampora-web", IMAGE, LABELS)
    assert given == before, "the template is the user's and stays as it is"
    assert job["metadata"] == {"name": "migrate-01234567", "labels": {"team": "a", "upgrades.ampora.io/run": "r1"}}
    assert job["spec"]["backoffLimit"] == 0
    assert [(entry["name"], entry["image"]) for entry in job["spec"]["template"]["spec"]["containers"]] == [
        ("migrate", IMAGE),
        ("proxy", "envoy:1"),
    ]


@pytest.mark.parametrize(
    "image",
    [
        "ampora-web",
        "ampora-web:1.4.2",
        f"ampora-web@{DIGEST}",
        "reg.example:5000/ampora/ampora-web",
        "reg.example:5000/ampora/ampora-web:1.4.2",
        f"reg.example:5000/ampora/ampora-web:1.4.2@{DIGEST}",
    ],
)
def test_a_container_is_ours_by_kustomize_name_or_by_repository(image: str) -> None:
    job = migration_job(template(image), "ampora-web", IMAGE, LABELS)
    assert job["spec"]["template"]["spec"]["containers"][0]["image"] == IMAGE


@pytest.mark.parametrize("image", ["other", "ampora-web-tools:1.4.2", "reg.example:5000/ampora/ampora-web-tools:1", "x/ampora-web", ""])
def test_another_image_is_not_ours(image: str) -> None:
    with pytest.raises(UpgradeError) as error:
        migration_job(template(image), "ampora-web", IMAGE, LABELS)
    assert str(error.value) == (
        "The Job in ampora_migrate_job has no container with the image ampora-web. Next: Give its container the image ampora-web."
    )


def test_init_containers_and_a_chosen_limit() -> None:
    given = template("envoy:1")
    given["spec"]["template"]["spec"]["initContainers"] = [{"name": "first", "image": "ampora-web"}]
    given["spec"]["backoffLimit"] = 2
    job = migration_job(given, "ampora-web", IMAGE, LABELS)
    assert job["spec"]["template"]["spec"]["initContainers"][0]["image"] == IMAGE
    assert job["spec"]["backoffLimit"] == 2


@pytest.mark.parametrize(
    ("image", "name", "expected"),
    [
        (IMAGE, "m" * 80, "m" * MAX_NAME + "-01234567"),
        ("reg.example/ampora-web:1.5.0", "migrate", "migrate-latest"),
    ],
)
def test_the_name_fits_a_label(image: str, name: str, expected: str) -> None:
    given = template(f"{image.partition('@')[0]}", name=name)
    job = migration_job(given, "ampora-web", image, LABELS)
    assert job["metadata"]["name"] == expected
    assert len(expected) <= 63


def test_a_job_without_a_name_of_its_own() -> None:
    given = template()
    del given["metadata"]
    assert migration_job(given, "ampora-web", IMAGE, LABELS)["metadata"] == {"name": "migrate-01234567", "labels": LABELS}


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        "Job",
        {"kind": "Deployment"},
        {"kind": "Job"},
        {"kind": "Job", "spec": None},
        {"kind": "Job", "spec": {"template": {"spec": {}}}},
        {"kind": "Job", "spec": {"template": {"spec": {"containers": ["x"]}}}},
    ],
    ids=str,
)
def test_anything_but_one_job_is_refused(given: object) -> None:
    with pytest.raises(UpgradeError) as error:
        migration_job(given, "ampora-web", IMAGE, LABELS)
    assert str(error.value) == "ampora_migrate_job does not hold one Job. Next: Write one batch/v1 Job into the file."
