# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The deprecation banners of the Settings page, compared with what the logs counted for the plan."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.subjects import find, normal_key

MOST_BANNERS = 50
_IDS = ("deprecated-in-use", "deprecated-in-use-removed")
# A line of evidence of the plan: "Feature": 12 times, last at ...: "message"
_COUNTED = re.compile(r'"(?P<feature>(?:[^"\\]|\\.)+)": (?P<count>\d+) times')


def counted(findings: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How often the logs warned of each feature, as the plan's findings say."""
    found: dict[str, int] = {}
    for finding in findings:
        if finding.get("id") in _IDS:
            lines = finding.get("evidence")
            for line in lines if isinstance(lines, list) else ():
                if match := _COUNTED.match(str(line)):
                    found[match["feature"]] = int(match["count"])
    return found


def compare(banners: Sequence[str], logged: Mapping[str, int]) -> dict[str, Any]:
    """Each banner with what the logs counted of it (None: nothing), and what only the logs know."""
    shown = [{"text": text, "logged": next((logged[name] for name in logged if _speaks_of(text, name)), None)} for text in banners]
    alone = {name: count for name, count in logged.items() if not any(_speaks_of(text, name) for text in banners)}
    return {"banners": shown[:MOST_BANNERS], "only_in_logs": alone}


def _speaks_of(text: str, feature: str) -> bool:
    """By the feature's own name, or by the same key in another notation (`OpAmp__LegacyHeartbeat`)."""
    if feature.lower() in text.lower():
        return True
    return normal_key(feature) in {subject.key for subject in find(text, "") if subject.kind == "key"}
