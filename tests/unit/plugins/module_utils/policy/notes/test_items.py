# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A note as its items."""

from __future__ import annotations

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import items, sections
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.markdown import HIDDEN

NOTE = ReleaseNote("1.5.0", "# 1.5.0\n\nHello\n\n## Removed\n\n- The key `A:B`\n  is gone\n- Plain\n  text\n", "1.5.0.md", 11)


def test_an_item_is_one_line_with_its_code_hidden_and_its_heading_and_place() -> None:
    hello, key, plain = items(NOTE)
    assert (hello.kind, hello.section, hello.line, hello.text, hello.open) == ("other", "1.5.0", 13, "Hello", "Hello")
    assert (key.kind, key.section, key.line) == ("removals", "Removed", 17)
    assert (key.text, key.open, key.lowered) == ("The key A:B is gone", f"The key {HIDDEN * 3} is gone", "the key a:b is gone")
    assert (plain.text, plain.open, plain.lowered) == ("Plain text", "Plain text", "plain text")
    assert key.place() == "1.5.0.md:17 [Removed] The key A:B is gone"


def test_the_texts_of_a_section() -> None:
    found = sections(NOTE)
    assert (found["removals"], found["other"], found["fixes"]) == (["The key A:B is gone", "Plain text"], ["Hello"], [])
