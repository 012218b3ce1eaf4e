# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs now: the deployment's version and digest, from the live objects and the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import ImageReference, is_digest
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import parse
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.registry import VERSION_LABEL, Mirrored, Registry
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.registry_credentials import Source, of_file, of_pull_secrets

REVISION = "deployment.kubernetes.io/revision"


@dataclass(frozen=True)
class Deployed:
    """The running application."""

    version: str
    reference: ImageReference
    digest: str
    revision: str
    replicas: int
    deployment: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "image": str(self.reference),
            "digest": self.digest,
            "revision": self.revision,
            "replicas": self.replicas,
        }


def credential_sources(cluster: Cluster, options: Mapping[str, Any]) -> list[Source]:
    """The docker config file that was named, then the pods' own pull secrets where the options allow it."""
    named = [of_file(options["auth_file"])] if options["auth_file"] else []
    return [*named, *(of_pull_secrets(cluster, cluster.deployment()) if options["pull_secrets"] else [])]


def open_registry(reference: ImageReference, options: Mapping[str, Any], cluster: Cluster) -> Mirrored:
    """The registry of an image, with its mirrors; the pods' own pull secrets count where the options allow it."""
    how = {"plain_http": options["plain_http"], "timeout": options["timeout"], "sources": credential_sources(cluster, options)}
    mirrors = options["mirrors"].get(reference.registry) or []
    if not isinstance(mirrors, list):
        raise UpgradeError(f"ampora_registry_mirrors has no list for {reference.registry}.", next_step="Write {REGISTRY: [MIRROR, ...]}.")
    asked = [str(mirror).partition("/") for mirror in mirrors]
    return Mirrored(Registry(reference.registry, **how), [Registry(host, prefix=path, **how) for host, _slash, path in asked])


def running_digest(pods: Sequence[Mapping[str, Any]], container: str) -> str:
    """The one digest that all pods run, or nothing when they differ or none runs."""
    found = set()
    for pod in pods:
        for status in pod.get("status", {}).get("containerStatuses", []):
            if status["name"] == container and "@" in status.get("imageID", ""):
                found.add(str(status["imageID"]).rsplit("@", 1)[1])
    digest = found.pop() if len(found) == 1 else ""
    return digest if is_digest(digest) else ""


def read_deployed(cluster: Cluster, registry_options: Mapping[str, Any], stated_version: str) -> Deployed:
    """The version by the input, the image's tag, or the label in the registry; the digest by the pods or the registry."""
    deployment = cluster.deployment()
    reference = parse_reference(str(cluster.container(deployment)["image"]))
    digest = reference.digest or running_digest(cluster.pods(deployment), cluster.container_name)
    version = stated_version or (reference.tag if _is_version(reference.tag) else "")
    if not (version and digest):
        resolved = open_registry(reference, registry_options, cluster).resolve(reference.with_digest(digest) if digest else reference)
        version, digest = version or resolved.version, digest or resolved.digest
    if not version:
        raise UpgradeError(
            f"The running version cannot be told: the image {reference} has no version tag and no {VERSION_LABEL} label.",
            next_step="Set ampora_current_version.",
        )
    return Deployed(
        version=str(parse(version, "ampora_current_version")),
        reference=reference,
        digest=digest,
        revision=str(deployment["metadata"].get("annotations", {}).get(REVISION, "")),
        replicas=int(deployment["spec"].get("replicas", 1)),
        deployment=deployment,
    )


def _is_version(tag: str) -> bool:
    try:
        parse(tag, "tag")
    except UpgradeError:
        return False
    return True
