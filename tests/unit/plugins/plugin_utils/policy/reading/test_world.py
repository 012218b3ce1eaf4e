# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import read_deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.reading.world import World as Reading

from tests.unit.doubles.world import World


def test_two_readings_share_nothing(world: World) -> None:
    cluster: Cluster = world.cluster
    deployed = read_deployed(cluster, world.args["registry"], "")
    one, two = (Reading(cluster, world.overlay, world.args, deployed, Facts()) for _number in range(2))
    assert (one.rendered, list(one.journals)) == ((), [])
    assert one.journals is not two.journals
    assert one.closing is not two.closing
