# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a clause says happened; whole notes are in test_announcements.py."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.wording import (
    default_value,
    is_mandatory,
    is_optional,
    leads_to_new,
    names_replacement,
    removal_version,
    says_future,
    verb,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("clause", "what"),
    [
        ("the key was removed", "removed"),
        ("support for it is dropped", "removed"),
        ("it was renamed to something else", "renamed"),
        ("it is deprecated", "deprecated"),
        ("it will be removed in 1.7", "deprecated"),
        ("a new key was added", "added"),
        ("the default is now 5", "changed-default"),
        ("nothing of the kind", None),
        ("it was not removed", None),
        ("if it was removed, it is read", None),
    ],
)
def test_verbs(clause: str, what: str | None) -> None:
    found = verb(clause)
    assert (found.what if found else None) == what


def test_what_else_a_sentence_says() -> None:
    assert removal_version("It will be removed in v1.7.") == "1.7"
    assert removal_version("It was removed in 1.7.") == ""
    assert says_future("It will be removed in 1.7.") and not says_future("It was removed.")
    assert is_mandatory("The key is required.") and not is_mandatory("The key is optional.")
    assert is_optional("The key is optional.")
    assert default_value("New key, default 100.") == "100"
    assert default_value("New key.") == ""


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    found = verb(text)
    assert found is None or 0 <= found.start <= len(text)
    assert removal_version(text) == "" or says_future(text)


def test_a_default_that_is_not_stated_is_none() -> None:
    assert default_value("The default is: now 5.") == "5"
    assert default_value("The default is ....") == default_value("The default is \0\0\0.") == ""


@pytest.mark.parametrize(
    ("between", "sentence", "going", "leads"),
    [
        (" is replaced by ", "A is replaced by B", False, True),
        (" -> ", "A -> B", False, True),
        (", use ", "A is gone, use B", True, True),
        (", use ", "A and, use B", False, False),
        (" to ", "Renamed A to B", False, True),
        (" to ", "Added A to B", False, False),
        (" and ", "Removed A and B", True, False),
    ],
)
def test_what_takes_the_place_of_what(between: str, sentence: str, going: bool, leads: bool) -> None:
    assert leads_to_new(between, sentence, going=going) is leads


@pytest.mark.parametrize(("sentence", "names"), [("Use the other instead.", True), ("Set the other.", True), ("It was slow.", False)])
def test_what_names_a_replacement(sentence: str, names: bool) -> None:
    assert names_replacement(sentence) is names
