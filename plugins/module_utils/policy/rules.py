# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site's own rules: JMESPath expressions over the plan, each a finding when it is true.

A team adds "never above 1.6" or "at least three replicas" without writing a plug-in (https://jmespath.org/specification.html).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, need, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding, Severity

try:
    import jmespath
    from jmespath.exceptions import JMESPathError
except ImportError:
    jmespath = None  # type: ignore[assignment]

NEXT_STEP = "Correct the entry in ampora_policy_rules; the plan is what `plan.yml` writes to report.json."


def judge_rules(rules: Sequence[Mapping[str, str]], plan: Mapping[str, Any]) -> list[Finding]:
    """The rules whose expression is exactly true; an expression that fails, or gives anything but true, false or null, is an error."""
    if not rules:
        return []
    need(jmespath, "jmespath")
    findings = []
    for rule in rules:
        try:
            answer = jmespath.search(str(rule["when"]), plan)
        except JMESPathError as error:
            words = " ".join(str(error).split())
            raise UpgradeError(f"The rule {rule['id']} cannot be evaluated: {words}", next_step=NEXT_STEP) from error
        if answer is not None and not isinstance(answer, bool):  # by type: in Python 1 equals True
            raise UpgradeError(f"The rule {rule['id']} gives {quote(answer)}, and a rule is true or false.", next_step=NEXT_STEP)
        if answer is True:
            severity = cast(Severity, rule["severity"])
            findings.append(Finding(rule["id"], severity, rule["text"], str(plan.get("target", {}).get("version", ""))))
    return findings
