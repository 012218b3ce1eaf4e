# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What applying the overlay would bring beside the image, who brings it, and whether the image runs on these nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.selector import selects

Object = Mapping[str, Any]
_SHOWN, _MOST_EVIDENCE = 5, 200
# Who writes the image where GitOps brings it.
GITOPS_MANAGERS = frozenset({"argocd-controller", "argocd-application-controller", "kustomize-controller"})


def judge_changes(changes: Sequence[str]) -> list[Finding]:
    """The overlay must bring the image and nothing else, or a person knows what."""
    if not changes:
        return []
    more = f" and {len(changes) - _SHOWN} more" if len(changes) > _SHOWN else ""
    text = (
        f"Beside the image, applying the overlay changes {'; '.join(changes[:_SHOWN])}{more}: the upgrade would not be the only thing that"
        " changes. Apply the overlay first, or take the change out of it; or acknowledge that both come at once."
    )
    return [Finding("overlay-changes", "ack", text, evidence=tuple(changes[:_MOST_EVIDENCE]))]


def node_platforms(nodes: Sequence[Object], deployment: Object) -> tuple[str, ...]:
    """os/architecture of the nodes on which the pods may be, by the template's nodeSelector."""
    wanted = {"matchLabels": deployment["spec"]["template"]["spec"].get("nodeSelector") or {}}
    fitting = [node for node in nodes if selects(wanted, node["metadata"].get("labels") or {})]
    infos = [(node.get("status") or {}).get("nodeInfo") or {} for node in fitting]
    found = {
        f"{info['operatingSystem']}/{info['architecture']}" for info in infos if info.get("operatingSystem") and info.get("architecture")
    }
    return tuple(sorted(found))


def judge_platforms(version: str, platforms: Sequence[str], nodes: Sequence[str]) -> list[Finding]:
    """Whether the image has a manifest for the nodes; an image or a cluster that does not say is not judged."""
    lacking = [node for node in nodes if node not in platforms]
    if not (platforms and lacking):
        return []
    has = ", ".join(sorted(set(platforms)))
    if len(lacking) == len(nodes):
        text = (
            f"The image of {version} is for {has}, and the nodes are {', '.join(nodes)}: no pod of it could start. Use an image for them."
        )
        return [Finding("platform-missing", "block", text)]
    text = (
        f"The image of {version} is for {has}, and some nodes are {', '.join(lacking)}: a pod that lands there cannot start. Keep them off"
        " by a nodeSelector (kubernetes.io/arch), or use an image for them."
    )
    return [Finding("platform-missing", "ack", text)]


def judge_commits(dirty: Sequence[str], *, commits: bool) -> list[Finding]:
    """What the overlay's work tree has beside the last commit: it would be applied, and nobody has reviewed it."""
    if not dirty:
        return []
    what = f"{len(dirty)} changes that are not committed: {'; '.join(line.strip() for line in dirty[:3])}"
    if commits:
        text = f"The overlay's work tree has {what}. The upgrade's commit is to be the pin and nothing else; commit or undo them."
        return [Finding("overlay-not-committed", "block", text, evidence=tuple(dirty[:20]))]
    text = f"The overlay's work tree has {what}. The upgrade would apply them; commit or undo them, or acknowledge."
    return [Finding("overlay-not-committed", "ack", text, evidence=tuple(dirty[:20]))]


def judge_gitops(deployment: Object, *, owned: bool, pushes: bool) -> list[Finding]:
    """With ampora_apply=gitops somebody must bring what is committed, and somebody must commit it."""
    name = deployment["metadata"]["name"]
    findings = []
    if not owned:
        text = (
            f"ampora_apply is gitops, and the Deployment {name} carries no mark of Argo CD or Flux: nobody may bring the new image, and the"
            " upgrade would wait in vain. Set ampora_apply to kubectl, or acknowledge when another tool brings it."
        )
        findings.append(Finding("no-gitops-owner", "ack", text))
    if not pushes:
        text = (
            "ampora_apply is gitops, and ampora_overlay_git does not commit and push: the upgrade waits until a person has brought the pin"
            " into Git. Set {commit: true, push: true}, or do it in time (ampora_gitops_timeout)."
        )
        findings.append(Finding("gitops-without-push", "info", text))
    return findings
