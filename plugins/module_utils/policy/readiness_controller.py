# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller itself must have: the programs of a backup tool, and what sends messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding


@dataclass(frozen=True)
class SnapshotTool:
    """ampora_snapshot_command as it stands: `absent` are programs that the controller does not have."""

    commands: Mapping[str, Sequence[str]]
    absent: tuple[str, ...] = ()


def judge_tool(tool: SnapshotTool | None) -> list[Finding]:
    """Whether the tool can take and prove a snapshot from here, and whether it can bring one database back."""
    if tool is None:
        return []
    wrong = [f"has no argument list for {verb}" for verb in ("take", "verify") if not tool.commands.get(verb)]
    wrong += [f"names {program}, which is not on the controller" for program in tool.absent]
    findings = []
    if wrong:
        text = (
            f"ampora_snapshot_command {'; it '.join(wrong)}: no snapshot could be taken and proven. Install the tool, or name it by its"
            " path."
        )
        findings.append(Finding("snapshot-tool-missing", "block", text, evidence=tuple(wrong)))
    if not tool.commands.get("restore"):
        text = (
            "ampora_snapshot_command has no argument list for restore: after a migration there is no way back but a person with the tool"
            " itself. Give one that restores one database, or acknowledge."
        )
        findings.append(Finding("restore-by-hand", "ack", text))
    return findings


def judge_notify(*, missing: bool) -> list[Finding]:
    if not missing:
        return []
    text = (
        "ampora_notify is set, and the Python package apprise is not installed on the controller: nobody would get a message. Install it"
        " (pip install apprise), or acknowledge."
    )
    return [Finding("notify-missing", "ack", text)]
