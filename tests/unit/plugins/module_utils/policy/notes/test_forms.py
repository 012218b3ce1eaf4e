# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.forms import WORDS


def said(text: str) -> set[str]:
    return {word.name for word in WORDS if word.stems_in(text.lower()) and word.search(text, text)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("feat(api)!: another form", {"breaking"}),
        ("This is backwards incompatible", {"breaking"}),
        ("Support was dropped", {"remove"}),
        ("The option is no longer supported", {"remove"}),
        ("The call was discontinued", {"remove"}),
        ("The field is now called b", {"rename"}),
        ("The setting moved to another section", {"rename"}),
        ("Retention policies", {"policy"}),
        ("An agent no longer crashes", set()),
        ("All is new", set()),
    ],
)
def test_forms_of_the_words(text: str, words: set[str]) -> None:
    assert said(text) == words


@pytest.mark.parametrize(
    ("old", "new", "renames"),
    [("a", "b", True), ("/a", "/b", True), (":A", ":B", True), ("a", "_b", True), ("a", "5", False), ("5", "a", True), ("a", "-", False)],
)
def test_an_arrow_between_names_renames(old: str, new: str, renames: bool) -> None:
    """What stands behind the arrow decides, in a sentence with more around it."""
    word = next(word for word in WORDS if word.name == "rename")
    for before in ("x_y", "xx_y"):
        shown, visible = (f"{before}: {one} -> {two}/z and more" for one, two in ((old, new), ("\0" * len(old), "\0" * len(new))))
        assert (word.search(shown, visible) is not None) is renames
