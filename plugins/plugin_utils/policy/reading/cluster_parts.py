# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster says: the deployment, its overlay, its Secrets, the claim for snapshots, and what the credentials allow."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.ampora.upgrades.plugins.module_utils.image.kustomization import given_by, read_image, same_but_pinned
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import readiness
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import KeyFacts, OverlayFacts, Surroundings, Workload
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.quantity import quantity
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_apply import node_platforms
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_room import DumpRoom, judge_room
from ansible_collections.ampora.upgrades.plugins.module_utils.rollout.object_change import ObjectChange, besides_image
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import Forecast, forecast, measured
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import ForbiddenError, Object
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import Preview, image_in, objects, title
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay_git import OverlayGit
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.signatures import verify
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy import live_configuration
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.reading.world import World
from ansible_collections.ampora.upgrades.plugins.plugin_utils.rollout.rollout_wait import read_state
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshots import find_manifests


def read_overlay(world: World) -> None:
    overlay, cluster = world.overlay, world.cluster
    by_gitops = world.args["apply"] == "gitops"
    world.facts.by_gitops = by_gitops
    world.facts.commits, world.facts.pushes = world.args["git"]["commit"], world.args["git"]["push"]
    preview = None if by_gitops else overlay.preview()
    manifest = "" if preview else overlay.render()
    world.rendered = preview.rendered if preview else objects(manifest)
    rendered = image_in(world.rendered, cluster.deployment_name, cluster.container_name)
    repository = parse_reference(rendered).name if "/" in rendered or ":" in rendered else rendered
    text = overlay.read()
    entry = read_image(text, overlay.image_name)
    world.facts.overlay = OverlayFacts(
        entry=entry,
        given_by="" if entry else given_by(text, repository),
        image_name=overlay.image_name,
        repository=repository,
        rendered=rendered,
        live=rendered if world.facts.resumes else str(world.deployed.reference),
        changes=() if by_gitops else tuple(_changes(world, preview, manifest)),
        not_committed=tuple(_not_committed(world)),
    )


def _changes(world: World, preview: Preview | None, manifest: str) -> list[str]:
    """What applying the overlay would change beside the image, by the API server's own dry run; it also refuses what it would refuse."""
    cluster = world.cluster
    if preview is None:
        changes = world.overlay.apply(manifest, dry_run=True)
    else:
        changes = [ObjectChange(title(item), cluster.live(item), item) for item in preview.after]
    return besides_image(changes, cluster.deployment_name, cluster.container_name)


def _not_committed(world: World) -> list[str]:
    """Beside the pin that an earlier upgrade may have left, where Git keeps the overlay."""
    file, name = world.overlay.file(), world.overlay.image_name
    git = OverlayGit(file)
    if not git.keeps():
        return []
    text, committed = world.overlay.read(), git.committed()
    return [*([] if same_but_pinned(committed, text, name) else [f" M {file.name}"]), *git.others()]


def read_workload(world: World) -> None:
    if not world.facts.resumes:
        state, _deployment, _pods = read_state(world.cluster)
        deployment = world.deployed.deployment
        world.facts.workload = Workload(deployment, world.cluster.container(deployment), state)


def read_surroundings(world: World) -> None:
    cluster, deployment = world.cluster, world.deployed.deployment
    world.facts.field_managers = tuple(world.args["field_managers"])
    nodes = _nodes(world)
    world.facts.surroundings = Surroundings(
        budgets=cluster.find_all("PodDisruptionBudget"),
        autoscalers=cluster.find_all("HorizontalPodAutoscaler"),
        quotas=cluster.find_all("ResourceQuota"),
        node_platforms=node_platforms(nodes or [], deployment),
        room=tuple(_room(world, nodes)),
    )


def _nodes(world: World) -> list[Object] | None:
    """Nodes and the pods of all namespaces are beyond the least rights: where they may not be read, that is what is said."""
    try:
        return world.cluster.find_all("Node")
    except ForbiddenError:
        return None


def _room(world: World, nodes: list[Object] | None) -> list[Finding]:
    deployment = world.deployed.deployment
    try:
        return judge_room(deployment, nodes, world.cluster.each("PodOfAnyNamespace"))
    except ForbiddenError:
        return judge_room(deployment, None, None)


def read_configuration(world: World) -> None:
    """The keys that are set, by the overlay and in the cluster."""
    found = live_configuration.read(world.cluster, world.rendered)
    world.facts.keys = KeyFacts(found.keys, found.unread)
    world.facts.kubernetes_version = world.cluster.server_version()


def read_permissions(world: World) -> None:
    pods_are_asked = () if world.args["prometheus"]["url"] else (readiness.POD_METRICS,)
    world.facts.denied = world.cluster.may_not((*readiness.PERMISSIONS, *pods_are_asked))
    if world.args["snapshot"]["method"] == "volume_snapshot":
        there = world.cluster.of(world.args["snapshot"]["volume"]["namespace"] or world.cluster.namespace)
        wanting = there.may_not(readiness.VOLUME_PERMISSIONS)
        world.facts.denied += [needed for needed in wanting if needed not in world.facts.denied]


def read_claim(world: World) -> None:
    if world.args["snapshot"]["method"] == "volume_snapshot":
        _read_database_claim(world)
    if world.args["snapshot"]["method"] != "job":
        return
    claim = world.args["snapshot"]["claim"]
    found = world.cluster.get("PersistentVolumeClaim", claim)
    if found is not None:
        size = quantity(found.get("status", {}).get("capacity", {}).get("storage"))
        if size is not None:
            manifests = [one for one in find_manifests(world.cluster) if one.method == "job"]
            taken = sum(one.size for one in manifests if one.location["claim"] == claim)
            place, left = f"The claim {claim}", max(0, int(size) - taken)
            world.facts.dump_room = DumpRoom(place, "ampora_snapshot_claim", left, dump_forecast(world, manifests))
    else:
        world.facts.missing["snapshot-claim-missing"] = (
            f"There is no PersistentVolumeClaim {claim} (ampora_snapshot_claim) in {world.cluster.namespace}; make"
            " one that holds the database's dump."
        )


def dump_forecast(world: World, manifests: Sequence[Manifest]) -> Forecast | None:
    """What the next dump takes by the earlier ones; None without one, or where the database cannot be read."""
    database, method = world.facts.database, world.args["snapshot"]["method"]
    return forecast(database.size, method, manifests) if database and measured(method, manifests) else None


def _read_database_claim(world: World) -> None:
    volume = world.args["snapshot"]["volume"]
    there = world.cluster.of(volume["namespace"] or world.cluster.namespace)
    if not volume["claim"] or there.get("PersistentVolumeClaim", volume["claim"]) is None:
        world.facts.missing["snapshot-claim-missing"] = (
            f"There is no PersistentVolumeClaim {volume['claim'] or 'without a name'} in {there.namespace}; set"
            " ampora_snapshot_volume to the claim of the database's volume."
        )


def read_signatures(world: World) -> None:
    """Whether each digest that would be pinned is signed, by the key or identity that is asked for."""
    for hop in world.facts.hops:
        if hop.target.get("digest") and hop.target.get("image"):
            world.facts.signatures[str(hop.target["version"])] = verify(
                world.cluster, parse_reference(str(hop.target["image"])), str(hop.target["version"]), world.args
            )
