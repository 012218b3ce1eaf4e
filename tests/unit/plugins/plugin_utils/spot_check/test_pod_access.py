# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.pods import Door, Place
from ansible_collections.ampora.upgrades.plugins.plugin_utils.spot_check.pod_access import pod_addresses

from tests.unit.doubles.kubernetes import Kubernetes


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


class Forwarding(Kubernetes):
    """A cluster whose API server forwards, or refuses to."""

    def __init__(self, port: int, refusal: UpgradeError | None = None) -> None:
        super().__init__()
        self.port, self.refusal = port, refusal

    def forwarder(self, pod: str, port: int) -> Callable[[], Any]:
        del pod, port

        def connect() -> socket.socket:
            if self.refusal:
                raise self.refusal
            return socket.create_connection(("127.0.0.1", self.port), 5)

        return connect


def test_by_its_own_address(listening: int) -> None:
    with pod_addresses(Kubernetes(), [Place("a", "127.0.0.1", True)], Door(listening)) as found:
        assert found == ("pod address", {"a": f"http://127.0.0.1:{listening}"})


def test_by_a_port_forward_when_one_cannot_be_reached(listening: int) -> None:
    places = [Place("a", "127.0.0.1", True), Place("b", "", True)]
    with pod_addresses(Forwarding(listening), places, Door(listening)) as (way, addresses):
        assert (way, list(addresses)) == ("port-forward", ["a", "b"])
        assert len({*addresses.values(), f"http://127.0.0.1:{listening}"}) == 3


@pytest.mark.parametrize("door", [Door(0), Door(8443, "https")])
def test_a_door_that_is_not_known_or_not_plain(door: Door) -> None:
    with pod_addresses(Kubernetes(), [Place("a", "127.0.0.1", True)], door) as found:
        assert found == ("Service", {})


def test_a_port_forward_that_is_refused() -> None:
    cluster = Forwarding(1, UpgradeError("these credentials may not do that"))
    with pod_addresses(cluster, [Place("a", "", True)], Door(8080)) as found:
        assert found == ("Service", {})
