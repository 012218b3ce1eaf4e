# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import DatabaseFacts, facts_query, read_facts
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.marks import MARKS_QUERY, Marks

MARKS = Marks(16384, 900, {"public.agents": (1, 200, 0, 0)})
ANSWER: dict[str, Any] = {
    "server_version": 170004,
    "lsn": "0/16B3748",
    "taken_at": "2026-11-22T21:40:00Z",
    "size": 7,
    "migrations": ["1_first"],
    "rows": {"public.agents": 200},
    "seconds": 2.5,
    "marks": {"database": 16384, "xid": 900, "tables": {"public.agents": [1, 200, 0, 0]}},
}


def test_the_statement_holds_the_history_query_and_counts_every_table() -> None:
    text = facts_query('SELECT id FROM "History" ORDER BY id ;\n', "SELECT 'public.agents'::text, count(*) FROM public.agents")
    assert "(SELECT coalesce(json_agg(history.id), '[]') FROM (SELECT id FROM \"History\" ORDER BY id ) AS history(id))" in text
    assert "FROM (SELECT 'public.agents'::text, count(*) FROM public.agents) AS counted(name, number))" in text
    assert f"'marks', ({MARKS_QUERY}))" in text
    assert "_query}" not in text
    assert text.index("'seconds'") < text.index("'rows'"), "the counting is no part of the dump"


def test_the_answer() -> None:
    watermark = {"lsn": "0/16B3748", "taken_at": "2026-11-22T21:40:00Z"}
    assert read_facts(ANSWER) == DatabaseFacts(170004, watermark, 7, ("1_first",), {"public.agents": 200}, 2.5, MARKS)


@pytest.mark.parametrize("name", [name for name in ANSWER if name != "marks"])
def test_an_answer_that_is_not_whole(name: str) -> None:
    answer = {key: value for key, value in ANSWER.items() if key != name}
    with pytest.raises(UpgradeError, match=f"What the database said of itself cannot be used: {name} is missing"):
        read_facts(answer)
