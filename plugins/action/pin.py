# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the target's digest into the overlay."""

from __future__ import annotations

from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import PIN
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.kustomization import entry_name, read_image
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse as parse_reference
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import parse
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import open_registry
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import Overlay, image_of
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.pinning import Pinning, Wanted
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.signatures import verify


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.pin."""

    spec = PIN

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        cluster, overlay = self.cluster(args), self.overlay(args)
        wanted = self._wanted(cluster, overlay, args)
        signature = verify(cluster, parse_reference(wanted.image), wanted.version, args)
        pinning = Pinning(cluster, overlay, wanted, args["git"])
        pinning.check_git()
        git: dict[str, Any] = {}
        if not self.check_mode and (pinning.changed or args["git"]["commit"]):
            git = self._write(cluster, pinning, wanted, signature)
        changed = pinning.changed or bool(git.get("committed") or git.get("pushed"))
        self.say(f"{wanted.entry} is {wanted.image} ({wanted.version})" + ("" if pinning.changed else ", as it was"))
        result: dict[str, Any] = {
            "changed": changed,
            "image": wanted.image,
            "version": wanted.version,
            "digest": wanted.digest,
            "signature": signature,
            "git": git,
        }
        if self._task.diff and pinning.changed:
            file = str(overlay.file())
            result["diff"] = {"before": pinning.before, "after": pinning.after, "before_header": file, "after_header": file}
        return result

    def _write(self, cluster: Cluster, pinning: Pinning, wanted: Wanted, signature: dict[str, Any]) -> dict[str, Any]:
        with self.record(cluster).step("pin_by_digest") as step:
            git = pinning.write(step.run)
            pinned = {"image": wanted.image, "version": wanted.version, "digest": wanted.digest}
            step.result = {"file": pinning.file, **pinned, "signature": signature, "git": git}
        if git:
            done = ", pushed" if git["pushed"] else ""
            self.say(f"commit {git['commit'][:12]} on {git['branch']}{done}" + ("" if git["committed"] else ", as it was"))
        return git

    def _wanted(self, cluster: Cluster, overlay: Overlay, args: dict[str, Any]) -> Wanted:
        """The entry to pin, and what to: as stated, by the open run's plan, or by the registry."""
        text = overlay.read()
        rendered = image_of(overlay.render(), cluster.deployment_name, cluster.container_name)
        name = entry_name(text, overlay.image_name, rendered)
        entry = read_image(text, name)
        new_name = entry.new_name if entry and entry.new_name else _live_name(cluster)
        version, digest = self._target(cluster, args, new_name)
        return Wanted(name, new_name, digest, version)

    def _target(self, cluster: Cluster, args: dict[str, Any], name: str) -> tuple[str, str]:
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
        registry = open_registry(parse_reference(name), args["registry"], cluster)
        return version, registry.resolve(parse_reference(f"{name}:{version}")).digest


def _live_name(cluster: Cluster) -> str:
    return parse_reference(str(cluster.container(cluster.deployment())["image"])).name
