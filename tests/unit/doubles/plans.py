# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan's facts and findings: a MINOR in one hop, and a path of two."""

from __future__ import annotations

from dataclasses import replace

import semver
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import DatabaseFacts, Facts, Hop
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Answers, Finding, Override
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote

CURRENT = {"version": "1.4.2", "image": "reg.example/ampora-web:1.4.2", "digest": "sha256:" + "a" * 64, "replicas": 3}
TARGET = {"version": "1.5.0", "image": "reg.example/ampora-web@sha256:" + "b" * 64, "digest": "sha256:" + "b" * 64}
FACTS = Facts(
    deployment={"namespace": "ampora", "name": "ampora-web", "container": "ampora-web"},
    current=CURRENT,
    target=TARGET,
    change="minor",
    hops=[Hop(1, CURRENT, TARGET, "minor")],
    database=DatabaseFacts(170004, 12, ("1_first",), 160000, True, ()),
    notes=[ReleaseNote("1.5.0", "# 1.5.0\n\nThe migration takes about 20 minutes.\n", "1.5.0.md")],
    watch_seconds=60,
    available=[semver.Version.parse("1.4.2"), semver.Version.parse("1.5.0")],
)
SAME_TARGET = {**TARGET, "version": "1.4.2", "digest": CURRENT["digest"]}
SAME = replace(FACTS, target=SAME_TARGET, change="none", hops=[Hop(1, CURRENT, SAME_TARGET, "none")])
SECOND = {"version": "1.6.0", "image": "reg.example/ampora-web@sha256:" + "c" * 64, "digest": "sha256:" + "c" * 64}
TWO_HOPS = replace(FACTS, hops=[*FACTS.hops, Hop(2, TARGET, SECOND, "minor")], target=SECOND)
WORD = Finding("word-remove", "ack", "Removes a key.", "1.5.0", ("1.5.0.md:7 [Changes] Removes a key.",))
BLOCK = Finding("skipped-minor", "block", "1.5.0 comes before 1.6.0.", "1.6.0")
NOTE = Finding("prerelease", "info", "It is a pre-release.", "1.5.0-rc.1")
ANSWER = {"ack-1.5.0-word-remove": "true"}
ANSWERS = Answers(ANSWER, [Override("strategy", "an interruption is agreed on")], by={"user": "ada"})
