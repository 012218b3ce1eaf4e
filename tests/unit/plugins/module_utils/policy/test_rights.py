# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rules grant what, as the RBAC authorizer of Kubernetes decides it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.rights import granted


def rule(verbs: list[str], groups: list[str], resources: list[str], **more: Any) -> dict[str, Any]:
    return {"verbs": verbs, "apiGroups": groups, "resources": resources, **more}


PATCH = ("patch", "apps", "deployments")
SCALE = (*PATCH, "scale")


@pytest.mark.parametrize(
    ("found", "asked", "expected"),
    [
        (rule(["get", "patch"], ["batch", "apps"], ["jobs", "deployments"]), PATCH, True),
        (rule(["*"], ["*"], ["*"]), PATCH, True),
        (rule(["*"], ["*"], ["*"], resourceNames=[]), SCALE, True),
        (rule(["patch"], ["apps"], ["deployments/scale"]), SCALE, True),
        (rule(["patch"], ["apps"], ["*/scale"]), SCALE, True),
        (rule(["patch"], ["apps"], ["deployments"]), SCALE, False),
        (rule(["patch"], ["apps"], ["deployments/scale"]), PATCH, False),
        (rule(["patch"], ["apps"], ["*/scale"]), PATCH, False),
        (rule(["get"], ["apps"], ["deployments"]), PATCH, False),
        (rule(["patch"], [""], ["deployments"]), PATCH, False),
        (rule(["patch"], ["apps"], ["replicasets"]), PATCH, False),
        (rule(["patch"], ["apps"], ["deployments"], resourceNames=["ampora-web"]), PATCH, False),
        (rule(["get"], [""], ["pods"]), ("get", "", "pods"), True),
        ({"verbs": ["patch"], "apiGroups": None}, PATCH, False),
    ],
)
def test_a_rule(found: dict[str, Any], asked: tuple[str, ...], expected: bool) -> None:
    assert granted([rule(["list"], ["x"], ["y"]), found], *asked) is expected


def test_parts_of_several_rules_make_no_right() -> None:
    assert not granted([rule(["patch"], ["apps"], ["jobs"]), rule(["get"], ["apps"], ["deployments"])], *PATCH)
