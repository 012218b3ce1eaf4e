# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import Deployed, read_deployed, running_digest

from tests.unit.doubles.kubernetes import Kubernetes, pod
from tests.unit.doubles.registry_server import RegistryServer
from tests.unit.doubles.scene import OLD_DIGEST, deployment

OPTIONS: dict[str, Any] = {"plain_http": True, "auth_file": "", "timeout": 5, "pull_secrets": True, "mirrors": {}}
REPOSITORY = "ampora/ampora-web"


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    found = RegistryServer()
    with found:
        yield found


def read(cluster: Kubernetes, stated: str = "") -> Deployed:
    found = read_deployed(cluster, OPTIONS, stated)
    assert cluster.writes == []
    return found


def pods(cluster: Kubernetes, *image_ids: str) -> None:
    for number, image_id in enumerate(image_ids):
        cluster.add("Pod", pod(str(number), image_id=image_id))


def test_the_version_by_the_tag_and_the_digest_by_the_pods(server: RegistryServer) -> None:
    cluster = deployment(f"{server.host}/{REPOSITORY}:v1.4.2")
    pods(cluster, *[f"{server.host}/{REPOSITORY}@{OLD_DIGEST}"] * 3)
    found = read(cluster)
    assert found.to_dict() == {
        "version": "1.4.2",
        "image": f"{server.host}/{REPOSITORY}:v1.4.2",
        "digest": OLD_DIGEST,
        "revision": "4",
        "replicas": 3,
    }
    assert server.requests == [], "nothing has to be asked"


def test_the_version_of_a_pinned_image_is_in_its_label(server: RegistryServer) -> None:
    digest = server.image("1.4.2")[0]
    found = read(deployment(f"{server.host}/{REPOSITORY}@{digest}"))
    assert (found.version, found.digest, found.reference) == ("1.4.2", digest, parse(f"{server.host}/{REPOSITORY}@{digest}"))


def test_the_label_of_what_runs_and_not_of_what_the_tag_is_now(server: RegistryServer) -> None:
    old = server.image("latest", "1.4.2")[0]
    server.image("latest", "1.5.0")
    cluster = deployment(f"{server.host}/{REPOSITORY}:latest")
    pods(cluster, *[f"{server.host}/{REPOSITORY}@{old}"] * 3)
    assert (read(cluster).version, read(cluster).digest) == ("1.4.2", old)


def test_the_digest_by_the_registry_when_the_pods_do_not_agree(server: RegistryServer) -> None:
    digest = server.image("1.4.2")[0]
    cluster = deployment(f"{server.host}/{REPOSITORY}:1.4.2")
    pods(cluster, f"x@{OLD_DIGEST}", f"x@{digest}")
    assert read(cluster).digest == digest


def test_a_stated_version_counts(server: RegistryServer) -> None:
    digest = server.manifest("latest", "")
    found = read(deployment(f"{server.host}/{REPOSITORY}:latest"), "1.4.2")
    assert (found.version, found.digest) == ("1.4.2", digest)


def test_a_version_that_cannot_be_told(server: RegistryServer) -> None:
    server.manifest("latest", "")
    with pytest.raises(UpgradeError) as error:
        read(deployment(f"{server.host}/{REPOSITORY}:latest"))
    assert str(error.value) == (
        f"The running version cannot be told: the image {server.host}/{REPOSITORY}:latest has no version tag and no"
        " org.opencontainers.image.version label. Next: Set ampora_current_version."
    )


def test_a_stated_version_that_is_none(server: RegistryServer) -> None:
    server.image("1.4.2")
    with pytest.raises(UpgradeError, match=r'^ampora_current_version is "1\.4", which is not a version by Semantic Versioning'):
        read(deployment(f"{server.host}/{REPOSITORY}:1.4.2"), "1.4")


def test_replicas_left_to_their_default(server: RegistryServer) -> None:
    server.image("1.4.2")
    cluster = deployment(f"{server.host}/{REPOSITORY}:1.4.2")
    del cluster.objects["Deployment", "ampora-web"]["spec"]["replicas"]
    del cluster.objects["Deployment", "ampora-web"]["metadata"]["annotations"]
    found = read(cluster)
    assert (found.replicas, found.revision) == (1, "")


@pytest.mark.parametrize(
    ("image_ids", "expected"),
    [
        ([f"docker-pullable://x@{OLD_DIGEST}"] * 2, OLD_DIGEST),
        ([f"x@{OLD_DIGEST}", "x@sha256:" + "b" * 64], ""),
        (["x@sha256:short"], ""),
        (["sha256:" + "a" * 64], ""),
        ([""], ""),
        ([], ""),
    ],
)
def test_the_one_digest_that_runs(image_ids: list[str], expected: str) -> None:
    assert running_digest([pod(str(number), image_id=one) for number, one in enumerate(image_ids)], "ampora-web") == expected


def test_other_containers_do_not_count() -> None:
    assert running_digest([pod("a", image_id=f"x@{OLD_DIGEST}")], "sidecar") == ""
