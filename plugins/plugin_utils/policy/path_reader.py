# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hops of a plan: which versions the registry has, which one is meant, and what is behind the tag of each hop."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.kustomization import read_image
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import version
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Hop, Unfinished
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.target import choose
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import open_registry
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.registry import Mirrored
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.reading.world import World

if TYPE_CHECKING:
    import semver


class PathReader:
    """Fills the versions of the facts: `read_available`, then `choose`, then `resolve`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._facts = world.facts
        self._deployed = world.deployed
        self._overlay = world.overlay
        self._args = world.args
        self.tags: dict[semver.Version, str] = {}

    def read_available(self) -> None:
        """The tags of the repository that the overlay names; those that are no versions are other things."""
        tags = self._registry.tags(parse_reference(self._name).repository)
        self.tags = {parsed: tag for tag in tags if (parsed := _version_or_none(tag)) is not None}
        self._facts.available = sorted(self.tags)

    def choose(self) -> None:
        """The version that is meant and the hops to it; an unfinished run whose target is the first hop is gone on with."""
        unfinished = next((journal for journal in self._world.journals if journal.ended_at is None), None)
        planned = str(unfinished.plan.get("target", {}).get("version", "")) if unfinished else ""
        if unfinished is not None and unfinished.kind in {"upgrade", "downgrade"} and "current" in unfinished.plan:
            self._set_hops(dict(unfinished.plan["current"]))
            if str(self._facts.hops[0].target["version"]) == planned:
                self._facts.resumes = unfinished.run
                return
        self._set_hops(self._deployed.to_dict())
        if unfinished is not None:
            self._facts.unfinished = Unfinished(unfinished.kind, unfinished.run, planned)

    def _set_hops(self, start: dict[str, Any]) -> None:
        facts = self._facts
        current = version.parse(start["version"], "ampora_current_version")
        target = self._target(current)
        allowed = facts.graph.allows(facts.answers, target, facts.on_hold)
        targets = version.path(current, target, facts.available, allowed) if self._args["path"] == "auto" else []
        self._facts.current, self._facts.hops, ends = start, [], start
        for number, end in enumerate(targets or [target], 1):
            known: dict[str, Any] = {"version": str(end)}
            change = version.change(version.parse(ends["version"], "a hop"), end)
            self._facts.hops.append(Hop(number, ends, known, change))
            ends = known
        self._facts.target, self._facts.change = ends, version.change(current, target)

    def _target(self, current: semver.Version) -> semver.Version:
        """The version that is meant; what is known to be bad, or on hold here, is only meant by its name."""
        facts = self._facts
        return choose(
            self._args["target_version"],
            current,
            facts.available,
            lambda known: not facts.graph.is_bad(known) and version.bare(known) not in facts.on_hold,
        )

    def resolve(self) -> None:
        """The digest behind each hop's tag: it is what will be pinned, and what the next hop starts from."""
        for number, hop in enumerate(self._facts.hops):
            wanted = version.parse(hop.target["version"], "a hop")
            resolved = self._registry.resolve(parse_reference(f"{self._name}:{self.tags.get(wanted, str(wanted))}"))
            hop.target.update(image=f"{self._name}@{resolved.digest}", digest=resolved.digest, children=list(resolved.children))
            hop.target["platforms"] = list(resolved.platforms)
            self._facts.hops[number] = replace(hop, label=resolved.version)

    @functools.cached_property
    def _registry(self) -> Mirrored:
        return open_registry(parse_reference(self._name), self._args["registry"], self._world.cluster)

    @functools.cached_property
    def _name(self) -> str:
        """The repository that the overlay names, else that of the running image."""
        entry = read_image(self._overlay.read(), self._overlay.image_name)
        return entry.new_name if entry and entry.new_name else self._deployed.reference.name


def _version_or_none(tag: str) -> semver.Version | None:
    try:
        return version.parse(tag, "tag")
    except UpgradeError:
        return None
