# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that knows which methods there are."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.command import CommandMethod
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.job import JobMethod
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.local import LocalMethod
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import SnapshotMethod, Tools
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.volume_snapshot import VolumeSnapshotMethod

METHODS: dict[str, Callable[[Tools], SnapshotMethod]] = {
    "job": JobMethod,
    "local": LocalMethod,
    "volume_snapshot": VolumeSnapshotMethod,
    "command": CommandMethod,
}


def choose(name: str, tools: Tools) -> SnapshotMethod:
    """The method by the input `method`, or by the manifest's; both are checked where they are read."""
    return METHODS[name](tools)
