# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the master key fits the data, before anything is done that could need it."""

from __future__ import annotations

from ansible_collections.ampora.upgrades.plugins.module_utils.keys.encrypted import Proof
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding

_AGAIN = "Without the right key the new pods cannot read the data, and nor could a restored database be read."


def judge_key(proof: Proof | None, rotated_by: str) -> list[Finding]:
    """`proof` is None for an application without a key; `rotated_by` names the previous key's variable where it is set."""
    findings = []
    if proof is not None and proof.state == "wrong":
        findings.append(Finding("master-key-wrong", "block", f"{proof.text}. {_AGAIN}"))
    if proof is not None and proof.state == "unknown":
        findings.append(Finding("master-key-unproven", "ack", f"{proof.text}. Name the scheme there, or acknowledge."))
    if proof is not None and proof.state == "nothing":
        findings.append(Finding("master-key-unproven", "info", f"{proof.text}, so it is not proven to fit the data."))
    if rotated_by:
        text = (
            f"{rotated_by} is set: the data is being encrypted under a new master key. A snapshot of that time holds values under both, and"
            " only one is attached again. End the rotation first, or acknowledge."
        )
        findings.append(Finding("key-rotation", "ack", text))
    return findings
