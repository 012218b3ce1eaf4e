# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digest proof: independent sources that must name one version.

The pods' image ids (by the container runtime), the Deployment's image (by the API), the footer (by the application
itself) and the release notes. A source that was not asked proves nothing, and the proof says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import belongs
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference

NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Proof:
    """`pods` is pod -> image id; `footer` and `notes` are the version that each names, or NOT_ASKED."""

    version: str
    digest: str
    deployment: str
    pods: Mapping[str, str]
    footer: str
    notes: str
    differences: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "agrees": not self.differences,
            "version": self.version,
            "digest": self.digest,
            "deployment": self.deployment,
            "pods": dict(self.pods),
            "footer": self.footer,
            "notes": self.notes,
            "differences": list(self.differences),
        }


def prove(target: Mapping[str, Any], deployment_image: str, pods: Mapping[str, str], footers: Iterable[str], notes: Iterable[str]) -> Proof:
    """All sources against the target of the plan (version, digest, children); a disagreement is told for each of them."""
    version, digest = str(target.get("version", "")), str(target.get("digest", ""))
    footer, noted = sorted(set(footers)), list(notes)
    differences = foreign_pods(pods, digest, target.get("children") or ())
    if not pods:
        differences.append("no pod runs")
    if parse_reference(deployment_image).digest != digest:
        differences.append(f"the Deployment's image is {deployment_image}")
    differences += [f"the footer says {found or 'nothing'}" for found in footer if found.removeprefix("v") != version]
    if noted and version not in noted:
        differences.append(f"the release notes are those of {', '.join(noted)}")
    return Proof(
        version, digest, deployment_image, pods, footer[0] if footer else NOT_ASKED, version if noted else NOT_ASKED, tuple(differences)
    )


def foreign_pods(pods: Mapping[str, str], digest: str, children: Iterable[str]) -> list[str]:
    """The pods whose image id is neither the digest nor one of its platforms' manifests."""
    known = list(children)
    return [f"{pod} runs {image_id}" for pod, image_id in pods.items() if not belongs(image_id, digest, known)]


def require(proof: Proof) -> None:
    """UpgradeError when the sources disagree."""
    if proof.differences:
        raise UpgradeError(
            f"It is not proven that {proof.version} runs ({proof.digest}): {'; '.join(proof.differences)}.",
            next_step="Find out which source is right before anybody relies on this upgrade; rollback.yml goes back.",
            evidence=proof.differences,
        )
