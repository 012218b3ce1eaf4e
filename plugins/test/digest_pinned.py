# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test digest_pinned; its documentation is in digest_pinned.yml."""

from __future__ import annotations

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse


def _digest_pinned(image: object) -> bool:
    try:
        return bool(parse(image).digest)
    except UpgradeError as exc:
        raise AnsibleFilterError("ampora.upgrades.digest_pinned cannot read the image.", obj=image) from exc


class TestModule:
    """What Ansible loads."""

    __test__ = False  # the name is Ansible's, and no test class of pytest

    def tests(self) -> dict[str, Callable[..., bool]]:
        return {"digest_pinned": _digest_pinned}
