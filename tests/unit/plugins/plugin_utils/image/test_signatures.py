# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image import signatures

from tests.unit.doubles.kubernetes import secret_data
from tests.unit.doubles.registry_server import auth_file
from tests.unit.doubles.scene import deployment

IMAGE = parse("reg.example/a/b@sha256:" + "a" * 64)
REGISTRY = {"plain_http": True, "auth_file": "", "pull_secrets": True, "mirrors": {}, "timeout": 5}


def test_nobody_is_asked_where_nothing_is_asked_for() -> None:
    none = {"key": "", "identity": "", "issuer": ""}
    assert signatures.verify(deployment("x"), IMAGE, "1.5.0", {"signature": none, "registry": REGISTRY}) == {}


def test_cosign_gets_the_credentials_of_the_pods(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = deployment("reg.example/a/b:1.4.2")
    cluster.objects["Deployment", "ampora-web"]["spec"]["template"]["spec"]["imagePullSecrets"] = [{"name": "pull"}]
    cluster.add("Secret", {"metadata": {"name": "pull"}, "data": secret_data({".dockerconfigjson": auth_file("reg.example", "pw")})})
    seen: dict[str, Any] = {}

    class Recorder:
        def __init__(self, options: Any, **more: Any) -> None:
            seen.update(more, options=options)

        def verify(self, image: Any, version: str) -> dict[str, Any]:
            return {"image": str(image), "version": version}

    monkeypatch.setattr(signatures, "Cosign", Recorder)
    options = {"key": "", "identity": "me", "issuer": "https://id.example"}
    assert signatures.verify(cluster, IMAGE, "1.5.0", {"signature": options, "registry": REGISTRY}) == {
        "image": str(IMAGE),
        "version": "1.5.0",
    }
    assert (seen["plain_http"], list(seen["config"]["auths"])) == (True, ["reg.example"])
