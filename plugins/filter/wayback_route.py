# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter wayback_route; its documentation is in wayback_route.yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import SchemaChange
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.fields import Fields, is_a
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.route import choose


def _schema(value: object) -> SchemaChange:
    read = Fields(value, "The input of ampora.upgrades.wayback_route")
    state = read.choice("state", ("unknown", "unchanged", "migrated"))
    added, removed = read.items("added"), read.items("removed")
    read.finish("give it what ampora.upgrades.schema_change returns")
    return SchemaChange(state, tuple(map(str, added)), tuple(map(str, removed)))  # type: ignore[arg-type]


def _wayback_route(
    schema: object,
    run: str,
    previous_digest: str = "",
    snapshot_proven: bool = False,
    snapshot_reasons: Sequence[str] = (),
    writes_since: int | None = None,
) -> Mapping[str, Any]:
    if not is_a(snapshot_proven, bool):
        raise AnsibleFilterError("ampora.upgrades.wayback_route: snapshot_proven must be a boolean.", obj=snapshot_proven)
    if isinstance(snapshot_reasons, str):
        raise AnsibleFilterError("ampora.upgrades.wayback_route: snapshot_reasons must be a list.", obj=snapshot_reasons)
    if writes_since is not None and not is_a(writes_since, int):
        message = "ampora.upgrades.wayback_route: writes_since must be a whole number, or null when nobody knows."
        raise AnsibleFilterError(message, obj=writes_since)
    try:
        decision = choose(
            run=str(run),
            schema=_schema(schema),
            previous_digest=str(previous_digest),
            snapshot_proven=snapshot_proven,
            snapshot_reasons=[str(reason) for reason in snapshot_reasons],
            writes_since=writes_since,
        )
    except UpgradeError as error:
        raise AnsibleFilterError(str(error), obj=schema) from error
    return asdict(decision)


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"wayback_route": _wayback_route}
