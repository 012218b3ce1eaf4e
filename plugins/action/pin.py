# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the target's digest into the overlay."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import PIN
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.kustomization import pin, read_image
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import parse
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import open_registry


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.pin."""

    spec = PIN

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        cluster, overlay = self.cluster(args), self.overlay(args)
        before = overlay.read()
        entry = read_image(before, overlay.image_name)
        name = entry.new_name if entry and entry.new_name else _live_name(cluster)
        version, digest = self._target(cluster, args, name)
        after = pin(before, overlay.image_name, name, digest, comment=version)
        changed = after != before
        if changed and not self.check_mode:
            with self.record(cluster).step("pin_by_digest") as step:
                overlay.write(after)
                step.result = {"file": str(overlay.file()), "image": f"{name}@{digest}", "version": version, "digest": digest}
        self.say(f"{overlay.image_name} is {name}@{digest} ({version})" + ("" if changed else ", as it was"))
        result: dict[str, Any] = {"changed": changed, "image": f"{name}@{digest}", "version": version, "digest": digest}
        if self._task.diff and changed:
            file = str(overlay.file())
            result["diff"] = {"before": before, "after": after, "before_header": file, "after_header": file}
        return result

    def _target(self, cluster: Cluster, args: dict[str, Any], name: str) -> tuple[str, str]:
        """Version and digest: as stated, by the open run's plan, or by the registry."""
        version = args["target_version"]
        if args["digest"]:
            return version, args["digest"]
        journal = self.record(cluster).open_journal()
        planned = (journal.plan.get("target") or {}) if journal else {}
        if planned.get("digest"):
            return str(planned["version"]), str(planned["digest"])
        if not version:
            raise UpgradeError("ampora_target_version is empty and no run is open.", next_step="Set ampora_target_version.")
        parse(version, "ampora_target_version")
        return version, open_registry(parse_reference(name), args["registry"]).resolve(parse_reference(f"{name}:{version}")).digest


def _live_name(cluster: Cluster) -> str:
    return parse_reference(str(cluster.container(cluster.deployment())["image"])).name
