# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an apply does, or would do, to one object; and what of all of it is more than the image that was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.differences import differences

Object = Mapping[str, Any]

# What the server writes by itself, and kubectl's own copy of what was applied, which changes with every form of the same.
_SERVERS = frozenset({"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp"})
_BOOKKEEPING = ("metadata.annotations.kubectl.kubernetes.io/last-applied-configuration",)
_LONGEST = 300
OVERLAY_CHANGES = "overlay-changes"  # the finding of the plan
EVIDENCE = 20  # lines of it that the journal keeps


@dataclass(frozen=True)
class ObjectChange:
    """One object before (None: it is new) and after; as text "deployment/ampora-web configured"."""

    name: str
    before: Object | None
    after: Object

    @property
    def word(self) -> str:
        """created, configured or unchanged, as kubectl says; kubectl itself says "configured" of a Secret that did not change."""
        if self.before is None:
            return "created"
        return "unchanged" if content(self.before) == content(self.after) else "configured"

    def __str__(self) -> str:
        return f"{self.name} {self.word}"

    def fields(self) -> list[str]:
        """The paths that change; none of an object that is new."""
        if self.before is None:
            return []
        return [path for path in differences(content(self.before), content(self.after)) if path not in _BOOKKEEPING]


def content(item: Object) -> dict[str, Any]:
    """An object without what the server writes by itself."""
    metadata = {key: value for key, value in item["metadata"].items() if key not in _SERVERS}
    return {**item, "metadata": metadata, "status": None}


def besides_image(changes: Iterable[ObjectChange], deployment: str, container: str) -> list[str]:
    """A line for each change that is not the container's image in the Deployment."""
    image = f"spec.template.spec.containers[{container}].image"
    lines = []
    for change in changes:
        if change.before is None:
            lines.append(f"{change.name} is created")
        of_deployment = change.name == f"deployment/{deployment}"
        lines += [f"{change.name}: {path}" for path in change.fields() if not (of_deployment and path == image)]
    return [line[:_LONGEST] for line in lines]


def unexpected(besides: Iterable[str], plan: Mapping[str, Any]) -> list[str]:
    """What of it the run's plan had not found, so that nobody has answered to it; nothing outside of a run.

    The journal keeps the beginning of a long list of evidence: where that is full, the finding stands for all of it.
    """
    found = [finding for finding in plan.get("findings") or [] if finding.get("id") == OVERLAY_CHANGES]
    known = [line for finding in found for line in finding.get("evidence") or []]
    if not plan.get("findings") and not plan.get("decision"):
        return []
    return [] if found and (len(known) >= EVIDENCE or not known) else [line for line in besides if line not in known]
