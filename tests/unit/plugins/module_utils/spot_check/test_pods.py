# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.pods import (
    Door,
    Place,
    base_url,
    door,
    not_ready,
    serving,
    told,
)

READY = [{"type": "Ready", "status": "True"}]


def pod(name: str, *, ending: bool = False, **status: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **({"deletionTimestamp": "now"} if ending else {})}, "status": status}


def test_the_pods_to_look_at() -> None:
    pods = [
        pod("b", podIP="10.0.0.2", phase="Running", conditions=READY),
        pod("a", podIP="10.0.0.1", phase="Running", conditions=[{"type": "Ready", "status": "False"}]),
        pod("ends", ending=True, podIP="10.0.0.3", conditions=READY),
        pod("evicted", phase="Failed"),
        pod("waits", phase="Pending"),
    ]
    places = serving(pods)
    assert places == [Place("a", "10.0.0.1", False), Place("b", "10.0.0.2", True), Place("waits", "", False)]
    assert not_ready(places) == ["the pod a is not ready", "the pod waits is not ready"]


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ({}, Door()),
        ({"ports": [{"containerPort": 8080}]}, Door(8080)),
        ({"ports": [{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 80}]}, Door(80)),
        ({"readinessProbe": {"httpGet": {"port": 8080, "path": "/health/ready"}}}, Door(8080, "http", "/health/ready")),
        (
            {
                "ports": [{"name": "opamp", "containerPort": 4320}, {"name": "web", "containerPort": 8080}],
                "readinessProbe": {"httpGet": {"port": "web"}},
            },
            Door(8080),
        ),
        ({"ports": [{"name": "web", "containerPort": 1}], "readinessProbe": {"httpGet": {"port": "other"}}}, Door(0)),
        ({"ports": [{"containerPort": 8443}], "readinessProbe": {"httpGet": {"scheme": "HTTPS", "port": 8443}}}, Door(8443, "https")),
        ({"ports": [{"containerPort": 8080}], "readinessProbe": {"tcpSocket": {"port": 8080}}}, Door(8080)),
    ],
)
def test_where_a_container_serves(container: dict[str, Any], expected: Door) -> None:
    assert door(container) == expected


def test_an_address_of_either_family() -> None:
    assert base_url("10.0.0.1", 80) == "http://10.0.0.1:80"
    assert base_url("fd00::1", 80) == "http://[fd00::1]:80"


def test_how_the_pods_were_seen_is_said() -> None:
    places = [Place("a", "", True), Place("b", "", True)]
    assert told("pod address", 2, places) == "2 of 2 pods, each by its pod address"
    assert told("port-forward", 1, places) == "1 of 2 pods, each by a port-forward"
    assert told("Service", 8, places) == (
        "2 pods serve, and the Service was asked 8 times by new connections: it does not say which of them answered"
    )
