# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second opinion: no alert fires that did not fire before the rollout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import (
    MAXIMUM_PROVIDER_ERRORS,
    MINIMUM_SAMPLES,
    TAIL,
    SignalResult,
)

NAME = "alerts"
NAMESPACE = "{namespace}"
# An upgrade replaces every pod: an alert that goes on for a new pod is the same trouble as before.
OF_A_POD = ("pod", "pod_name", "instance", "pod_ip", "uid")
OF_THE_SERIES = ("__name__", "alertstate", "prometheus", "prometheus_replica")
SHOWN = ("severity", "service", "deployment", "pod")
MOST_SHOWN = 5
LONGEST = 200

Alert = tuple[tuple[str, str], ...]  # its labels, sorted
AlertSample = tuple[float, "Sequence[Alert] | None"]  # None: could not be read


def alert(labels: Mapping[str, str]) -> Alert:
    """An alert by the labels of its series."""
    return tuple(sorted((str(name), str(value)) for name, value in labels.items() if name not in OF_THE_SERIES))


def words(one: Alert) -> str:
    """As a person calls it."""
    labels = dict(one)
    more = ", ".join(f"{name} {labels[name]}" for name in SHOWN if labels.get(name))
    text = f"{labels.get('alertname', 'an alert without a name')}{f' ({more})' if more else ''}"
    # Anybody who may write a rule may write these: nothing that repaints or floods a terminal.
    return "".join(character if character.isprintable() else "?" for character in text[:LONGEST])


def appeared(before: Iterable[Alert], now: Iterable[Alert]) -> list[Alert]:
    """Those that fire now beyond what fired before; of alerts that differ in their pod only, as many more as there are now."""
    known = Counter(_kind(one) for one in before)
    found = []
    for one in sorted(set(now)):
        if known[_kind(one)] > 0:
            known[_kind(one)] -= 1
        else:
            found.append(one)
    return found


def judge_alerts(
    before: Sequence[Alert] | None, samples: Sequence[AlertSample], *, provider_errors: int, stopped: bool = False
) -> SignalResult:
    """No new alert may begin to fire while watching, nor fire when it ends.

    One that the rollout itself has set off, and that is gone by the end, is what a disturbance looks like. Where the rollout had
    `stopped` all pods, a rule may notice that late, by what it looks back at and waits for (`for:`): then only the end counts.
    """
    if provider_errors > MAXIMUM_PROVIDER_ERRORS:
        return SignalResult(NAME, "error", f"the alerts could not be read {provider_errors} times in a row")
    if before is None:
        return SignalResult(NAME, "inconclusive", "it could not be read which alerts fired before the rollout")
    fresh = [appeared(before, firing) for _at, firing in samples if firing is not None]
    disturbance = fresh if stopped else fresh[:1]
    result = SignalResult(NAME, "pass", _calm(before, disturbance), high=0.0, last=float(len(fresh[-1])) if fresh else None)
    begun = [one for firing in fresh[1:] for one in appeared(fresh[0], firing)]
    if begun and not stopped:
        return replace(result, verdict="fail", text=f"began to fire: {_list(begun)}")
    if len(samples) < MINIMUM_SAMPLES:
        return replace(result, verdict="inconclusive", text=f"{len(samples)} samples, and {MINIMUM_SAMPLES} are needed")
    if len(fresh) * 2 < len(samples) or all(firing is None for _at, firing in samples[-TAIL:]):
        return replace(result, verdict="inconclusive", text=f"only {len(fresh)} of {len(samples)} samples are there")
    if fresh[-1]:
        return replace(result, verdict="fail", text=f"fire since the rollout: {_list(fresh[-1])}")
    return result


def at_best(
    before: Sequence[Alert] | None, samples: Sequence[AlertSample], left: int, *, provider_errors: int, stopped: bool = False
) -> SignalResult:
    """The result if nothing new fires in the `left` samples still to come."""
    last = samples[-1][0] if samples else 0.0
    hoped: list[AlertSample] = [(last + 1 + number, ()) for number in range(left)]
    return judge_alerts(before, [*samples, *hoped], provider_errors=provider_errors, stopped=stopped)


def _calm(before: Sequence[Alert], disturbance: Sequence[Sequence[Alert]]) -> str:
    text = "no new alert"
    if passed := [one for firing in disturbance for one in firing]:
        text += f"; set off by the rollout and over: {_list(passed)}"
    if before:
        text += f"; fired before already, and ignored: {_list(before)}"
    return text


def _list(alerts: Sequence[Alert]) -> str:
    names = sorted({words(one) for one in alerts})
    rest = len(names) - MOST_SHOWN
    return ", ".join(names[:MOST_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _kind(one: Alert) -> Alert:
    return tuple((name, value) for name, value in one if name not in OF_A_POD)
