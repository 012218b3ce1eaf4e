# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter version_change; its documentation is in version_change.yml."""

from __future__ import annotations

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import change, parse


def _version_change(current: object, target: object) -> str:
    try:
        return change(parse(current, "its input"), parse(target, "target"))
    except UpgradeError as exc:
        raise AnsibleFilterError("ampora.upgrades.version_change cannot compare these versions.", obj=current) from exc


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., str]]:
        return {"version_change": _version_change}
