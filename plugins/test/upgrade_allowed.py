# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test upgrade_allowed; its documentation is in upgrade_allowed.yml."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import decide
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import judge_jump, parse


def _upgrade_allowed(current: object, target: object, available: Sequence[object]) -> bool:
    if not isinstance(available, list):
        raise AnsibleFilterError("ampora.upgrades.upgrade_allowed: available must be a list of versions.", obj=available)
    try:
        known = [parse(version, "a version in available") for version in available]
        findings = judge_jump(parse(current, "its input"), parse(target, "target"), known, allow_prerelease=True)
    except UpgradeError as exc:
        raise AnsibleFilterError("ampora.upgrades.upgrade_allowed cannot read these versions.", obj=current) from exc
    return decide(findings) != "blocked"


class TestModule:
    """What Ansible loads."""

    __test__ = False  # the name is Ansible's, and no test class of pytest

    def tests(self) -> dict[str, Callable[..., bool]]:
        return {"upgrade_allowed": _upgrade_allowed}
