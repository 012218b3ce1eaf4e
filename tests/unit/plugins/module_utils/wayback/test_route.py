# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from itertools import product

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import SchemaChange
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback.route import RouteDecision, choose

RUN = "20261122t2140z-ab12cd"
COMMAND = f"ansible-playbook ampora.upgrades.rollback -e ampora_run_id={RUN}"
CONSENT = f"{COMMAND} -e ampora_accept_data_loss={RUN}"
DIGEST = "sha256:" + "a" * 64
UNKNOWN, UNCHANGED, MIGRATED = SchemaChange("unknown"), SchemaChange("unchanged"), SchemaChange("migrated", ("2_second",), ())


def decide(schema: SchemaChange, digest: str, proven: bool, reasons: tuple[str, ...], writes: int | None) -> RouteDecision:
    return choose(run=RUN, schema=schema, previous_digest=digest, snapshot_proven=proven, snapshot_reasons=reasons, writes_since=writes)


def expected(schema: SchemaChange, digest: str, proven: bool, reasons: tuple[str, ...], writes: int | None) -> tuple[str, bool | None, str]:
    """The table of the design (section 8), written down a second time and in another form."""
    match (schema.state, bool(digest), proven and not reasons, writes):
        case ("unknown", _, _, _):
            return "ask", None, COMMAND
        case ("unchanged", True, _, _):
            return "undo", True, COMMAND
        case (_, False, _, _) | ("migrated", _, False, _):
            return "none", None, COMMAND
        case ("migrated", True, True, 0):
            return "restore", True, COMMAND
        case ("migrated", True, True, None):
            return "restore", None, CONSENT
        case _:
            return "restore", False, CONSENT


ALL = list(product((UNKNOWN, UNCHANGED, MIGRATED), (DIGEST, ""), (True, False), ((), ("it is of another deployment",)), (0, 7, None)))


@pytest.mark.parametrize("facts", ALL)
def test_every_combination(facts: tuple[SchemaChange, str, bool, tuple[str, ...], int | None]) -> None:
    decision = decide(*facts)
    assert (decision.route, decision.lossless, decision.next_command) == expected(*facts)
    assert decision.reason.endswith(".")


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
    ],
)
def test_the_reason_names_the_fact(facts: tuple[SchemaChange, str, bool, tuple[str, ...], int | None], reason: str) -> None:
    assert reason in decide(*facts).reason


def test_a_run_is_quoted_for_the_shell() -> None:
    decision = choose(
        run="x; reboot", schema=UNCHANGED, previous_digest=DIGEST, snapshot_proven=False, snapshot_reasons=(), writes_since=None
    )
    assert decision.next_command.endswith("-e ampora_run_id='x; reboot'")
