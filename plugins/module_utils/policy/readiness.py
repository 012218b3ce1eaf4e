# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the ground ready: what the live objects say about this hop, as findings.

Each function judges one object, takes plain JSON of the API and returns every finding at once.
Sources: the Upgrades page (rolling update, one pod at a time), the product's database and key pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.image.kustomization import ImageEntry
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_rollout import judge_probes, judge_strategy
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.state import RolloutState

# (verb, API group, resource, subresource): what an upgrade and its way back do in the namespace.
PERMISSIONS: tuple[tuple[str, str, str, str], ...] = (
    ("get", "apps", "deployments", ""),
    ("patch", "apps", "deployments", ""),
    ("patch", "apps", "deployments", "scale"),
    ("list", "apps", "deployments", ""),
    ("watch", "apps", "deployments", ""),
    ("list", "apps", "replicasets", ""),
    ("list", "", "pods", ""),
    ("watch", "", "pods", ""),
    ("get", "", "pods", "log"),
    ("list", "", "events", ""),
    ("list", "", "resourcequotas", ""),
    ("list", "policy", "poddisruptionbudgets", ""),
    ("list", "autoscaling", "horizontalpodautoscalers", ""),
    ("get", "", "secrets", ""),
    ("create", "", "secrets", ""),
    ("delete", "", "secrets", ""),
    ("get", "", "configmaps", ""),
    ("list", "", "configmaps", ""),
    ("create", "", "configmaps", ""),
    ("update", "", "configmaps", ""),
    ("delete", "", "configmaps", ""),
    ("create", "batch", "jobs", ""),
    ("delete", "batch", "jobs", ""),
    ("create", "coordination.k8s.io", "leases", ""),
    ("update", "coordination.k8s.io", "leases", ""),
)
# What the method volume_snapshot needs besides, in the namespace of the database's claim.
VOLUME_PERMISSIONS: tuple[tuple[str, str, str, str], ...] = (
    *((verb, "snapshot.storage.k8s.io", "volumesnapshots", "") for verb in ("get", "create", "delete")),
    *((verb, "", "persistentvolumeclaims", "") for verb in ("get", "create", "delete")),
    *((verb, "batch", "jobs", "") for verb in ("get", "create", "delete")),
    ("list", "", "pods", ""),
    ("list", "", "events", ""),
    ("get", "", "pods", "log"),
    ("create", "", "secrets", ""),
    ("delete", "", "secrets", ""),
)
# What is needed besides where there is no Prometheus.
POD_METRICS = ("get", "", "pods", "proxy")


def judge_deployment(deployment: Mapping[str, Any], container: Mapping[str, Any], state: RolloutState) -> list[Finding]:
    """Rollout complete, one pod at a time without losing a replica, and a probe that can say "not ready"."""
    name = deployment["metadata"]["name"]
    findings = []
    if state.state != "complete":
        findings.append(
            Finding(
                "rollout-not-complete",
                "block",
                f"The Deployment {name} is not at rest ({state.message}); an upgrade begins from a complete rollout. Let it"
                " finish or mend it first.",
                evidence=state.evidence,
            )
        )
    return [*findings, *judge_strategy(deployment), *judge_probes(container)]


def judge_database(server_version: int, minimum: int, may_create_databases: bool, locks: Iterable[Any]) -> list[Finding]:
    """Server version, rights for the way back, and nobody in the middle of a migration."""
    findings = []
    if server_version < minimum:
        findings.append(
            Finding(
                "database-too-old",
                "block",
                f"PostgreSQL {server_version // 10000} serves the database; the product needs {minimum // 10000} or newer.",
            )
        )
    if not may_create_databases:
        findings.append(
            Finding(
                "restore-needs-createdb",
                "ack",
                "The database role may not create databases, so a restore would be in place, with the pods stopped as long as it takes, and"
                " could not be swapped back; grant CREATEDB.",
            )
        )
    for lock in locks:
        findings.append(
            Finding(
                "advisory-lock-held",
                "block",
                f"The session with pid {lock.pid} ({lock.application or 'no name'}, {lock.state}, for {lock.seconds} s)"
                " holds an advisory lock:"
                " a migration would wait for it. End that session first.",
            )
        )
    return findings


def judge_overlay(
    entry: ImageEntry | None, image_name: str, rendered_repository: str, rendered: str, live: str, given_by: str = ""
) -> list[Finding]:
    """The overlay must have the image that will be pinned, and render what is live now."""
    if entry is None and given_by:
        text = (
            f"The overlay's kustomization.yaml has no images entry with the name {image_name} (ampora_image_name): its"
            f" entry {given_by} gives the image that the Deployment runs. Set ampora_image_name to {given_by}."
        )
        return [Finding("overlay-without-image", "block", text)]
    # A base or a component may have set the image: then the overlay gets an entry by the name that is rendered.
    if entry is None and rendered_repository not in (image_name, parse_reference(live).name):
        return [
            Finding(
                "overlay-without-image",
                "block",
                f"The overlay's kustomization.yaml has no images entry with the name {image_name} (ampora_image_name), and"
                " the Deployment that it renders"
                f" uses {rendered_repository}: pinning would change nothing. Set ampora_image_name to a name under images.",
            )
        ]
    if rendered != live:
        return [
            Finding(
                "overlay-drift",
                "ack",
                f"The overlay renders the image {rendered}, but {live} is live: somebody changed one without the other."
                " Bring them together, or accept it.",
            )
        ]
    return []


def judge_placeholder(secret_name: str, annotations: Mapping[str, str], annotation: str) -> list[Finding]:
    """The base's placeholder Secret must have been replaced."""
    if annotation and str(annotations.get(annotation, "")).lower() == "true":
        return [
            Finding(
                "placeholder-secret",
                "block",
                f"The Secret {secret_name} is still the product's placeholder ({annotation}=true); put the real one in its place.",
            )
        ]
    return []


def judge_permissions(denied: Sequence[tuple[str, str, str, str]]) -> list[Finding]:
    """Everything that the run will do and may not, in one finding."""
    if not denied:
        return []
    words = [f"{verb} {resource}{'/' + sub if sub else ''}{'.' + group if group else ''}" for verb, group, resource, sub in denied]
    return [
        Finding(
            "permissions", "block", f"These credentials may not: {', '.join(words)}. Grant what docs/rbac.yml lists.", evidence=tuple(words)
        )
    ]


def judge_signals(values: Mapping[str, float | None], absent_is_zero: Iterable[str], replicas: int) -> list[Finding]:
    """A watch that cannot fail is not a watch: every signal has a value now, and `up` counts every replica."""
    zero = set(absent_is_zero)
    missing = sorted(name for name, value in values.items() if value is None and name not in zero)
    findings = []
    if missing:
        findings.append(
            Finding(
                "signal-without-data",
                "block",
                f"Prometheus has no value now for {', '.join(missing)} (ampora_signals): these signals could not fail. Mend"
                " the queries or the scraping.",
            )
        )
    up = values.get("up")
    if up is not None and up < replicas:
        findings.append(
            Finding(
                "targets-missing",
                "block",
                f"Prometheus sees {up:g} targets up and the deployment has {replicas} replicas: mend the scraping first.",
            )
        )
    return findings
