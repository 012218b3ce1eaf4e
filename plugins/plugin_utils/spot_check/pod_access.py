# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each pod is reached by itself: by its own address where this controller can, else through the API server."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Sequence

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.pods import Door, Place, Way, base_url
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.spot_check.tunnel import tunnel

CONNECT_SECONDS = 1.0


@contextlib.contextmanager
def pod_addresses(cluster: Cluster, places: Sequence[Place], door: Door) -> Iterator[tuple[Way, dict[str, str]]]:
    """The way, and pod -> http://ADDRESS:PORT; the way "Service" and nothing where no pod can be reached by itself."""
    if not door.port or door.scheme != "http" or not places:
        yield "Service", {}
        return
    if all(place.address and _connects(place.address, door.port) for place in places):
        yield "pod address", {place.name: base_url(place.address, door.port) for place in places}
        return
    if not _may_forward(cluster, places[0], door):
        yield "Service", {}
        return
    with contextlib.ExitStack() as stack:
        ports = {place.name: stack.enter_context(tunnel(cluster.forwarder(place.name, door.port))) for place in places}
        yield "port-forward", {name: base_url("127.0.0.1", port) for name, port in ports.items()}


def _connects(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def _may_forward(cluster: Cluster, place: Place, door: Door) -> bool:
    try:
        cluster.forwarder(place.name, door.port)().close()
    except UpgradeError:
        return False
    return True
