# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter watch_verdict; its documentation is in watch_verdict.yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.fields import is_a
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.samples import Sample
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.signals import Signal
from ansible_collections.ampora.upgrades.plugins.module_utils.watch.verdict import Earlier, SignalResult, judge_signal, overall

_MEASURED = ("reference", "samples", "earlier_reference", "earlier_samples", "provider_errors")


def _watch_verdict(measured: object, replicas: int | None = None) -> dict[str, Any]:
    if not isinstance(measured, list) or not all(isinstance(item, Mapping) for item in measured):
        raise AnsibleFilterError("ampora.upgrades.watch_verdict needs a list of signals with their samples.", obj=measured)
    results = [_judge(item, replicas) for item in measured]
    return {"verdict": overall(results), "signals": [result.to_dict() for result in results]}


def _judge(item: Mapping[str, Any], replicas: int | None) -> SignalResult:
    try:
        signal = Signal.from_dict({key: value for key, value in item.items() if key not in _MEASURED}, replicas=replicas)
    except UpgradeError as error:
        raise AnsibleFilterError(str(error), obj=item) from error
    errors = item.get("provider_errors", 0)
    if not is_a(errors, int):
        raise AnsibleFilterError("ampora.upgrades.watch_verdict: provider_errors must be a whole number.", obj=errors)
    reference, samples, then, later = (_samples(item.get(name, [])) for name in _MEASURED[:4])
    return judge_signal(signal, reference, samples, provider_errors=errors, earlier=Earlier(then, later))


def _samples(value: object) -> list[Sample]:
    if not isinstance(value, list) or not all(_is_sample(pair) for pair in value):
        message = "ampora.upgrades.watch_verdict: references and samples must be lists of [time, value] pairs; null is an absent value."
        raise AnsibleFilterError(message, obj=value)
    return [(float(time), None if number is None else float(number)) for time, number in value]


def _is_sample(pair: object) -> bool:
    # NaN is a value here: the verdict takes it for an absent one.
    return (
        isinstance(pair, (list, tuple))
        and len(pair) == 2
        and is_a(pair[0], float)
        and (pair[1] is None or isinstance(pair[1], (int, float)))
    )


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"watch_verdict": _watch_verdict}
