# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of acknowledgements and of the decision."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding, Severity, acknowledge, decide
from hypothesis import given
from hypothesis import strategies as st

GUIDE = Finding("migration-guide", "ack", "Read the guide.", "2.0.0", ("notes.md:1",))
KEY = "ack-2.0.0-migration-guide"

FINDINGS = st.builds(
    Finding,
    id=st.sampled_from(["word-remove", "drift"]),
    severity=st.sampled_from(["info", "ack", "block"]),
    text=st.just("text"),
    version=st.sampled_from(["1.5.0", "2.0.0"]),
)


def test_key_and_plain_form() -> None:
    assert GUIDE.ack_key == KEY
    assert json.loads(json.dumps(GUIDE.to_dict())) == {
        "id": "migration-guide",
        "severity": "ack",
        "text": "Read the guide.",
        "version": "2.0.0",
        "evidence": ["notes.md:1"],
        "acknowledged": False,
        "ack_key": KEY,
        "overridden": None,
        "hop": 0,
    }


def test_the_exact_answer_acknowledges() -> None:
    (marked,) = acknowledge([GUIDE], {KEY: "true"})
    assert marked.acknowledged
    assert decide([marked]) == "go"


@pytest.mark.parametrize("value", [True, "True", "yes", "true ", "", None, 1])
def test_any_other_answer_does_not_and_says_so(value: Any) -> None:
    marked, remark = acknowledge([GUIDE], {KEY: value})
    assert not marked.acknowledged
    assert (remark.id, remark.severity) == ("ack-value", "info")
    assert f'{KEY}: "true"' in remark.text


def test_answer_for_another_version_is_unused() -> None:
    marked, remark = acknowledge([GUIDE], {"ack-2.1.0-migration-guide": "true"})
    assert not marked.acknowledged
    assert (remark.id, remark.severity) == ("unused-ack", "info")
    assert "ack-2.1.0-migration-guide" in remark.text


def test_a_block_cannot_be_acknowledged() -> None:
    block = Finding("skipped-minor", "block", "No.", "1.6.0")
    marked, remark = acknowledge([block], {block.ack_key: "true"})
    assert marked == block
    assert remark.id == "unused-ack"
    assert "not one to acknowledge" in remark.text
    assert decide([marked, remark]) == "blocked"


@pytest.mark.parametrize(
    ("severities", "decision"),
    [([], "go"), (["info"], "go"), (["info", "ack"], "acknowledge"), (["ack", "block"], "blocked"), (["block", "info"], "blocked")],
)
def test_decide(severities: list[Severity], decision: str) -> None:
    assert decide(Finding("x", severity, "text") for severity in severities) == decision


@given(st.lists(FINDINGS))
def test_answering_every_key_leaves_only_blocks(findings: list[Finding]) -> None:
    marked = acknowledge(findings, {f.ack_key: "true" for f in findings})
    assert decide(marked) == ("blocked" if any(f.severity == "block" for f in findings) else "go")
    assert [f.id for f in marked[: len(findings)]] == [f.id for f in findings]


def test_an_answer_that_was_read_is_as_good_as_a_written_one() -> None:
    """It is equal, and not the same object."""
    assert acknowledge([GUIDE], json.loads(json.dumps({KEY: "true"})))[0].acknowledged
