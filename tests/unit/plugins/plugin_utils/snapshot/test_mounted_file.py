# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.mounted_file import mounted_file

from tests.unit.doubles.kubernetes import secret_data
from tests.unit.doubles.scene import deployment

CA = "-----BEGIN CERTIFICATE-----"


def found(path: str, volume: dict[str, Any], **mount: Any) -> str | None:
    cluster = deployment()
    cluster.add("ConfigMap", {"metadata": {"name": "authorities"}, "data": {"ca.crt": CA}})
    cluster.add("Secret", {"metadata": {"name": "tls"}, "data": secret_data({"ca.crt": CA})})
    body = cluster.deployment()
    pod = body["spec"]["template"]["spec"]
    pod["volumes"] = [{"name": "ca", **volume}]
    cluster.container(body)["volumeMounts"] = [{"name": "ca", "mountPath": "/etc/ssl/db", **mount}]
    return mounted_file(cluster, body, path)


@pytest.mark.parametrize(
    ("path", "volume", "mount"),
    [
        ("/etc/ssl/db/ca.crt", {"configMap": {"name": "authorities"}}, {}),
        ("/etc/ssl/db/ca.crt", {"secret": {"secretName": "tls"}}, {}),
        ("/etc/ssl/db/ca.crt", {"projected": {"sources": [{"configMap": {"name": "other"}}, {"secret": {"name": "tls"}}]}}, {}),
        ("/etc/ssl/db/root.pem", {"secret": {"secretName": "tls", "items": [{"key": "ca.crt", "path": "root.pem"}]}}, {}),
        ("/root.crt", {"configMap": {"name": "authorities"}}, {"mountPath": "/root.crt", "subPath": "ca.crt"}),
    ],
)
def test_a_file_of_a_config_map_or_a_secret(path: str, volume: dict[str, Any], mount: dict[str, Any]) -> None:
    assert found(path, volume, **mount) == CA


@pytest.mark.parametrize(
    ("path", "volume"),
    [
        ("/etc/ssl/other/ca.crt", {"configMap": {"name": "authorities"}}),
        ("/etc/ssl/db/other.crt", {"configMap": {"name": "authorities"}}),
        ("/etc/ssl/db/ca.crt", {"configMap": {"name": "gone"}}),
        ("/etc/ssl/db/ca.crt", {"secret": {"secretName": "tls", "items": [{"key": "ca.crt", "path": "root.pem"}]}}),
        ("/etc/ssl/db/ca.crt", {"emptyDir": {}}),
    ],
)
def test_a_file_that_comes_from_somewhere_else(path: str, volume: dict[str, Any]) -> None:
    assert found(path, volume) is None
