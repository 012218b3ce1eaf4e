# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.sections import KINDS, Outline


@pytest.mark.parametrize(
    ("headings", "kind"),
    [
        ([(2, "Features")], "features"),
        ([(2, "Bug Fixes")], "fixes"),
        ([(2, "Removals"), (3, "Configuration")], "removals"),
        ([(2, "Removals"), (2, "Other")], "other"),
        ([(2, "Removals"), (3, "Security")], "security"),
        ([(2, "Removals"), (3, "Security"), (3, "Agents")], "removals"),
        ([(1, "Ampora 1.5.0"), (2, "⚠ BREAKING CHANGES")], "migration"),
        ([], "other"),
    ],
)
def test_a_heading_belongs_to_the_one_above_it_unless_it_names_a_kind(headings: list[tuple[int, str]], kind: str) -> None:
    outline = Outline()
    for level, heading in headings:
        outline.enter(level, heading)
    assert outline.kind == kind
    assert kind in KINDS
