# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who else writes this Deployment: a change by `kubectl apply` lasts only as long as nobody takes it back.

Sources: the tracking metadata that each tool documents, and the API's own record of field managers (metadata.managedFields).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding

# Each tool's own mark on an object that it keeps (annotation or label), the tool, and how to make it stand still.
_MARKS = (
    ("argocd.argoproj.io/tracking-id", "Argo CD", "Set ampora_apply to gitops, or turn its automatic sync off"),
    ("argocd.argoproj.io/instance", "Argo CD", "Set ampora_apply to gitops, or turn its automatic sync off"),
    ("kustomize.toolkit.fluxcd.io/name", "Flux (Kustomization)", "Set ampora_apply to gitops, or suspend it"),
    ("helm.toolkit.fluxcd.io/name", "Flux (HelmRelease)", "Suspend it"),
    ("meta.helm.sh/release-name", "Helm", "See that nobody upgrades the release meanwhile"),
    ("objectset.rio.cattle.io/owner-name", "Rancher", "Pause its bundle"),
    ("kapp.k14s.io/app", "kapp", "See that nobody deploys it meanwhile"),
    ("config.k8s.io/owning-inventory", "an inventory of cli-utils", "See that nobody applies it meanwhile"),
)
_FLUX_OFF = "kustomize.toolkit.fluxcd.io/reconcile"
# Argo CD's oldest way of tracking is a common label, so it counts only when Argo CD has written the object.
_COMMON_LABEL = "app.kubernetes.io/instance"
# kubectl's two kinds of apply, and the collection's own patches, which carry the Python client's name.
OUR_MANAGERS = frozenset({"kubectl-client-side-apply", "kubectl", "OpenAPI-Generator"})
_DEEPEST_KEY = 1000  # characters of a key of managedFields that is read as JSON


def judge_owner(deployment: Mapping[str, Any]) -> list[Finding]:
    """One finding for each tool that keeps the Deployment and would put its own image back."""
    metadata = deployment["metadata"]
    findings: dict[str, Finding] = {}
    for mark, owner, step, value in _owners(metadata):
        text = (
            f"The Deployment {metadata['name']} belongs to {owner} ({mark} is {quote(value)}), which may put its own image back during the"
            f" upgrade. {step}, and bring the new image to its source; then acknowledge."
        )
        findings.setdefault(owner, Finding("other-owner", "ack", text, evidence=(f"{mark}={value}"[:500],)))
    return list(findings.values())


def _owners(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Mark, owner, what to do, and the mark's value."""
    annotations = metadata.get("annotations") or {}
    marks = {**(metadata.get("labels") or {}), **annotations}
    flux_is_off = str(annotations.get(_FLUX_OFF, "")).lower() == "disabled"
    for mark, owner, step in _MARKS:
        if marks.get(mark) and not (flux_is_off and mark.startswith("kustomize.toolkit")):
            yield mark, owner, step, str(marks[mark])
    managers = (str(entry.get("manager", "")) for entry in metadata.get("managedFields") or [])
    if marks.get(_COMMON_LABEL) and any(manager.startswith("argocd") for manager in managers):
        yield _COMMON_LABEL, "Argo CD", "Set ampora_apply to gitops, or turn its automatic sync off", str(marks[_COMMON_LABEL])
    for reference in metadata.get("ownerReferences") or []:
        if reference.get("controller"):
            owner = f"the {quote(reference.get('kind'))} {quote(reference.get('name'))}"
            yield "ownerReferences", owner, "Hold its operator", str(reference.get("name"))


def judge_field_managers(deployment: Mapping[str, Any], container: str, allowed: Collection[str] = ()) -> list[Finding]:
    """Whoever else has written the image that is there, and so may write it again."""
    metadata = deployment["metadata"]
    names = {str(entry.get("manager", "")) for entry in image_writers(metadata, container)}
    managers = sorted(name for name in names if name not in OUR_MANAGERS and name not in allowed)
    if not managers:
        return []
    listed = ", ".join(quote(name) for name in managers[:10])
    text = (
        f"The image of the container {container} in the Deployment {metadata['name']} was also written by {listed}"
        " (metadata.managedFields), which may write it again. Find out what it is and hold it; name it in ampora_field_managers when it is"
        " one of yours."
    )
    return [Finding("foreign-field-manager", "ack", text, evidence=tuple(manager[:500] for manager in managers[:20]))]


def image_writers(metadata: Mapping[str, Any], container: str) -> Iterator[Mapping[str, Any]]:
    """The entries of managedFields (manager, time, ...) that own the container's image."""
    for entry in metadata.get("managedFields") or []:
        fields: Any = entry.get("fieldsV1")
        for step in ("f:spec", "f:template", "f:spec", "f:containers"):
            fields = fields.get(step) if isinstance(fields, Mapping) else None
        for key, owned in fields.items() if isinstance(fields, Mapping) else ():
            if isinstance(owned, Mapping) and "f:image" in owned and _names(str(key), container):
                yield entry


def _names(key: str, container: str) -> bool:
    """A list item's key is written k:{"name":"web"}."""
    try:
        named = json.loads(key.removeprefix("k:")) if len(key) <= _DEEPEST_KEY else None
    except (ValueError, RecursionError):
        return False
    return isinstance(named, Mapping) and named.get("name") == container
