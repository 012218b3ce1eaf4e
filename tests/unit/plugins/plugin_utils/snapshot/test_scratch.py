# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
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
    emptied = [] if failure is None else [f"empty database {NAME}"]
    assert database.events == [f"create database {NAME}", *emptied, f"drop database {NAME}"]
    assert list(database.databases) == ["ampora"]


@pytest.mark.parametrize("what", ["empty", "drop"])
def test_what_failed_first_is_raised_and_what_is_left_is_named(what: str) -> None:
    database, said = MemoryDatabase(), list[str]()
    with pytest.raises(UpgradeError, match="no room"), Scratch(database, said.append).named(RUN) as name:
        database.create(name)
        database.failures[what] = UpgradeError("checkpoint request failed.", next_step="Look at the server.")
        raise UpgradeError("no room.", next_step="Make some.")
    left = [f"the database {NAME} is left, and the next attempt drops it: checkpoint request failed. Next: Look at the server."]
    assert said == (left if what == "drop" else [])
    assert (NAME in database.databases) is (what == "drop")
