# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing the image by Git; applying it is in the tests of the action `rollout`."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import Overlay
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.applying import Applying

from tests.unit.doubles.clock import Point
from tests.unit.doubles.kubectl import FakeKubectl
from tests.unit.doubles.scene import NEW_DIGEST, deployment

IMAGE = f"reg.example/ampora/ampora-web@{NEW_DIGEST}"
GITOPS: dict[str, Any] = {
    "apply": "gitops",
    "gitops": {"kind": "Application", "namespace": "", "name": ""},
    "gitops_timeout": 5,
}


@pytest.mark.parametrize(("live", "changed"), [(IMAGE, False), ("reg.example/ampora/ampora-web:1.4.2", True)])
def test_git_brings_it_and_kubectl_is_never_asked(tmp_path: Any, live: str, changed: bool) -> None:
    cluster, kubectl, point = deployment(live), FakeKubectl(tmp_path), Point()
    overlay = Overlay(tmp_path, "ampora-web", str(kubectl.path))

    def arrive(_number: int) -> None:
        cluster.objects["Deployment", "ampora-web"]["spec"]["template"]["spec"]["containers"][0]["image"] = IMAGE

    point.at_pause = arrive
    applying = Applying(cluster, overlay, "", IMAGE, GITOPS)
    assert applying.predict() == {"changed": changed, "objects": [], "besides_image": [], "image": IMAGE}
    lines, was = applying.bring({}, point, lambda _line: None)
    assert lines == [f"deployment/ampora-web {'configured' if changed else 'unchanged'}"]
    assert (was.image, was.container) == (IMAGE, "ampora-web")
    assert (kubectl.calls(), cluster.writes) == ([], [])
