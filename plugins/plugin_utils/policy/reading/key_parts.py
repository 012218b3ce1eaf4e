# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The master key: where it is, whether the application has it, and whether it is the one of the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.key_trial import try_key
from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.master_key import read_key, require_attached
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.reading.world import World


def read_placeholders(world: World) -> None:
    """The annotations of every Secret that the container reads; whether they hold a key or not."""
    for name in dict.fromkeys(_secrets(world.cluster.container(world.deployed.deployment))):
        secret = world.cluster.get("Secret", name)
        if secret is not None:
            world.facts.placeholders[name] = secret["metadata"].get("annotations", {})


def _secrets(container: Mapping[str, Any]) -> Iterator[str]:
    for entry in container.get("envFrom", []):
        if "secretRef" in entry:
            yield entry["secretRef"]["name"]
    for entry in container.get("env", []):
        if reference := entry.get("valueFrom", {}).get("secretKeyRef"):
            yield reference["name"]


def read_master_key(world: World) -> None:
    options, cluster, deployment = world.args["master_key"], world.cluster, world.deployed.deployment
    rotating = options["previous_env"] and cluster.environment(deployment, options["previous_env"])
    world.facts.key_rotated_by = options["previous_env"] if rotating and rotating.value else ""
    key = read_key(cluster, deployment, options)
    if key is None:
        return
    require_attached(key)  # an upgrade attaches nothing: it begins with an application that has its key
    if world.database is not None:  # otherwise that is what stands in the way
        world.facts.key_proof = try_key(world.database, key, options["canary"])
