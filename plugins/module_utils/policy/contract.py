# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a step has met that the release promised not to do: findings after the fact, for the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import SchemaChange
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding


def judge(plan: Mapping[str, Any], schema: SchemaChange) -> list[Finding]:
    """A PATCH is drop-in by the product's word; one that has migrated is not, whatever it is called."""
    if schema.state != "migrated" or plan.get("change") not in {"patch", "downgrade"}:
        return []
    version = str((plan.get("target") or {}).get("version") or "")
    changed = (*(f"+{name}" for name in schema.added), *(f"-{name}" for name in schema.removed))
    text = (
        f"{version} is a PATCH and has changed the migration history ({', '.join(changed)}), which no PATCH may: the way back from it is"
        " no longer an undo but a restore of the snapshot. Tell the product's vendor."
    )
    return [Finding("patch-migrated", "info", text, version, evidence=changed)]
