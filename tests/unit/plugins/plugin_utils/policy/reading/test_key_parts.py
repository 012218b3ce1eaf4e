# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The master key and the Secrets of a whole small world."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError

from tests.unit.doubles.database import PASSWORD
from tests.unit.doubles.scene import KEY_OPTIONS
from tests.unit.doubles.world import World


def test_a_placeholder_secret(world: World) -> None:
    world.cluster.objects["Secret", "ampora-secrets"]["metadata"]["annotations"] = {"ampora.io/placeholder": "true"}
    assert world.ids() == ["placeholder-secret"]


@pytest.mark.parametrize("options", [{"env": ""}, {"env": "", "value": base64.b64encode(bytes(range(32))).decode()}])
def test_a_key_that_is_not_needed_or_given(world: World, options: dict[str, str]) -> None:
    world.args["master_key"] = {**KEY_OPTIONS, **options}
    assert world.ids() == []


def test_a_key_that_is_no_key_is_not_shown(world: World) -> None:
    world.args["master_key"] = {**KEY_OPTIONS, "env": "ConnectionStrings__Ampora"}
    found = world.found()
    assert [name for name, unused in found] == ["master-key"]
    assert PASSWORD not in found[0][1]


@pytest.mark.parametrize("readable", [True, False])
def test_the_key_is_tried_where_the_database_was_read(world: World, readable: bool) -> None:
    if not readable:
        world.database.failures["facts"] = UpgradeError("The database cannot be used: no route to host.")
    facts, findings = world.read()
    assert (facts.key_proof is not None) == readable
    assert [finding.id for finding in findings] == ([] if readable else ["database"]), "what stands in the way is said once"
