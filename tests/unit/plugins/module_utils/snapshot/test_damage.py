# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.damage import damage, differences, refuse_damaged

from tests.unit.doubles.scene import RUN, manifest

FILES: dict[str, dict[str, Any]] = {
    "dump/1.dat.gz": {"sha256": "a" * 64, "size": 240},
    "dump/toc.dat": {"sha256": "b" * 64, "size": 12},
}
MANIFEST = manifest(rows={"public.agents": 200, "public.users": 0}, migrations=("1_first", "2_second"))


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, []),
        ({"dump/1.dat.gz": {"sha256": "c" * 64, "size": 120}}, ["dump/1.dat.gz has 120 bytes and had 240"]),
        ({"dump/1.dat.gz": {"sha256": "c" * 64, "size": 240}}, ["dump/1.dat.gz has another content (sha256)"]),
        ({"dump/1.dat.gz": None}, ["dump/1.dat.gz is missing"]),
        ({"dump/2.dat.gz": FILES["dump/toc.dat"]}, ["dump/2.dat.gz was not there"]),
        (dict.fromkeys(FILES), ["dump/1.dat.gz is missing", "dump/toc.dat is missing"]),
    ],
)
def test_damage(changes: dict[str, dict[str, Any] | None], wrong: list[str]) -> None:
    found = {name: entry for name, entry in {**FILES, **changes}.items() if entry is not None}
    assert damage(FILES, found) == wrong


def test_a_damaged_snapshot_is_refused_with_the_first_of_what_is_wrong() -> None:
    refuse_damaged(MANIFEST, [])
    wrong = [f"dump/{number} is missing" for number in range(7)]
    with pytest.raises(UpgradeError) as error:
        refuse_damaged(MANIFEST, wrong)
    assert error.value.message == f"The snapshot {RUN} is damaged: {'; '.join(wrong[:5])} and 2 more."
    assert error.value.evidence == tuple(wrong)


@pytest.mark.parametrize(
    ("rows", "migrations", "wrong"),
    [
        ({}, None, []),
        ({"public.agents": 199}, None, ["public.agents: 199 rows, not 200"]),
        ({"public.users": None}, None, ["public.users: 0 rows, not 0"]),
        ({"public.new": 1}, None, ["public.new: is not in the snapshot"]),
        ({}, ["1_first"], ["migrations: 1 (the last: 1_first), not 2 (the last: 2_second)"]),
        ({}, ["1_first", "2_other"], ["migrations: 2 (the last: 2_other), not 2 (the last: 2_second)"]),
        ({}, [], ["migrations: 0 (the last: none), not 2 (the last: 2_second)"]),
    ],
)
def test_differences(rows: dict[str, int | None], migrations: list[str] | None, wrong: list[str]) -> None:
    found = {table: count for table, count in {**MANIFEST.rows, **rows}.items() if count is not None}
    assert differences(MANIFEST, found, MANIFEST.migrations if migrations is None else migrations) == wrong


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ({"public.agents": 190, "public.users": 3}, []),
        ({"public.agents": 0, "public.users": 0}, ["public.agents: 0 rows, not about 200"]),
        ({"public.agents": 200}, ["public.users: 0 rows, not about 0"]),
    ],
)
def test_rows_that_were_counted_before_a_tool_began(rows: dict[str, int], wrong: list[str]) -> None:
    """They say about how many there are; once the snapshot was restored for a proof, its own counts are known."""
    about = manifest(rows=MANIFEST.rows, migrations=MANIFEST.migrations, consistency="unknown", proof="verified")
    assert differences(about, rows, MANIFEST.migrations) == wrong
    known = manifest(rows=MANIFEST.rows, migrations=MANIFEST.migrations, consistency="unknown", proof="restored")
    assert differences(known, {"public.agents": 190, "public.users": 0}, MANIFEST.migrations) == ["public.agents: 190 rows, not 200"]
