# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_controller import SnapshotTool, judge_notify, judge_tool

WHOLE = {"take": ["tool", "take"], "verify": ["tool", "verify"], "restore": ["tool", "restore"], "remove": []}


@pytest.mark.parametrize(
    ("tool", "found"),
    [
        (None, []),
        (SnapshotTool(WHOLE), []),
        (SnapshotTool(WHOLE, ("tool",)), [("snapshot-tool-missing", "block")]),
        (SnapshotTool({**WHOLE, "verify": []}), [("snapshot-tool-missing", "block")]),
        (SnapshotTool({**WHOLE, "restore": []}), [("restore-by-hand", "ack")]),
        (SnapshotTool({}), [("snapshot-tool-missing", "block"), ("restore-by-hand", "ack")]),
    ],
)
def test_a_backup_tool(tool: SnapshotTool | None, found: list[tuple[str, str]]) -> None:
    assert [(item.id, item.severity) for item in judge_tool(tool)] == found


def test_all_that_is_wrong_with_it_is_said_at_once() -> None:
    [finding, _by_hand] = judge_tool(SnapshotTool({"take": ["pgtool"]}, ("pgtool",)))
    assert finding.text == (
        "ampora_snapshot_command has no argument list for verify; it names pgtool, which is not on the controller: no snapshot could be"
        " taken and proven. Install the tool, or name it by its path."
    )


@pytest.mark.parametrize(("missing", "found"), [(False, []), (True, [("notify-missing", "ack")])])
def test_messages_that_nothing_would_send(missing: bool, found: list[tuple[str, str]]) -> None:
    assert [(item.id, item.severity) for item in judge_notify(missing=missing)] == found
