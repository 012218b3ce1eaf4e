# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions, hops and digests of a plan."""

from __future__ import annotations

from tests.unit.doubles.scene import PREVIOUS, RUN, journal, record
from tests.unit.doubles.world import World


def test_a_path_has_each_hop_with_its_own_digest_and_start(world: World) -> None:
    world.note("1.6.0", "# 1.6.0\n\n## Changes\n\n- We remove the old key.\n")
    world.args |= {"path": "auto", "target_version": "1.6.0"}
    facts, findings = world.read()
    assert [(hop.number, hop.current["version"], hop.target["version"]) for hop in facts.hops] == [
        (1, "1.4.2", "1.5.0"),
        (2, "1.5.0", "1.6.0"),
    ]
    assert [hop.target["digest"] for hop in facts.hops] == [world.registry.tags["1.5.0"], world.registry.tags["1.6.0"]]
    assert facts.hops[1].current == facts.hops[0].target
    assert [(finding.id, finding.version, finding.hop) for finding in findings] == [("word-remove", "1.6.0", 2)]


def test_an_unfinished_first_hop_of_a_path_is_gone_on_with(world: World) -> None:
    record(world.cluster, journal(plan={"target": {"version": "1.5.0"}, "current": PREVIOUS}))
    world.note("1.6.0", "# 1.6.0\n")
    world.args |= {"path": "auto", "target_version": "1.6.0"}
    facts, findings = world.read()
    assert (facts.resumes, findings) == (RUN, [])


# --- the target


def test_a_label_that_says_another_version(world: World) -> None:
    world.registry.image("1.5.0", "1.4.9")
    assert world.found() == [
        ("label-differs", "The image with the tag of 1.5.0 says in its label that it is 1.4.9."),
    ]


def test_a_tag_with_a_v(world: World) -> None:
    world.registry.tags["v1.5.0"] = world.registry.tags.pop("1.5.0")
    facts, findings = world.read()
    assert findings == []
    assert facts.target["digest"] == world.registry.tags["v1.5.0"]


def test_a_version_that_nobody_released(world: World) -> None:
    world.args["target_version"] = "1.5.7"
    world.note("1.5.7", "# 1.5.7\n")
    assert world.ids() == ["registry", "unknown-version"]
