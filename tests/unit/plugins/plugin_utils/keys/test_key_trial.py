# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.keys.key import Key
from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.key_before import hindrance, require_fitting
from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.key_trial import key_check, try_key

from tests.unit.doubles.database import MemoryDatabase
from tests.unit.doubles.encrypted import NONCE, Value, seal
from tests.unit.doubles.scene import CANARY, KEY_OPTIONS, MASTER_KEY

RIGHT = Key(base64.b64decode(MASTER_KEY), "Secret s")
OTHER = Key(bytes(32), "Secret s")
OTHER_KEY = base64.b64encode(bytes(32)).decode()
ENCRYPTED, _NONCE, TAG, SCHEME = seal()


def holding(**values: Value | None) -> MemoryDatabase:
    database = MemoryDatabase()
    database.databases["ampora"].encrypted.values = values
    return database


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"keys": seal()}, "proven"),
        ({"keys": seal(scheme="AES-GCM-256"), "peers": None}, "proven"),
        ({"keys": seal(), "peers": seal(OTHER_KEY)}, "wrong"),
        ({"keys": seal(OTHER_KEY)}, "wrong"),
        ({"keys": (ENCRYPTED[:-1] + b"x", NONCE, TAG, SCHEME)}, "wrong"),
        ({"keys": (ENCRYPTED, b"", TAG, SCHEME)}, "wrong"),
        ({"keys": (ENCRYPTED, NONCE, TAG[:4], SCHEME)}, "wrong"),
        ({"keys": seal(scheme="kms")}, "unknown"),
        ({"keys": (ENCRYPTED, None, TAG, SCHEME)}, "unknown"),
        ({"keys": ("base64", "base64", "base64", SCHEME)}, "unknown"),
        ({"keys": None}, "nothing"),
        ({}, "nothing"),
    ],
)
def test_a_key_is_tried(values: dict[str, Value | None], state: str) -> None:
    assert try_key(holding(**values), RIGHT, CANARY).state == state


def test_the_canary_narrows_it() -> None:
    database = holding(keys=seal(), peers=seal(scheme="kms"))
    assert try_key(database, RIGHT, {**CANARY, "table": "peers"}).state == "unknown"
    assert try_key(database, RIGHT, {**CANARY, "column": "nothing"}).state == "nothing"
    assert try_key(database, RIGHT, {**CANARY, "schemes": []}).state == "unknown"


def test_a_restored_database() -> None:
    assert key_check(RIGHT, CANARY)(holding(keys=seal())) == []
    assert key_check(None, CANARY)(holding(keys=seal())) == []
    (problem,) = key_check(OTHER, CANARY)(holding(keys=seal()))
    assert problem.startswith("The master key from Secret s does not decrypt public.keys.secret:")


@pytest.mark.parametrize(
    ("key", "route", "options", "message"),
    [
        (RIGHT, "undo", {}, ""),
        (None, "undo", {}, ""),
        (OTHER, "undo", {}, "The master key from Secret s does not decrypt public.ca_signing_keys.secret"),
        (Key(RIGHT.data, "file", "it has another"), "undo", {"attach": True}, "start without the master key from file: it has another."),
        (OTHER, "restore", {}, ""),
        (Key(RIGHT.data, "file", "it has another"), "restore", {}, "start without the master key from file: it has another."),
        (Key(RIGHT.data, "file", "it has another"), "restore", {"attach": True}, ""),
        (OTHER, "ask", {}, ""),
    ],
)
def test_what_hinders_a_way_back(key: Key | None, route: str, options: dict[str, Any], message: str) -> None:
    error = hindrance(MemoryDatabase(), key, {**KEY_OPTIONS, **options}, route)
    assert (error is None) == (not message)
    assert error is None or (message in error.message and error.next_step)


def test_a_key_that_does_not_fit() -> None:
    require_fitting(MemoryDatabase(), RIGHT, CANARY)
    require_fitting(MemoryDatabase(), None, CANARY)
    with pytest.raises(UpgradeError, match="does not decrypt") as error:
        require_fitting(MemoryDatabase(), OTHER, CANARY)
    assert "ampora_master_key_file" in error.value.next_step
