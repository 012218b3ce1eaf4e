# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from itertools import product

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.database.schema import SchemaChange
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.contract import judge

MIGRATED = SchemaChange("migrated", ("3_third",), ("1_first",))


SCHEMAS = (MIGRATED, SchemaChange("unchanged"), SchemaChange("unknown"))
ALL = list(product(("none", "patch", "minor", "major", "downgrade", ""), SCHEMAS))


@pytest.mark.parametrize(("change", "schema"), ALL)
def test_only_a_patch_that_migrated_breaks_its_word(change: str, schema: SchemaChange) -> None:
    found = judge({"change": change, "target": {"version": "1.4.3"}}, schema)
    assert bool(found) == (change in {"patch", "downgrade"} and schema is MIGRATED)


def test_the_finding_names_what_was_migrated() -> None:
    (found,) = judge({"change": "patch", "target": {"version": "1.4.3"}}, MIGRATED)
    assert (found.id, found.severity, found.version, found.evidence) == ("patch-migrated", "info", "1.4.3", ("+3_third", "-1_first"))
    assert found.text.startswith("1.4.3 is a PATCH and has changed the migration history (+3_third, -1_first), which no PATCH may")
