# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of ids is whole: each page is of one of them."""

from __future__ import annotations

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.overrides import NEVER
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.rule_ids import BUILT_IN

from tests.tools.repository import ROOT


def test_every_rule_with_a_page_is_listed() -> None:
    pages = {page.stem for page in (ROOT / "docs" / "rules").glob("*.md") if page.stem != "README"}
    assert len(pages) > 50
    assert sorted(pages - BUILT_IN) == [], "add them to policy/rule_ids.py"
    assert sorted(NEVER - BUILT_IN) == []
