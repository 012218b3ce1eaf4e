# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a GitOps controller says of the object by which it keeps a deployment: where it stands, and whether it gave up.

Sources: Argo CD's Application (status.sync, status.health, status.operationState, status.conditions) and Flux's
Kustomization (condition Ready, status.lastAppliedRevision).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Object = Mapping[str, Any]
_LONGEST = 300


@dataclass(frozen=True)
class OwnerState:
    """`words` for a live line; `failure` is the controller's own reason for not going on, and empty while it does."""

    words: str
    failure: str = ""


def owner_state(kind: str, item: Object) -> OwnerState:
    """The state of an Application (Argo CD) or a Kustomization (Flux)."""
    return _argocd(item) if kind == "Application" else _flux(item)


def refresh_annotations(kind: str, moment: str) -> dict[str, str]:
    """What asks the controller to look at Git now instead of at its next turn; `moment` makes Flux see it as new."""
    return {"argocd.argoproj.io/refresh": "hard"} if kind == "Application" else {"reconcile.fluxcd.io/requestedAt": moment}


def _argocd(item: Object) -> OwnerState:
    status = item.get("status") or {}
    sync, health = status.get("sync") or {}, status.get("health") or {}
    operation = status.get("operationState") or {}
    words = f"Argo CD: {sync.get('status') or 'not compared yet'}, {health.get('status') or 'no health yet'}{_at(sync.get('revision'))}"
    errors = [str(found.get("message", "")) for found in status.get("conditions") or [] if str(found.get("type", "")).endswith("Error")]
    if operation.get("phase") in ("Failed", "Error"):
        errors.append(str(operation.get("message", "")))
    return OwnerState(_clean(words), _clean("; ".join(filter(None, errors))))


def _flux(item: Object) -> OwnerState:
    status = item.get("status") or {}
    ready: Object = next((found for found in status.get("conditions") or [] if found.get("type") == "Ready"), {})
    words = f"Flux: {ready.get('reason') or 'not reconciled yet'}{_at(status.get('lastAppliedRevision'))}"
    failed = ready.get("status") == "False" and ready.get("reason") not in ("Progressing", "DependencyNotReady")
    return OwnerState(_clean(words), _clean(str(ready.get("message", ""))) if failed else "")


def _at(revision: object) -> str:
    return f" at {str(revision)[:60]}" if revision else ""


def _clean(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)[:_LONGEST]
