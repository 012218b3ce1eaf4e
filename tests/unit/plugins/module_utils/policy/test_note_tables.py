# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of tables as sentences; whole notes are in test_announcements.py."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.note_tables import table_rows
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import items


@pytest.mark.parametrize(
    ("head", "row", "said"),
    [
        ("Key | Default", "`Fleet:Limit` | 5", "Fleet:Limit | default 5"),
        ("Key | Default", "`Fleet:Limit` | none", "Fleet:Limit | "),
        ("Key | Required", "`Fleet:Limit` | yes", "Fleet:Limit | required"),
        ("Key | Required", "`Fleet:Limit` | no", "Fleet:Limit | optional"),
        ("Old | New", "`Fleet:Limit` | `Fleet:Maximum`", "Fleet:Limit | successor Fleet:Maximum"),
        ("Key | Formerly", "`Fleet:Limit` | `Fleet:Most`", "Fleet:Limit | formerly Fleet:Most"),
        ("Key | What", "`Fleet:Limit` | how many", "Fleet:Limit | how many"),
    ],
)
def test_a_cell_means_what_its_column_is_headed(head: str, row: str, said: str) -> None:
    note = ReleaseNote("1.5.0", f"# 1.5.0\n\n| {head} |\n|---|---|\n| {row} |\n", "1.5.0.md")
    rows = list(table_rows(items(note)))
    assert rows[-1][1].text == said
    assert rows[-1][0].text == row.replace("`", "")


def test_what_is_no_table_stays_as_it_is() -> None:
    found = items(ReleaseNote("1.5.0", "# 1.5.0\n\n- One thing.\n- Another.\n", "1.5.0.md"))
    assert list(table_rows(found)) == [(item, item) for item in found]


def test_a_paragraph_heads_no_column() -> None:
    found = items(ReleaseNote("1.5.0", "# 1.5.0\n\nThe default\n\n`Fleet:Limit`\n", "1.5.0.md"))
    assert [said.text for _item, said in table_rows(found)] == ["The default", "Fleet:Limit"]
