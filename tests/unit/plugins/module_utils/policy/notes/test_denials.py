# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.denials import is_empty, without_denials
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.markdown import HIDDEN


@pytest.mark.parametrize(
    ("sentence", "hidden"),
    [
        ("No breaking changes.", True),
        ("There are no breaking changes or removals in this release.", True),
        ("Breaking changes: none", True),
        ("[ ] Breaking change (fix or feature that would change what exists)", True),
        ("No breaking changes unless you use X.", False),
        ("[x] Breaking change", False),
        ("No known issues, one breaking change.", False),
        ("A breaking change.", False),
    ],
)
def test_what_is_denied(sentence: str, hidden: bool) -> None:
    said = without_denials(sentence.lower(), "")
    assert len(said) == len(sentence)
    assert ("breaking" not in said) is hidden
    assert (HIDDEN in said) is hidden


def test_an_exception_in_the_next_sentence_counts() -> None:
    assert "breaking" in without_denials("there are no breaking changes.", "however, the key is gone.")


@pytest.mark.parametrize(("body", "empty"), [("None.\n", True), ("N/A\n", True), ("- A\n", False), ("None.\n\nBut A.\n", False)])
def test_a_section_of_nothing(body: str, empty: bool) -> None:
    assert is_empty(ReleaseNote("1.5.0", f"## Breaking changes\n\n{body}", "n.md"), 0) is empty


@pytest.mark.parametrize("before", ["", "\n", "\n\n"])
def test_a_section_with_nothing_below_it_is_empty_wherever_it_stands(before: str) -> None:
    assert is_empty(ReleaseNote("1.5.0", f"{before}## Breaking changes\n\n<!-- none -->\n\n## Fixes\n\n- A\n", "n.md"), 0)
