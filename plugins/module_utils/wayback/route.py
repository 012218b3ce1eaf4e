# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to get back: decided by what the database says was migrated, never by a version number."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import SchemaChange

Route = Literal["undo", "restore", "none", "ask"]

_UNREADABLE = "The migration history cannot be read, so nobody knows whether the old version fits the schema."
_NO_DIGEST = "the digest that ran before is not recorded, so there is no image to go back to"


@dataclass(frozen=True)
class RouteDecision:
    """A route, why it is the one, whether it loses data (None: nobody knows), and what to type."""

    route: Route
    reason: str
    lossless: bool | None
    next_command: str


def choose(
    *,
    run: str,
    schema: SchemaChange,
    previous_digest: str,
    snapshot_proven: bool,
    snapshot_reasons: Sequence[str],
    writes_since: int | None,
) -> RouteDecision:
    """The one route that the facts allow; `run` is the upgrade to go back from."""
    command = f"ansible-playbook ampora.upgrades.rollback -e ampora_run_id={shlex.quote(run)}"
    if schema.state == "unknown":
        return RouteDecision("ask", _UNREADABLE, None, command)
    if schema.state == "unchanged":
        if not previous_digest:
            return RouteDecision("none", f"The schema is unchanged, but {_NO_DIGEST}.", None, command)
        return RouteDecision("undo", "The schema is unchanged, so the previous image runs on it as it is.", True, command)
    hindrances = _hindrances(previous_digest, snapshot_proven, snapshot_reasons)
    if hindrances:
        return RouteDecision("none", f"{_migrated(schema)}, and the snapshot cannot be restored: {'; '.join(hindrances)}.", None, command)
    return _restore(schema, run, command, writes_since)


def _restore(schema: SchemaChange, run: str, command: str, writes_since: int | None) -> RouteDecision:
    reason = f"{_migrated(schema)}, so the previous image needs the snapshot's schema"
    if writes_since == 0:
        return RouteDecision("restore", f"{reason}; nothing was written since, so nothing is lost.", True, command)
    lost = "it is not known what was written since" if writes_since is None else f"{writes_since} written since would be lost"
    consent = f"{command} -e ampora_accept_data_loss={shlex.quote(run)}"
    return RouteDecision("restore", f"{reason}; {lost}.", None if writes_since is None else False, consent)


def _hindrances(previous_digest: str, snapshot_proven: bool, snapshot_reasons: Sequence[str]) -> list[str]:
    hindrances = [reason.rstrip(".") for reason in snapshot_reasons]
    if not snapshot_proven and not hindrances:
        hindrances.append("it is not proven")
    if not previous_digest:
        hindrances.append(_NO_DIGEST)
    return hindrances


def _migrated(schema: SchemaChange) -> str:
    changed = [*(f"+{name}" for name in schema.added), *(f"-{name}" for name in schema.removed)]
    return f"The schema was migrated ({', '.join(changed)})"
