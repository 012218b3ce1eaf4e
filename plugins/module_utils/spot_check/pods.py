# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pods have to be looked at, where each of them serves, and how that is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Way = Literal["", "pod address", "port-forward", "Service"]
_NO_PORT = 0


@dataclass(frozen=True)
class Place:
    """A pod that serves, or should."""

    name: str
    address: str
    ready: bool


@dataclass(frozen=True)
class Door:
    """Where a container serves people: as its own readiness probe says, else its first port. port 0 is not known."""

    port: int = _NO_PORT
    scheme: str = "http"
    ready_path: str = ""


def serving(pods: Iterable[Mapping[str, Any]]) -> list[Place]:
    """The pods to look at, by name: not those that end, nor those that have ended."""
    found = []
    for pod in pods:
        status = pod.get("status") or {}
        if pod["metadata"].get("deletionTimestamp") or status.get("phase") in ("Succeeded", "Failed"):
            continue
        ready = any(item.get("type") == "Ready" and item.get("status") == "True" for item in status.get("conditions") or [])
        found.append(Place(str(pod["metadata"]["name"]), str(status.get("podIP") or ""), ready))
    return sorted(found, key=lambda place: place.name)


def door(container: Mapping[str, Any]) -> Door:
    """The port and the scheme of the application in its container."""
    ports = [port for port in container.get("ports") or [] if port.get("protocol", "TCP") == "TCP"]
    probe = (container.get("readinessProbe") or {}).get("httpGet") or {}
    named = {str(port.get("name")): int(port["containerPort"]) for port in ports}
    wanted = probe.get("port", ports[0]["containerPort"] if ports else _NO_PORT)
    port = wanted if isinstance(wanted, int) else named.get(str(wanted), _NO_PORT)
    return Door(port, str(probe.get("scheme", "HTTP")).lower(), str(probe.get("path", "")))


def base_url(address: str, port: int) -> str:
    """http://ADDRESS:PORT, with the brackets of an IPv6 address."""
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


def told(way: Way, seen: int, places: Sequence[Place]) -> str:
    """How many pods were seen and how, in words."""
    if way == "Service":
        return (
            f"{len(places)} pods serve, and the Service was asked {seen} times by new connections: it does not say which of them answered"
        )
    return f"{seen} of {len(places)} pods, each by its {way}" if way == "pod address" else f"{seen} of {len(places)} pods, each by a {way}"


def not_ready(places: Iterable[Place]) -> list[str]:
    return [f"the pod {place.name} is not ready" for place in places if not place.ready]
