# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.foreign import Applied, applied, check

IMAGE = "reg.example/web@sha256:" + "a" * 64


def deployment(image: str = IMAGE, managers: list[tuple[str, str]] | None = None, **container: Any) -> dict[str, Any]:
    owned: dict[str, Any] = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"web"}': {"f:image": {}}}}}}}
    entries = [{"manager": name, "time": moment, "fieldsV1": owned} for name, moment in managers or []]
    spec = {"containers": [{"name": "web", "image": image, **container}, {"name": "sidecar", "image": "envoy:1"}]}
    return {"metadata": {"name": "web", "managedFields": entries}, "spec": {"template": {"spec": spec}}}


@pytest.fixture
def was() -> Applied:
    return applied(deployment(), "web", IMAGE)


def test_as_it_was_applied(was: Applied) -> None:
    assert check(deployment(), was) == ()


def test_other_fields_are_named_without_their_values(was: Applied) -> None:
    found = deployment(env=[{"name": "A", "value": "secret"}], resources={"limits": {"memory": "1Gi"}})
    assert check(found, was) == ("spec.containers[web].env", "spec.containers[web].resources")


@pytest.mark.parametrize(
    ("managers", "by"),
    [
        ([], "was changed while it rolled: it is"),
        (
            [("kubectl", "2026-01-01T00:00:00Z"), ("kubectl-set", "2026-01-02T00:00:00Z")],
            'by "kubectl-set" while it rolled (at 2026-01-02T',
        ),
        ([("a\x1b[2J", "")], 'by "a?[2J" while it rolled: it is'),
    ],
)
def test_another_image_stops_and_names_who_wrote_it(was: Applied, managers: list[tuple[str, str]], by: str) -> None:
    with pytest.raises(UpgradeError) as error:
        check(deployment("reg.example/web:old", managers), was)
    assert by in error.value.message
    assert error.value.message.endswith(f"it is reg.example/web:old and {IMAGE} was applied.")
    assert error.value.evidence == ("spec.containers[web].image",)


def test_a_container_that_is_gone(was: Applied) -> None:
    found = deployment()
    del found["spec"]["template"]["spec"]["containers"][0]
    with pytest.raises(UpgradeError, match=f"it is gone and {IMAGE} was applied"):
        check(found, was)
