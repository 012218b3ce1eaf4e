# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.scratch import Scratch

from tests.unit.doubles.database import MemoryDatabase
from tests.unit.doubles.scene import RUN

NAME = "ampora_verify_20261122t2140z_ab12cd"


@pytest.mark.parametrize("failure", [None, KeyError("metadata"), KeyboardInterrupt()])
def test_it_is_dropped_whatever_happens(failure: BaseException | None) -> None:
    database = MemoryDatabase()

    def look() -> None:
        with Scratch(database, lambda _unused: None).named(RUN) as name:
            database.create(name)
            if failure is not None:
                raise failure

    if failure is None:
        look()
    else:
        with pytest.raises(type(failure)):
            look()
    assert database.events == [f"create database {NAME}", f"drop database {NAME}"]
    assert list(database.databases) == ["ampora"]
