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

Route = Literal["undo", "restore", "swap_back", "none", "ask"]

_NO_DIGEST = "the digest that ran before is not recorded, so there is no image to go back to"
_IN_PLACE = (
    " The role may not create databases, so the snapshot is restored in place: the database as it is now is not kept, and there is"
    " no swapping back"
)


@dataclass(frozen=True)
class RouteDecision:
    """A route, why it is the one, whether it loses data (None: nobody knows), and what to type.

    `in_place` is a restore without a second database; `done` says that there is nothing left to go back from.
    """

    route: Route
    reason: str
    lossless: bool | None
    next_command: str
    in_place: bool = False
    done: bool = False


def command(run: str, **more: str) -> str:
    """The command that goes back from a run."""
    words = {"ampora_run_id": run, **more}
    return " ".join(["ansible-playbook ampora.upgrades.rollback", *(f"-e {name}={shlex.quote(value)}" for name, value in words.items())])


def choose(
    *,
    run: str,
    schema: SchemaChange,
    previous_digest: str,
    snapshot_proven: bool,
    snapshot_reasons: Sequence[str],
    writes_since: int | None,
    back_already: bool = False,
    may_create_databases: bool = True,
) -> RouteDecision:
    """The one route that the facts allow; `run` is the upgrade to go back from.

    `back_already` says that the previous digest runs and that no run is open.
    """
    again = command(run)
    if schema.state == "running":
        reason = f"A migration is running now{_why(schema)}: wait until it has ended, or end its session, and decide then."
        return RouteDecision("ask", reason, None, again)
    if schema.state == "unknown":
        reason = f"The migration history cannot be read{_why(schema)}, so nobody knows whether the old version fits the schema."
        return RouteDecision("ask", reason, None, again)
    if schema.state == "unchanged":
        return _undo(previous_digest, back_already, again)
    hindrances = _hindrances(previous_digest, snapshot_proven, snapshot_reasons)
    if hindrances:
        return RouteDecision("none", f"{_migrated(schema)}, and the snapshot cannot be restored: {'; '.join(hindrances)}.", None, again)
    return _restore(schema, run, writes_since, in_place=not may_create_databases)


def _undo(previous_digest: str, back_already: bool, again: str) -> RouteDecision:
    if not previous_digest:
        return RouteDecision("none", f"The schema is unchanged, but {_NO_DIGEST}.", None, again)
    if back_already:
        return RouteDecision(
            "none", f"The schema is unchanged and {previous_digest} runs already: there is nothing to do.", True, "", done=True
        )
    return RouteDecision("undo", "The schema is unchanged, so the previous image runs on it as it is.", True, again)


def _restore(schema: SchemaChange, run: str, writes_since: int | None, *, in_place: bool) -> RouteDecision:
    reason = f"{_migrated(schema)}, so the previous image needs the snapshot's schema"
    answers = {} if writes_since == 0 else {"ampora_accept_data_loss": run}
    if in_place:
        answers["ampora_accept_in_place"] = run
    lost = {0: "nothing was written since, so nothing is lost", None: "it is not known what was written since"}
    words = lost.get(writes_since, f"{writes_since} written since would be lost")
    lossless = None if writes_since is None else writes_since == 0
    return RouteDecision(
        "restore", f"{reason}; {words}.{_IN_PLACE + '.' if in_place else ''}", lossless, command(run, **answers), in_place=in_place
    )


def _hindrances(previous_digest: str, snapshot_proven: bool, snapshot_reasons: Sequence[str]) -> list[str]:
    hindrances = [reason.rstrip(".") for reason in snapshot_reasons]
    if not snapshot_proven and not hindrances:
        hindrances.append("it is not proven")
    if not previous_digest:
        hindrances.append(_NO_DIGEST)
    return hindrances


def _why(schema: SchemaChange) -> str:
    return f" ({schema.words})" if schema.words else ""


def _migrated(schema: SchemaChange) -> str:
    changed = [*(f"+{name}" for name in schema.added), *(f"-{name}" for name in schema.removed)]
    return f"The schema was migrated ({', '.join(changed)})"
