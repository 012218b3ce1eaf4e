# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import items
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.rewrites import migrates, rewrites


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A migration rewrites the table `agents`.", True),
        ("The column is converted from TEXT to JSONB.", True),
        ("The column is renamed without a rewrite of the table.", False),
        ("The page was rewritten.", False),
    ],
)
def test_rewrites_of_stored_data(text: str, found: bool) -> None:
    (item,) = items(ReleaseNote("1.5.0", f"## Migration\n\n- {text}\n", "n.md"))[-1:]
    assert rewrites(item) is found


@pytest.mark.parametrize(
    ("heading", "text", "found"),
    [
        ("Migration", "Contains a database migration.", True),
        ("Bug fixes", "Adds one migration.", True),
        ("Migration", "There are no database migrations.", False),
        ("Bug fixes", "Fixed a crash in the database migration of 1.4.0.", False),
        ("Migration", "The page is faster.", False),
        ("Removals", "Removed the command for database migrations.", False),
        ("Security", "The page is safer.", False),
    ],
)
def test_what_tells_of_a_migration(heading: str, text: str, found: bool) -> None:
    (item,) = items(ReleaseNote("1.5.0", f"## {heading}\n\n- {text}\n", "n.md"))[-1:]
    assert migrates(item) is found
