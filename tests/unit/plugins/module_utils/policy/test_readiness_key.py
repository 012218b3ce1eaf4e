# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.keys.encrypted import Proof
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_key import judge_key


@pytest.mark.parametrize(
    ("proof", "rotated_by", "expected"),
    [
        (None, "", []),
        (Proof("proven", "It fits"), "", []),
        (Proof("wrong", "It does not fit"), "", [("master-key-wrong", "block")]),
        (Proof("unknown", "Who knows"), "", [("master-key-unproven", "ack")]),
        (Proof("nothing", "Nothing to try"), "", [("master-key-unproven", "info")]),
        (None, "Previous", [("key-rotation", "ack")]),
        (Proof("wrong", "It does not fit"), "Previous", [("master-key-wrong", "block"), ("key-rotation", "ack")]),
    ],
)
def test_findings_about_the_key(proof: Proof | None, rotated_by: str, expected: list[tuple[str, str]]) -> None:
    findings = judge_key(proof, rotated_by)
    assert [(finding.id, finding.severity) for finding in findings] == expected
    assert all((proof is not None and finding.text.startswith(proof.text)) or "Previous is set" in finding.text for finding in findings)
