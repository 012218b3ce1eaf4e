# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter schema_change; its documentation is in schema_change.yml."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import applied


def _history(value: object, which: str) -> Sequence[str] | None:
    if value is None:
        return None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    message = f"ampora.upgrades.schema_change: {which} must be a list of migration ids, or null when it could not be read."
    raise AnsibleFilterError(message, obj=value)


def _schema_change(before: object, after: object) -> dict[str, Any]:
    change = applied(_history(before, "its input"), _history(after, "after"))
    return {"state": change.state, "added": list(change.added), "removed": list(change.removed)}


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"schema_change": _schema_change}
