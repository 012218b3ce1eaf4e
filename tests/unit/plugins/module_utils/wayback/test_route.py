# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from itertools import product
from typing import Optional

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import SchemaChange
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.route import RouteDecision, choose

RUN = "20261122t2140z-ab12cd"
COMMAND = f"ansible-playbook ampora.upgrades.rollback -e ampora_run_id={RUN}"
CONSENT = f"{COMMAND} -e ampora_accept_data_loss={RUN}"
DIGEST = "sha256:" + "a" * 64
IN_PLACE = " -e ampora_accept_in_place=" + RUN
UNKNOWN, RUNNING = SchemaChange("unknown", words="permission denied"), SchemaChange("running", words="held by pid 7")
UNCHANGED, MIGRATED = SchemaChange("unchanged"), SchemaChange("migrated", ("2_second",), ())
Facts = tuple[SchemaChange, str, bool, tuple[str, ...], Optional[int], bool, bool]  # noqa: UP045 - pylint of the sanity tests knows no other form here


def decide(schema: SchemaChange, digest: str, proven: bool, reasons: tuple[str, ...], writes: int | None, *last: bool) -> RouteDecision:
    back_already, may_create = last or (False, True)
    return choose(
        run=RUN,
        schema=schema,
        previous_digest=digest,
        snapshot_proven=proven,
        snapshot_reasons=reasons,
        writes_since=writes,
        back_already=back_already,
        may_create_databases=may_create,
    )


def expected(
    schema: SchemaChange, digest: str, proven: bool, reasons: tuple[str, ...], writes: int | None, back: bool, create: bool
) -> tuple[str, bool | None, str]:
    """The table of docs/way-back.md, written down a second time and in another form."""
    match (schema.state, bool(digest), proven and not reasons, writes):
        case ("unknown" | "running", _, _, _):
            return "ask", None, COMMAND
        case ("unchanged", True, _, _):
            return ("none", True, "") if back else ("undo", True, COMMAND)
        case (_, False, _, _) | ("migrated", _, False, _):
            return "none", None, COMMAND
        case ("migrated", True, True, 0):
            return "restore", True, COMMAND + ("" if create else IN_PLACE)
        case ("migrated", True, True, None):
            return "restore", None, CONSENT + ("" if create else IN_PLACE)
        case _:
            return "restore", False, CONSENT + ("" if create else IN_PLACE)


SCHEMAS, REASONS, WRITES = (UNKNOWN, RUNNING, UNCHANGED, MIGRATED), ((), ("it is of another deployment",)), (0, 7, None)
ALL = list(product(SCHEMAS, (DIGEST, ""), (True, False), REASONS, WRITES, (True, False), (True, False)))


@pytest.mark.parametrize("facts", ALL)
def test_every_combination(facts: Facts) -> None:
    decision = decide(*facts)
    assert (decision.route, decision.lossless, decision.next_command) == expected(*facts)
    assert decision.reason.endswith(".")
    assert decision.done == (decision.route == "none" and decision.lossless is True)
    assert decision.in_place == (decision.route == "restore" and not facts[-1])
    assert ("in place" in decision.reason) == decision.in_place


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ((MIGRATED, DIGEST, False, ("it is of another deployment.",), 0), "it is of another deployment."),
        ((MIGRATED, DIGEST, False, (), 0), "(+2_second), and the snapshot cannot be restored: it is not proven."),
        ((MIGRATED, "", True, (), 0), "no image to go back to."),
        ((MIGRATED, DIGEST, True, (), 7), "7 written since would be lost."),
        ((MIGRATED, DIGEST, True, (), None), "it is not known what was written since."),
        ((SchemaChange("migrated", (), ("1_first",)), DIGEST, True, (), 0), "(-1_first)"),
        ((UNCHANGED, "", True, (), 0), "The schema is unchanged, but the digest that ran before is not recorded"),
        ((UNKNOWN, DIGEST, True, (), 0), "The migration history cannot be read (permission denied), so nobody knows"),
        ((SchemaChange("unknown"), DIGEST, True, (), 0), "The migration history cannot be read, so nobody knows"),
        ((RUNNING, DIGEST, True, (), 0), "A migration is running now (held by pid 7): wait until it has ended"),
        ((UNCHANGED, DIGEST, True, (), 0, True, True), f"The schema is unchanged and {DIGEST} runs already: there is nothing to do."),
        ((MIGRATED, DIGEST, True, (), 0, False, False), "the database as it is now is not kept, and there is no swapping back."),
    ],
)
def test_the_reason_names_the_fact(facts: Facts, reason: str) -> None:
    assert reason in decide(*facts).reason


def test_a_run_is_quoted_for_the_shell() -> None:
    decision = choose(
        run="x; reboot", schema=UNCHANGED, previous_digest=DIGEST, snapshot_proven=False, snapshot_reasons=(), writes_since=None
    )
    assert decision.next_command.endswith("-e ampora_run_id='x; reboot'")
