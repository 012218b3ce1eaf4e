# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statuses as Argo CD 3.2 and Flux 2 write them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.gitops import OwnerState, owner_state, refresh_annotations

SYNCED = {"sync": {"status": "Synced", "revision": "0a1b2c"}, "health": {"status": "Healthy"}, "operationState": {"phase": "Succeeded"}}


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("Application", {}, OwnerState("Argo CD: not compared yet, no health yet")),
        ("Application", SYNCED, OwnerState("Argo CD: Synced, Healthy at 0a1b2c")),
        (
            "Application",
            {"sync": {"status": "Unknown"}, "conditions": [{"type": "ComparisonError", "message": "cannot\nrender"}]},
            OwnerState("Argo CD: Unknown, no health yet", "cannot render"),
        ),
        (
            "Application",
            {**SYNCED, "conditions": [{"type": "OrphanedResourceWarning", "message": "x"}]},
            OwnerState("Argo CD: Synced, Healthy at 0a1b2c"),
        ),
        (
            "Application",
            {"sync": {"status": "OutOfSync"}, "operationState": {"phase": "Failed", "message": "one or more objects failed to apply"}},
            OwnerState("Argo CD: OutOfSync, no health yet", "one or more objects failed to apply"),
        ),
        ("Kustomization", {}, OwnerState("Flux: not reconciled yet")),
        (
            "Kustomization",
            {
                "lastAppliedRevision": "main@sha1:0a",
                "conditions": [{"type": "Ready", "status": "True", "reason": "ReconciliationSucceeded"}],
            },
            OwnerState("Flux: ReconciliationSucceeded at main@sha1:0a"),
        ),
        (
            "Kustomization",
            {"conditions": [{"type": "Ready", "status": "False", "reason": "BuildFailed", "message": "no such file"}]},
            OwnerState("Flux: BuildFailed", "no such file"),
        ),
        (
            "Kustomization",
            {"conditions": [{"type": "Ready", "status": "False", "reason": "Progressing", "message": "waiting"}]},
            OwnerState("Flux: Progressing"),
        ),
    ],
)
def test_state(kind: str, status: dict[str, Any], expected: OwnerState) -> None:
    assert owner_state(kind, {"status": status}) == expected


def test_how_each_is_asked_to_look_now() -> None:
    assert refresh_annotations("Application", "now") == {"argocd.argoproj.io/refresh": "hard"}
    assert refresh_annotations("Kustomization", "now") == {"reconcile.fluxcd.io/requestedAt": "now"}
