# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories import values


def test_a_value_of_another_form_is_empty() -> None:
    for other in (None, 7, 1.5, True, "text", [1], {"a": 1}):
        assert values.mapping(other) == (other if isinstance(other, dict) else {})
        assert values.entries(other) == (other if isinstance(other, list) else [])
        assert values.text(other) == (other if isinstance(other, str) else "")
    assert values.texts(["a", 7, " b ", "", None]) == ["a", "b"]
    assert [values.text(said) for said in (" a ", "null", "~", "x" * 10_001)] == ["a", "", "", ""]


def test_a_list_that_is_too_long_is_refused() -> None:
    assert len(values.entries([0] * 10_000)) == 10_000
    with pytest.raises(UpgradeError, match="a list has 10001 entries, and at most 10000 are read"):
        values.entries([0] * 10_001)


@pytest.mark.parametrize("good", ["CVE-2026-1", "GHSA-aa-bb", "SA:1/2#3", "x" * 80])
def test_an_id(good: str) -> None:
    assert values.name(f" {good} ") == good


@pytest.mark.parametrize("bad", ["", "a b", "-a", "x" * 81, "ä", "a\x1b", "<a>", 7, None])
def test_what_is_no_id(bad: object) -> None:
    assert values.name(bad) == ""
    assert values.names([bad, "a", bad, "a"]) == ("a",)


def test_a_line() -> None:
    assert values.line(None, " \n", "a\tb\n c\x07", "d") == "a b c?"
    assert values.line() == values.line(7) == ""
    assert values.line("x" * 200) == "x" * 200
    assert values.line("x" * 201) == "x" * 200 + "..."


def test_an_address() -> None:
    good = ["http://a", "https://example.com/a?b=c#d", "HTTPS://A"]
    assert [values.address([bad, one]) for bad, one in zip(("ftp://a", "https://", "https://a b"), good, strict=True)] == good
    assert values.address([]) == values.address(["javascript:alert(1)", "https://ä", 7, "https://" + "a" * 501]) == ""


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("1970-01-01T00:01:00Z", 60.0),
        ("1970-01-01T01:01:00.5+01:00", 60.5),
        ("1970-01-02", 86_400.0),
        ("", 0.0),
        ("soon", 0.0),
        (None, 0.0),
        (7, 0.0),
    ],
)
def test_a_moment(said: object, seconds: float) -> None:
    assert values.moment(said) == seconds


def test_a_value_in_a_message() -> None:
    nested: list[object] = []
    for _level in range(100_000):
        nested = [nested]
    shown: list[object] = ["a", 7, None, {}, nested]
    assert [values.shown(value) for value in shown] == ['"a"', '"7"', "missing", "a dict", "a list"]


def test_a_text_is_read_up_to_its_limit() -> None:
    assert values.text("x" * 10_000) == "x" * 10_000
    assert [values.line("x".rjust(length)) for length in (10_000, 10_001)] == ["x", ""]
