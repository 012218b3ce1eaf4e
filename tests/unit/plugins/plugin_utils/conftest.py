# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.doubles.prometheus_server import PrometheusServer
from tests.unit.doubles.registry_server import RegistryServer
from tests.unit.doubles.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    registry, prometheus = RegistryServer(), PrometheusServer()
    with registry, prometheus:
        yield World(tmp_path, monkeypatch, registry, prometheus)
