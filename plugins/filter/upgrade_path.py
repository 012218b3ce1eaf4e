# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter upgrade_path; its documentation is in upgrade_path.yml."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import parse, path


def _upgrade_path(current: object, target: object, available: Sequence[object]) -> list[str]:
    if not isinstance(available, list):
        raise AnsibleFilterError("ampora.upgrades.upgrade_path: available must be a list of versions.", obj=available)
    try:
        known = [parse(version, "a version in available") for version in available]
        return [str(hop) for hop in path(parse(current, "its input"), parse(target, "target"), known)]
    except UpgradeError as exc:
        raise AnsibleFilterError("ampora.upgrades.upgrade_path cannot read these versions.", obj=current) from exc


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        return {"upgrade_path": _upgrade_path}
