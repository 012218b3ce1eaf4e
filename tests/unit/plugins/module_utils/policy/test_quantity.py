# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quantities as Kubernetes writes them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.quantity import amounts, limits, quantity, requests
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", "1"),
        (2, "2"),
        (0.5, "0.5"),
        ("100m", "0.1"),
        ("1.5", "1.5"),
        ("2.", "2"),
        ("1Ki", "1024"),
        ("1.5Gi", "1610612736"),
        ("128M", "128000000"),
        ("3e3", "3000"),
        ("1E-3", "0.001"),
        ("5E", "5e18"),
        ("2Ei", str(2 * 1024**6)),
        ("250u", "0.00025"),
        ("3n", "3e-9"),
        ("4k", "4e3"),
        ("5G", "5e9"),
        ("6T", "6e12"),
        ("7P", "7e15"),
        ("3Mi", str(3 * 1024**2)),
        ("4Ti", str(4 * 1024**4)),
        ("5Pi", str(5 * 1024**5)),
        ("-1k", "-1000"),
    ],
)
def test_a_quantity(text: object, number: str) -> None:
    assert quantity(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "x", "1 Gi", "1KI", "m", "1e999", "9" * 40, ".5", None, "1\n", "\u0661"])
def test_what_is_none(text: object) -> None:
    assert quantity(text) is None


@given(st.text())
def test_no_text_is_an_exception(text: str) -> None:
    assert quantity(text) is None or isinstance(quantity(text), Decimal)


@given(st.integers(0, 10**9))
def test_a_thousand_thousandths_are_one(number: int) -> None:
    assert quantity(f"{number * 1000}m") == quantity(str(number))


def container(cpu: str = "", limit: str = "", **more: Any) -> dict[str, Any]:
    parts = {"requests": {"cpu": cpu} if cpu else None, "limits": {"cpu": limit} if limit else None}
    return {"resources": parts, **more}


@pytest.mark.parametrize(
    ("pod", "cpu"),
    [
        ({"containers": [container("1"), container("500m")]}, "1.5"),
        ({"containers": [container("", "2")]}, "2"),  # the API server takes the limit for the request
        ({"containers": [container("1", "2")]}, "1"),
        ({"containers": [container("1")], "initContainers": [container("3")]}, "3"),
        ({"containers": [container("2")], "initContainers": [container("1")]}, "2"),
        ({"containers": [container("1")], "initContainers": [container("1", restartPolicy="Always"), container("3")]}, "4"),
        ({"containers": [container("3")], "initContainers": [container("1", restartPolicy="Always"), container("2")]}, "4"),
        ({"containers": [container("1")], "initContainers": [container("3"), container("1", restartPolicy="Always")]}, "3"),
        ({"containers": [container("1")], "overhead": {"cpu": "250m"}}, "1.25"),
    ],
)
def test_what_a_pod_asks_for(pod: dict[str, Any], cpu: str) -> None:
    assert requests(pod) == {"cpu": Decimal(cpu)}


def test_a_pod_as_the_api_server_tells_it() -> None:
    """Words that are read are equal to ours, and not the same object."""
    pod = {"containers": [container("1")], "initContainers": [container("2", restartPolicy="Always"), container("3")]}
    assert requests(json.loads(json.dumps(pod))) == {"cpu": Decimal(5)}


def test_nothing_asked_for() -> None:
    assert requests({}) == {}
    assert requests({"containers": [{}]}) == {}
    assert limits({"containers": [container("1"), container("1", "2")]}) == {"cpu": Decimal(2)}
    assert amounts({"cpu": "x", "memory": "1"}) == {"memory": Decimal(1)}
