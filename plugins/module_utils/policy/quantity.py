# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubernetes quantities ("100m", "1Gi", "2e3") and what a pod asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Amounts = dict[str, Decimal]

_FORM = re.compile(r"([+-]?[0-9]{1,30}(?:\.[0-9]{0,30})?)(?:[eE]([+-]?[0-9]{1,2})|(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E))?")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}


def quantity(value: object) -> Decimal | None:
    """The number that it means, or None when it is no quantity."""
    match = _FORM.fullmatch(str(value))
    if match is None:
        return None
    number, exponent, suffix = match.groups()
    if suffix in _BINARY:
        factor: int = 1024 ** _BINARY[suffix]
        return Decimal(number) * factor
    return Decimal(number).scaleb(int(exponent) if exponent else _DECIMAL.get(suffix, 0))


def amounts(values: Mapping[str, Any] | None) -> Amounts:
    """Resources with their numbers; what is no quantity is left out."""
    read = {name: quantity(value) for name, value in (values or {}).items()}
    return {name: number for name, number in read.items() if number is not None}


def add(one: Mapping[str, Decimal], other: Mapping[str, Decimal]) -> Amounts:
    return {name: one.get(name, Decimal(0)) + other.get(name, Decimal(0)) for name in (*one, *other)}


def requests(pod: Mapping[str, Any]) -> Amounts:
    """What the scheduler reserves for a pod's spec; a container without a request asks for its limit."""
    return _total(pod, lambda resources: {**amounts(resources.get("limits")), **amounts(resources.get("requests"))})


def limits(pod: Mapping[str, Any]) -> Amounts:
    return _total(pod, lambda resources: amounts(resources.get("limits")))


def _total(pod: Mapping[str, Any], of: Callable[[Mapping[str, Any]], Amounts]) -> Amounts:
    """Containers and sidecars run together; the other init containers one by one, before them."""
    running: Amounts = {}
    peak: Amounts = {}
    for container in pod.get("initContainers") or []:
        wanted = of(container.get("resources") or {})
        if container.get("restartPolicy") == "Always":
            running = add(running, wanted)
        peak = _larger(peak, running if container.get("restartPolicy") == "Always" else add(running, wanted))
    for container in pod.get("containers") or []:
        running = add(running, of(container.get("resources") or {}))
    return add(_larger(peak, running), amounts(pod.get("overhead")))


def _larger(one: Mapping[str, Decimal], other: Mapping[str, Decimal]) -> Amounts:
    return {**one, **{name: max(number, one.get(name, number)) for name, number in other.items()}}
