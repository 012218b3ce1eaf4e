# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter image_pin; its documentation is in image_pin.yml."""

from __future__ import annotations

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.kustomization import pin


def _image_pin(text: object, name: object, new_name: object, digest: object, version: object = "") -> str:
    arguments = {"its input": text, "name": name, "new_name": new_name, "digest": digest, "version": version}
    for argument, value in arguments.items():
        if not isinstance(value, str):
            raise AnsibleFilterError(f"ampora.upgrades.image_pin: {argument} must be a string.", obj=value)
    try:
        return pin(str(text), str(name), str(new_name), str(digest), str(version))
    except UpgradeError as exc:
        raise AnsibleFilterError("ampora.upgrades.image_pin cannot pin the image.", obj=text) from exc


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., str]]:
        return {"image_pin": _image_pin}
