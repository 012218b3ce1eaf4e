# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the world for a plan, part by part; a part that cannot be read is named as such and the others go on."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts, Unreadable
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.history import on_hold
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import read_deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import Overlay
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.path_reader import PathReader
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.reading import cluster_parts, key_parts, other_parts
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.reading.world import World
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord

# In this order: what a part needs of the facts is read by one before it. The names are ids of findings (docs/rules).
PARTS: tuple[tuple[str, Callable[[World], None]], ...] = (
    ("release-notes", other_parts.read_release_notes),
    ("database", other_parts.read_database),
    ("placeholder-secret", key_parts.read_placeholders),
    ("master-key", key_parts.read_master_key),
    ("prometheus", other_parts.read_signals),
    ("overlay", cluster_parts.read_overlay),
    ("signature", cluster_parts.read_signatures),
    ("rollout", cluster_parts.read_workload),
    ("surroundings", cluster_parts.read_surroundings),
    ("configuration", cluster_parts.read_configuration),
    ("advisories", other_parts.read_advisories),
    ("logs", other_parts.read_logs),
    ("agents", other_parts.read_agents),
    ("permissions", cluster_parts.read_permissions),
    ("snapshot-claim", cluster_parts.read_claim),
    ("controller", other_parts.read_controller),
)


def read_facts(cluster: Cluster, overlay: Overlay, actor: Mapping[str, str], args: Mapping[str, Any]) -> Facts:
    """Every part in turn; without the deployment itself nothing else can be judged, so that alone stops."""
    cluster = cluster.remembering()
    deployed = read_deployed(cluster, args["registry"], args["current_version"])
    facts = Facts(
        now=time.time(),
        kind=args["change"],
        watch_seconds=args["watch_seconds"],
        deployment={"namespace": cluster.namespace, "name": cluster.deployment_name, "container": cluster.container_name},
        current=deployed.to_dict(),
        placeholder_annotation=args["placeholder_annotation"],
    )
    world = World(cluster, overlay, args, deployed, facts)
    with world.closing:
        _read_path(world, RunRecord(cluster, actor))
        for name, part in PARTS:
            _read(facts, name, functools.partial(part, world))
    return facts


def _read(facts: Facts, name: str, part: Callable[[], None]) -> bool:
    try:
        part()
    except UpgradeError as error:
        facts.unreadable.append(Unreadable(name, str(error), error.evidence))
        return False
    return True


def _read_path(world: World, record: RunRecord) -> None:
    """Which versions there are, the one asked for, and the hops to it, from where an unfinished run has begun."""
    path = PathReader(world)

    def read_runs() -> None:
        world.facts.foreign_holder = record.foreign_holder()
        world.journals = record.journals()
        world.facts.on_hold = on_hold(world.journals)

    _read(world.facts, "run-record", read_runs)
    _read(world.facts, "registry", path.read_available)
    _read(world.facts, "upgrade-graph", functools.partial(other_parts.read_upgrade_graph, world))
    _read(world.facts, "invalid-version", path.choose)
    if path.tags:
        _read(world.facts, "registry", path.resolve)
