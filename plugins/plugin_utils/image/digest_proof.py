# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs, read for the digest proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.proof import Proof, foreign_pods, prove
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster


def image_ids(cluster: Cluster) -> dict[str, str]:
    """Pod -> image id of the application's container, as the container runtime reports it."""
    return {
        str(pod["metadata"]["name"]): str(status["imageID"])
        for pod in cluster.pods(cluster.deployment())
        for status in pod.get("status", {}).get("containerStatuses", [])
        if status["name"] == cluster.container_name
    }


def prove_pods(cluster: Cluster, plan: Mapping[str, Any], image: str) -> dict[str, str]:
    """Pod -> image id; an error when a pod runs anything else than the pinned digest or one of its children."""
    digest = parse_reference(image).digest
    found = image_ids(cluster)
    wrong = foreign_pods(found, digest, (plan.get("target") or {}).get("children", [])) if digest else []
    if wrong:
        raise UpgradeError(f"Pods run another image than {digest}.", next_step="Look at who else changes the Deployment.", evidence=wrong)
    return found


def prove_run(cluster: Cluster, journal: Journal) -> Proof:
    """The proof at the end of a run: what runs now, and what the spot check and the notes of this run said."""
    looked = journal.step("spot_check")
    pages = looked.result.get("pages", []) if looked is not None and looked.state == "ended" else []
    footers = [str(page.get("version", "")) for page in pages if isinstance(page, Mapping) and page.get("version")]
    notes = [str(note.get("version", "")) for note in journal.plan.get("notes", [])]
    image = str(cluster.container(cluster.deployment())["image"])
    return prove(journal.plan["target"], image, image_ids(cluster), footers, notes)
