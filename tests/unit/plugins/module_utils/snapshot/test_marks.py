# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.marks import Marks

MARKS = Marks(16384, 900, {"public.agents": (1, 200, 0, 0)})


def test_marks_survive_their_text() -> None:
    assert Marks.read(json.loads(json.dumps(MARKS.to_dict()))) == MARKS


def test_a_snapshot_may_have_none() -> None:
    assert Marks.read({}) is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"xid": "900"}, "xid must be a whole number"),
        ({"database": None}, "database must be a whole number"),
        ({"tables": []}, "tables must be an object"),
        ({"tables": {"public.agents": [1, 2, 3]}}, "tables.public.agents must be four whole numbers"),
        ({"tables": {"public.agents": [1, 2, 3, True]}}, "tables.public.agents must be four whole numbers"),
        ({"tables": {"public.agents": 7}}, "tables.public.agents must be four whole numbers"),
    ],
)
def test_marks_that_cannot_be_read(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(UpgradeError, match=f"The watermark of the snapshot cannot be used: .*{problem}"):
        Marks.read({**MARKS.to_dict(), **change})
