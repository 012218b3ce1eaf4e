# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pinning an overlay: written, rendered and compared, and committed where Git keeps it; a failure puts the file back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image import commit_message
from ansible_collections.ampora.upgrades.plugins.module_utils.image.kustomization import pin
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import Overlay, image_of
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay_git import OverlayGit


@dataclass(frozen=True)
class Wanted:
    """The entry's name under images, and the image to pin."""

    entry: str
    name: str
    digest: str
    version: str

    @property
    def image(self) -> str:
        return f"{self.name}@{self.digest}"


class Pinning:
    """One overlay; `options` are those of Git."""

    def __init__(self, cluster: Cluster, overlay: Overlay, wanted: Wanted, options: Mapping[str, Any]) -> None:
        self._cluster, self._overlay, self._wanted, self._options = cluster, overlay, wanted, options
        self._git = OverlayGit(overlay.file()) if options["commit"] else None
        self.before = overlay.read()
        self.after = self._pinned(self.before)

    @property
    def file(self) -> str:
        return str(self._overlay.file())

    @property
    def changed(self) -> bool:
        return self.before != self.after

    def check_git(self) -> None:
        """Refuse a tree in which anything is not committed but this pin itself, which a run that was cut off may have left."""
        if self._git is None:
            return
        if not self._git.keeps():
            raise UpgradeError(
                f"ampora_overlay_git asks for a commit, and Git does not keep {self._overlay.file()}.",
                next_step="Name the overlay of a clone, or leave ampora_overlay_git out.",
            )
        committed = self._git.committed()
        own = self.before not in (committed, self._pinned(committed))
        if dirty := [*([f" M {self._overlay.file().name}"] if own else []), *self._git.others()]:
            raise UpgradeError(
                f"The overlay's work tree has {len(dirty)} changes that are not committed: {'; '.join(map(str.strip, dirty[:3]))}.",
                next_step="Commit or undo them, so that the upgrade's commit is the pin and nothing else.",
                evidence=dirty[:20],
            )

    def write(self, run: str) -> dict[str, Any]:
        """Write, compare what kustomize renders, commit and push; what Git did, empty without it."""
        branch = self._switch(run)
        if self.changed:
            self._overlay.write(self.after)
            self._compare()
        return self._commit(run, branch)

    def _pinned(self, text: str) -> str:
        return pin(text, self._wanted.entry, self._wanted.name, self._wanted.digest, comment=self._wanted.version) if text else ""

    def _compare(self) -> None:
        """The rendered Deployment must have exactly this image; a file that does otherwise is put back."""
        try:
            found = image_of(self._overlay.render(), self._cluster.deployment_name, self._cluster.container_name)
            if found != self._wanted.image:
                raise UpgradeError(
                    f"The overlay is pinned to {self._wanted.image}, and kustomize renders {found}: something changes it again.",
                    next_step="Set the image in the overlay's images only (ampora_image_name), not in a patch or a replacement.",
                )
        except UpgradeError:
            self._overlay.write(self.before)
            raise

    def _values(self, run: str) -> dict[str, str]:
        cluster = self._cluster
        return {
            "version": self._wanted.version,
            "digest": self._wanted.digest,
            "deployment": cluster.deployment_name,
            "namespace": cluster.namespace,
            "run": run,
        }

    def _switch(self, run: str) -> str:
        if self._git is None:
            return ""
        branch = commit_message.branch(self._options["branch"], self._values(run))
        commit_message.message(self._options["commit_message"], self._values(run))
        if branch and branch != self._git.branch():
            self._git.switch(branch)
            self.before = self._overlay.read()
            self.after = self._pinned(self.before)
        branch = branch or self._git.branch()
        if not branch:
            raise UpgradeError("The overlay's work tree is on no branch.", next_step="Check one out, or set ampora_overlay_git.branch.")
        return branch

    def _commit(self, run: str, branch: str) -> dict[str, Any]:
        if self._git is None:
            return {}
        made = self._git.commit(commit_message.message(self._options["commit_message"], self._values(run)))
        pushed = bool(self._options["push"]) and self._git.push(self._options["remote"], branch)
        return {"branch": branch, "commit": self._git.head(), "committed": made, "pushed": pushed}
