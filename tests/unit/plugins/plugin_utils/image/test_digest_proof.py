# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.digest_proof import image_ids, prove_pods, prove_run

from tests.unit.doubles.kubernetes import Kubernetes, pod
from tests.unit.doubles.scene import NEW_DIGEST, TARGET, deployment, journal

IMAGE = f"reg.example/ampora/ampora-web@{NEW_DIGEST}"


@pytest.fixture
def cluster() -> Kubernetes:
    found = deployment(IMAGE)
    for number in range(3):
        found.add("Pod", pod(str(number), image_id=IMAGE))
    return found


def test_only_the_applications_own_container_counts(cluster: Kubernetes) -> None:
    sidecar = {"name": "sidecar", "imageID": "envoy@sha256:" + "e" * 64}
    cluster.objects["Pod", "ampora-web-7c9b-0"]["status"]["containerStatuses"].append(sidecar)
    assert image_ids(cluster) == {f"ampora-web-7c9b-{number}": IMAGE for number in range(3)}
    assert prove_pods(cluster, {"target": TARGET}, IMAGE) == image_ids(cluster)


def test_a_pod_of_another_digest(cluster: Kubernetes) -> None:
    cluster.add("Pod", pod("1", image_id="reg.example/ampora/ampora-web@sha256:" + "e" * 64))
    with pytest.raises(UpgradeError, match=f"^Pods run another image than {NEW_DIGEST}"):
        prove_pods(cluster, {}, IMAGE)


@pytest.mark.parametrize(
    ("steps", "footer"),
    [
        ((), "not asked"),
        ((("spot_check", {"pages": [{"name": "Fleet", "version": "v1.5.0"}]}),), "v1.5.0"),
        ((("spot_check", {"mode": "none"}),), "not asked"),
    ],
)
def test_the_sources_of_a_run(cluster: Kubernetes, steps: tuple[tuple[str, dict[str, Any]], ...], footer: str) -> None:
    proof = prove_run(cluster, journal(*steps))
    assert (proof.differences, proof.footer, proof.version) == ((), footer, "1.5.0")
