# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.fields import Fields, is_a


def test_reads_every_kind() -> None:
    read = Fields({"s": "x", "i": 3, "b": True, "f": 2, "m": {"k": 1}, "l": [1], "t": "2026-11-22T21:40:00Z", "n": None}, "It")
    assert (read.scalar("s", str), read.scalar("i", int), read.scalar("b", bool), read.scalar("f", float)) == ("x", 3, True, 2.0)
    assert read.mapping_of("m", int) == {"k": 1}
    assert read.items("l") == [1]
    assert read.moment("t").isoformat() == "2026-11-22T21:40:00+00:00"
    assert read.optional_moment("n") is None
    assert read.choice("s", ("x", "y")) == "x"
    read.finish()


def test_names_all_problems_at_once() -> None:
    read = Fields({"s": 1, "i": True, "n": None, "m": {"k": "x"}, "l": "x", "t": "yesterday", "odd": 1}, "The thing")
    read.only(("s", "i", "n", "m", "l", "t", "gone", "word"))
    read.scalar("s", str)
    read.scalar("i", int)
    read.scalar("n", int)
    read.scalar("gone", str)
    read.mapping_of("m", int)
    read.items("l")
    read.moment("t")
    read.choice("s", ("a", "b"))
    read.mapping("l")
    with pytest.raises(UpgradeError) as caught:
        read.finish("Do this.")
    assert caught.value.message == (
        "The thing cannot be used: odd is not a field of it (known: s, i, n, m, l, t, gone, word); "
        "s must be a text; i must be a whole number; n must be a whole number; gone is missing; m.k must be a whole number; "
        "l must be a list; t must be a time such as 2026-11-22T21:40:00Z; s is 1 and must be one of a, b; l must be an object."
    )
    assert caught.value.next_step == "Do this."


@pytest.mark.parametrize("value", [None, [], "x", 3])
def test_refuses_what_is_no_object(value: object) -> None:
    read = Fields(value, "It")
    read.scalar("s", str)
    with pytest.raises(UpgradeError, match="^It cannot be used: it is not an object.$"):
        read.finish()


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (1, int, True),
        (True, int, False),
        (True, bool, True),
        (1, bool, False),
        (1, float, True),
        (float("nan"), float, False),
        (True, float, False),
    ],
)
def test_is_a(value: object, kind: type, expected: bool) -> None:
    assert is_a(value, kind) is expected
