# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the policy, the notes or the cluster says about a hop, and what that means for the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import quote

if TYPE_CHECKING:
    from ansible_collections.ampora.upgrades.plugins.module_utils.policy.rules import Rule

Severity = Literal["info", "ack", "block"]
Decision = Literal["go", "acknowledge", "blocked"]


@dataclass(frozen=True)
class Override:
    """A named rule switched off for this run; `until` is an ISO date or date and time, empty for this run only."""

    rule: str
    reason: str
    until: str = ""

    def to_dict(self) -> dict[str, str]:
        return {"rule": self.rule, "reason": self.reason, "until": self.until}


@dataclass(frozen=True)
class Answers:
    """What people have said: about findings, about rules, and rules of their own; `by` is who runs this (user, AWX job, host)."""

    acks: Mapping[str, str] = field(default_factory=dict)
    overrides: Sequence[Override] = ()
    rules: Sequence[Rule] = ()
    by: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {"by": dict(self.by), "acks": dict(self.acks), "overrides": [item.to_dict() for item in self.overrides]}


@dataclass(frozen=True)
class Finding:
    """One statement about one hop; `text` is a sentence that names the thing, its value, the rule and the next step."""

    id: str
    severity: Severity
    text: str
    version: str = ""
    evidence: tuple[str, ...] = ()
    acknowledged: bool = False
    overridden: Override | None = None
    hop: int = 0  # the number of the hop of the path that it is about

    @property
    def ack_key(self) -> str:
        """The key under which a person answers this finding of this version."""
        return f"ack-{self.version}-{self.id}"

    def to_dict(self) -> dict[str, object]:
        """Plain JSON for results, the journal and the report."""
        return {
            "id": self.id,
            "severity": self.severity,
            "text": self.text,
            "version": self.version,
            "evidence": list(self.evidence),
            "acknowledged": self.acknowledged,
            "ack_key": self.ack_key,
            "overridden": self.overridden.to_dict() if self.overridden else None,
            "hop": self.hop,
        }

    @property
    def open(self) -> bool:
        """Whether it still stands in the way: neither information, nor answered, nor overridden."""
        return self.severity != "info" and not self.acknowledged and self.overridden is None


def acknowledge(findings: Iterable[Finding], acks: Mapping[str, str]) -> list[Finding]:
    """Mark what a person has answered; an answer that answers nothing is itself a finding, since it is often a typing error."""
    found = list(findings)
    marked = [replace(f, acknowledged=True) if f.severity == "ack" and _is_true(acks.get(f.ack_key)) else f for f in found]
    return marked + [remark for key, value in acks.items() for remark in _remarks(key, value, found)]


def _is_true(value: object) -> bool:
    """Only the exact string: a YAML `true` may come from a default that nobody wrote for this version."""
    return isinstance(value, str) and value == "true"


def _remarks(key: str, value: object, findings: list[Finding]) -> list[Finding]:
    severities = {f.severity for f in findings if f.ack_key == key}
    if "ack" in severities:
        if _is_true(value):
            return []
        text = f'ampora_acks has {quote(key)} with {quote(value)}, and only the string "true" counts: write {key}: "true", with the quotes.'
        return [Finding("ack-value", "info", text)]
    if severities:
        text = f"ampora_acks has {quote(key)}, but that finding is not one to acknowledge: remove the key and do what the finding says."
    else:
        text = f"ampora_acks has {quote(key)}, but this hop has no such finding: remove the key or correct its version and name."
    return [Finding("unused-ack", "info", text)]


def decide(findings: Iterable[Finding]) -> Decision:
    """What all findings together mean: the run goes, waits for a person's answer, or may not go."""
    standing = {finding.severity for finding in findings if finding.open}
    if "block" in standing:
        return "blocked"
    return "acknowledge" if standing else "go"
