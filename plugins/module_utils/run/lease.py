# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who works on a deployment: a coordination.k8s.io Lease, as plain JSON.

The objects keep their resourceVersion, so that the API server refuses the write when somebody else was faster. Every
change of the holder raises leaseTransitions, which is the fencing token: a run that finds another number than its own
has lost the lease and must not change anything more.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run.timestamp import parse, text

RUN_ANNOTATION = "upgrades.ampora.io/run"


def try_acquire(
    lease: Mapping[str, Any] | None, *, holder: str, run: str, now: datetime, duration: int
) -> tuple[dict[str, Any] | None, str]:
    """The object to write, or None and who holds the lease until when; duration in seconds."""
    taken: dict[str, Any] = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"} if lease is None else copy.deepcopy(dict(lease))
    spec = _spec(taken)
    before = spec.get("holderIdentity") or ""
    if before and before != holder and (reason := _held(taken, now)):
        return None, reason
    if before != holder:
        spec["acquireTime"] = text(now)
        spec["leaseTransitions"] = 0 if lease is None else fencing_token(taken) + 1
    taken["spec"] = {**spec, "holderIdentity": holder, "leaseDurationSeconds": duration, "renewTime": text(now)}
    metadata = dict(taken.get("metadata") or {})
    taken["metadata"] = {**metadata, "annotations": {**(metadata.get("annotations") or {}), RUN_ANNOTATION: run}}
    return taken, ""


def renew(lease: Mapping[str, Any], *, holder: str, now: datetime) -> dict[str, Any]:
    """The lease held on for another term; an error when it has gone to somebody else."""
    return _changed(lease, holder, {"renewTime": text(now)})


def release(lease: Mapping[str, Any], *, holder: str, now: datetime) -> dict[str, Any]:
    """The lease given back; it keeps its transitions, so that no token is ever used twice."""
    return _changed(lease, holder, {"holderIdentity": "", "renewTime": text(now)})


def fencing_token(lease: Mapping[str, Any]) -> int:
    """How often the lease has changed hands."""
    return int(_spec(lease).get("leaseTransitions") or 0)


def expires_at(lease: Mapping[str, Any]) -> datetime | None:
    """When the holder's term ends; None when the lease does not say."""
    spec = _spec(lease)
    renewed, duration = parse(spec.get("renewTime")), spec.get("leaseDurationSeconds")
    return renewed + timedelta(seconds=duration) if renewed and isinstance(duration, int) else None


def _held(lease: Mapping[str, Any], now: datetime) -> str:
    """Who holds the lease now, in words; empty when the term is over."""
    holder = _spec(lease)["holderIdentity"]
    until = expires_at(lease)
    if until is None:
        return f"{holder} holds the lease, which does not say until when; delete the Lease if nobody works here"
    if now >= until:
        return ""
    run = ((lease.get("metadata") or {}).get("annotations") or {}).get(RUN_ANNOTATION)
    return f"{holder}{f' (run {run})' if run else ''} holds the lease until {until:%Y-%m-%dT%H:%M:%SZ}"


def _changed(lease: Mapping[str, Any], holder: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    now_held_by = _spec(lease).get("holderIdentity") or "nobody"
    if now_held_by != holder:
        raise UpgradeError(f"The lease of {holder} is lost: {now_held_by} holds it.", next_step="Look at that run's journal first.")
    changed = copy.deepcopy(dict(lease))
    changed["spec"] = {**_spec(changed), **changes}
    return changed


def _spec(lease: Mapping[str, Any]) -> dict[str, Any]:
    return dict(lease.get("spec") or {})
