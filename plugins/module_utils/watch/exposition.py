# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pod's /metrics says of a signal, in the few words that stand in for PromQL: metric, labels, aggregate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, need
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal

try:
    from prometheus_client import parser
except ImportError:
    parser = None  # type: ignore[assignment]

# As Prometheus makes it: 1 for a pod that answered, 0 for one that did not.
UP = "up"
MOST_SAMPLES = 50_000
# What an increase is told for, so that it does not depend on how often is asked.
INCREASE_SECONDS = 60.0

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]
Scrape = Mapping[str, "Series | None"]  # pod -> what it said; None when it did not answer


def parse(text: str, metrics: Iterable[str]) -> Series:
    """The samples of these metrics in an exposition of the text format 0.0.4; the others are passed over."""
    need(parser, "prometheus_client")
    wanted = set(metrics)
    # Only these lines: an exposition may have a hundred thousand others, and the parser is no fast one.
    lines = [line for line in text.splitlines() if line and _name(line) in wanted]
    if len(lines) > MOST_SAMPLES:
        raise UpgradeError(
            f"A pod's metrics have {len(lines)} samples of {', '.join(sorted(wanted))}, and {MOST_SAMPLES} are read at most."
        )
    try:
        families = list(parser.text_string_to_metric_families("\n".join(lines) + "\n"))
    except (ValueError, KeyError, IndexError) as error:
        raise UpgradeError(f"A pod's metrics are not in the text format of Prometheus: {str(error)[:200]}.") from error
    return {(sample.name, frozenset(sample.labels.items())): float(sample.value) for family in families for sample in family.samples}


def value(signal: Signal, scrape: Scrape, earlier: Scrape | None = None, seconds: float = 0.0) -> float | None:
    """The signal's value by one scrape of all pods; an increase needs the scrape before and the seconds since.

    None when no pod says anything of it.
    """
    if signal.metric == UP and not signal.labels:
        return float(sum(1 for found in scrape.values() if found is not None))
    if signal.aggregate == "increase":
        return _increase(signal, scrape, earlier, seconds)
    found = [number for series in scrape.values() for number in _matching(signal, series).values() if math.isfinite(number)]
    if not found:
        return None
    return max(found) if signal.aggregate == "max" else min(found) if signal.aggregate == "min" else math.fsum(found)


def _increase(signal: Signal, scrape: Scrape, earlier: Scrape | None, seconds: float) -> float | None:
    """By how much counters grew, told for a minute; one that is lower than before began anew, and a new one counts from now."""
    if earlier is None or seconds <= 0:
        return None
    grown, seen = 0.0, False
    for pod, series in scrape.items():
        before = _matching(signal, earlier.get(pod))
        for key, number in _matching(signal, series).items():
            seen = True
            if pod in earlier and earlier[pod] is not None:
                # A counter has no series before its first event, so in a pod that answered before it stood at 0.
                was = before.get(key, 0.0)
                grown += number - was if number >= was else number
    return grown * INCREASE_SECONDS / seconds if seen else None


def _matching(signal: Signal, series: Series | None) -> Series:
    wanted = set(signal.labels.items())
    return {key: number for key, number in (series or {}).items() if key[0] == signal.metric and wanted <= key[1]}


def _name(line: str) -> str:
    return line.split("{", 1)[0].split(" ", 1)[0].strip()


def described(signals: Iterable[Signal]) -> list[str]:
    """The metrics that are to be read for these signals."""
    return sorted({signal.metric for signal in signals} - {UP, ""})
