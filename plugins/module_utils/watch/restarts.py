# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do the pods stay up: restarts of their containers, as the cluster counts them.

A process that ends and comes back within two scrapes is never down for Prometheus.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.watch.samples import Sample, finite, present
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import MAXIMUM_PROVIDER_ERRORS, TAIL, SignalResult

NAME = "restarts"

Counts = Mapping[str, int]  # pod -> restarts of its containers


def counts(pods: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The restarts of each pod since it is there."""
    return {
        str(pod["metadata"]["name"]): sum(
            int(status.get("restartCount", 0)) for status in pod.get("status", {}).get("containerStatuses") or []
        )
        for pod in pods
    }


class Restarts:
    """Adds up what is new at each look; a pod that came meanwhile began with none, one that went keeps what it had."""

    def __init__(self, first: Counts) -> None:
        self._seen = dict(first)
        self.total = 0

    def add(self, now: Counts) -> int:
        """The restarts since the first look."""
        for pod, count in now.items():
            self.total += max(0, count - self._seen.get(pod, 0))
            self._seen[pod] = max(count, self._seen.get(pod, 0))
        return self.total


def last_words(pods: Sequence[Mapping[str, Any]]) -> str:
    """Why containers ended last, by the cluster's own account."""
    found = []
    for pod in pods:
        for status in pod.get("status", {}).get("containerStatuses") or []:
            ended = (status.get("lastState") or {}).get("terminated")
            if ended:
                found.append(f"{pod['metadata']['name']} ended with {ended.get('exitCode')} ({ended.get('reason', 'no reason')})")
    return ", ".join(sorted(found)[:3])


def judge_restarts(samples: Sequence[Sample], allowed: int, words: str = "", *, left: int = 0, provider_errors: int = 0) -> SignalResult:
    """The number of restarts while watching against the number allowed; it only grows, so one above is final.

    `left` samples are still to come: as good as can be is that they are there and add none.
    """
    if provider_errors > MAXIMUM_PROVIDER_ERRORS:
        return SignalResult(NAME, "error", f"the pods could not be read {provider_errors} times in a row")
    known = present(finite(samples))
    if not known and not left:
        return SignalResult(NAME, "inconclusive", "the pods could not be read")
    count = int(known[-1]) if known else 0
    text = f"{count} {'restart' if count == 1 else 'restarts'} while watching"
    result = SignalResult(NAME, "pass", text, last=float(count), high=float(allowed))
    if count > allowed:
        more = f": {words}" if words else ""
        return replace(result, verdict="fail", text=f"{text}, and at most {allowed} may be{more}")
    if not left and all(value is None for value in finite(samples)[-TAIL:]):
        return replace(result, verdict="inconclusive", text=f"{text}, but the pods could not be read at the end")
    return result
