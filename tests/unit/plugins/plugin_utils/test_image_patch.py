# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.ampora.upgrades.plugins.plugin_utils.image_patch import patch_image, previous_image, scale

from tests.unit.doubles.scene import IMAGE, OLD_DIGEST, PREVIOUS, deployment


def test_the_previous_image_is_by_digest() -> None:
    assert previous_image(PREVIOUS) == f"{IMAGE}@{OLD_DIGEST}"


def test_an_image_is_put_into_its_container_and_nothing_else() -> None:
    cluster = deployment()
    before = cluster.deployment()
    before["spec"]["template"]["spec"]["containers"].append({"name": "sidecar", "image": "envoy:1"})
    cluster.add("Deployment", before)
    assert patch_image(cluster, f"{IMAGE}:1.5.0")
    assert cluster.bodies == [
        (
            "patch Deployment",
            {"spec": {"template": {"spec": {"containers": [{"name": "ampora-web", "image": f"{IMAGE}:1.5.0"}]}}}},
        )
    ]
    after = cluster.deployment()
    assert [entry["image"] for entry in after["spec"]["template"]["spec"]["containers"]] == [f"{IMAGE}:1.5.0", "envoy:1"]


def test_an_image_that_is_there_already_is_not_written() -> None:
    cluster = deployment(f"{IMAGE}:1.5.0")
    assert not patch_image(cluster, f"{IMAGE}:1.5.0")
    assert cluster.writes == []


def test_scaling_goes_by_the_scale_subresource() -> None:
    cluster = deployment()
    scale(cluster, 0)
    assert cluster.bodies == [("patch Deployment/scale", {"spec": {"replicas": 0}})]
