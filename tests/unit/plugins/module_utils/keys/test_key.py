# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.keys.key import Held, Key, choose

ONE, OTHER = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
MISSING = "The container ampora-web has no variable K (ampora_master_key_env)"
ATTACHED = "Secret s, key K"


@pytest.mark.parametrize(
    ("given", "attached", "missing", "source", "detached"),
    [
        (None, ONE, MISSING, ATTACHED, ""),
        (ONE, ONE, MISSING, "file", ""),
        (ONE, f" {ONE}\n", MISSING, "file", ""),
        (ONE, OTHER, MISSING, "file", "Secret s, key K holds another key"),
        (ONE, None, MISSING, "file", MISSING),
        (ONE, None, "", "file", ""),
        (ONE, "FILL_IN", MISSING, "file", "The master key from Secret s, key K cannot be used: it is not base64"),
    ],
)
def test_the_key_that_counts(given: str | None, attached: str | None, missing: str, source: str, detached: str) -> None:
    key = choose(Held(given, "file") if given else None, Held(attached, ATTACHED) if attached else None, missing)
    assert key == Key(bytes([1]) * 32, source, detached)


@pytest.mark.parametrize(
    ("given", "attached", "message"),
    [
        (None, None, f"{MISSING}."),
        (None, "FILL_IN", "The master key from Secret s, key K cannot be used: it is not base64."),
        ("c2hvcnQ=", ONE, "The master key from file cannot be used: it has 5 bytes and must have 32."),
    ],
)
def test_no_key(given: str | None, attached: str | None, message: str) -> None:
    with pytest.raises(UpgradeError) as error:
        choose(Held(given, "file") if given else None, Held(attached, ATTACHED) if attached else None, MISSING)
    assert error.value.message == message
    assert error.value.next_step


def test_a_key_is_not_shown() -> None:
    key = choose(Held(ONE, "file"), Held(OTHER, ATTACHED), MISSING)
    shown = repr([key, Held(ONE, "file")])
    assert ONE not in shown and repr(key.data) not in shown
