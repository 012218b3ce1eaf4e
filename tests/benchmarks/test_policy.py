# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy over a thousand notes beside plain parsing of them, and the plan of one deployment beside that of many."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from collections.abc import Sequence

import semver
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.evaluate import evaluate
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts, Hop
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Answers
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from markdown_it import MarkdownIt

from tests.sandbox import paths
from tests.support.playbook import command, environment
from tests.support.sandbox import STATE, Sandbox

NOTES = 1000
ROUNDS = 5
MANY = 100
FORKS = 4


def _history(number: int) -> Facts:
    """A thousand notes from a source of their own, so that none is remembered from the round before."""
    templates = [file.read_text(encoding="utf-8") for file in sorted((paths.SOURCES / "release-notes").glob("*.md"))]
    notes = [ReleaseNote(f"1.{minor}.0", templates[minor % len(templates)], f"{number}/1.{minor}.0.md") for minor in range(1, NOTES + 1)]
    available = [semver.Version(1, minor, 0) for minor in range(NOTES + 1)]
    ends = {"version": "1.0.0"}, {"version": f"1.{NOTES}.0"}
    return Facts(current=ends[0], target=ends[1], change="minor", hops=[Hop(1, *ends, "minor")], available=available, notes=notes)


def _round(number: int) -> tuple[float, float]:
    """Seconds of the CPU for the policy and for plain parsing of the same notes."""
    facts = _history(number)
    started = time.process_time()
    for note in facts.notes:
        MarkdownIt("commonmark").enable("table").parse(note.text)
    parsing = time.process_time() - started
    started = time.process_time()
    plan = evaluate(facts, Answers())
    policy = time.process_time() - started
    assert len(plan["notes"]) == NOTES
    return policy, parsing


def test_policy_over_a_thousand_notes() -> None:
    """By the CPU's time, which other work on the machine changes less than the clock's; the best round is the one that it changes least."""
    rounds = [_round(number) for number in range(ROUNDS)]
    best, median = min(policy for policy, _parsing in rounds), statistics.median(policy for policy, _parsing in rounds)
    ratio = statistics.median(policy / parsing for policy, parsing in rounds)
    print(f"\npolicy over {NOTES} notes: {best:.2f} s of CPU at best, {median:.2f} s in the middle, {ratio:.2f} of plain parsing of them")


def _plans(sandbox: Sandbox, hosts: Sequence[str]) -> tuple[float, float]:
    """(seconds, MiB of the largest process) of plan.yml over so many inventory hosts, each the same deployment."""
    options = (f"--inventory={','.join(hosts)},", f"--forks={FORKS}")
    argv = command("plan", {"ampora_target_version": "1.4.3", "ampora_hosts": "all"}, *options, files=(sandbox.vars_file,))
    started = time.monotonic()
    done = subprocess.run(argv, cwd=STATE, env=environment(), capture_output=True, text=True, timeout=600, check=False)
    seconds = time.monotonic() - started
    assert done.returncode == 0, done.stdout
    assert all(f"{host} " in done.stdout for host in hosts)
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def test_plans_of_many_deployments(running_sandbox: Sandbox) -> None:
    running_sandbox.reset()
    one, one_memory = _plans(running_sandbox, ["site-0"])
    many, many_memory = _plans(running_sandbox, [f"site-{number}" for number in range(MANY)])
    print(
        f"\nplan of one deployment: {one:.1f} s, of {MANY} in one run: {many:.1f} s, ratio for each {many / MANY / one:.2f};"
        f" largest process {one_memory:.0f} MiB and {many_memory:.0f} MiB"
    )
