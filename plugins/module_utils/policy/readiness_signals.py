# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Can each signal be trusted to fail: exactly one series, and a fresh one (the self check of the watch).

A query that gives two series has no one value, and one that repeats an old value stays well whatever happens.
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding


def judge_source(prometheus: bool) -> list[Finding]:
    """Without a Prometheus the watch knows less, which a person should hear before and not after."""
    if prometheus:
        return []
    text = (
        "No Prometheus is named (ampora_prometheus_url): the pods are asked for their metrics through the API server. There is no history,"
        " so the reference is measured just before the rollout, and alerts are not looked at."
    )
    return [Finding("no-prometheus", "info", text)]


def judge_series(counts: Mapping[str, int]) -> list[Finding]:
    """Signal -> how many series its query gives; none at all is `signal-without-data`, which is judged by the value."""
    many = [f"{name} ({count})" for name, count in sorted(counts.items()) if count > 1]
    if not many:
        return []
    text = (
        f"Prometheus gives more than one series for {', '.join(many[:10])} (ampora_signals): a signal is one value. Put the query into"
        " sum(), max() or the like."
    )
    return [Finding("signal-many-series", "block", text, evidence=tuple(many))]


def judge_freshness(ages: Mapping[str, float | None], longest: float) -> list[Finding]:
    """Signal -> seconds since its newest sample (None is not known, which is not judged)."""
    old = [f"{name} ({age:.0f} s)" for name, age in sorted(ages.items()) if age is not None and age > longest]
    if not old:
        return []
    text = (
        f"The newest sample is older than {longest:.0f} s for {', '.join(old[:10])} (ampora_signals): the watch would judge the past. Mend"
        " the scraping, or the recording rule behind the query."
    )
    return [Finding("signal-stale", "block", text, evidence=tuple(old))]
