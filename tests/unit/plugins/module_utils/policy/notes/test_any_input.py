# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a note holds, reading it ends in findings or in an error of ours, and soon."""

from __future__ import annotations

import time

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import promises
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.changelog import between, split
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote, one_line
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import items, sections
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.runtime import runtime_seconds
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.words import scan
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

CURRENT, TARGET = Version(1, 4, 2), Version(1, 4, 3)
LARGE = 100_000  # characters
SECONDS = 15.0  # of the processor for one such note, read in every way: ten times what the slowest takes
FRAGMENTS = st.sampled_from(
    [
        *(
            "# ",
            "## 1.4.3\n",
            "- ",
            "  - ",
            "> ",
            "| a | b |\n|---|---|\n",
            "|",
            "```",
            "~~~",
            "    ",
            "<!--",
            "-->",
            "<details>\n",
            "\n",
            "\n\n",
        ),
        *("[x](y)", "[ ] ", "`A:B`", " -> ", "**", "_", "&amp;", "\0", "\r", "\u2028", "\U0001f4a5", "feat!: ", "1.5.0", "v1.4.3"),
        *(
            "removed",
            "Renamed",
            "breaking",
            "policy",
            "No ",
            "breaking changes",
            "unless",
            ". ",
            ", ",
            "none",
            "about ",
            "1 h 30 min",
            "2-3 hours",
        ),
        *(
            "rewrites the table ",
            "migration ",
            "required",
            "`GET /api/v1/x`",
            "deprecated",
            "https://example.com/removed",
            "===\n",
            "---\n",
        ),
    ]
)
NOTES = st.one_of(st.text(max_size=300), st.lists(FRAGMENTS, max_size=40).map("".join))


def read(text: str, version: str = "1.4.3") -> list[Finding]:
    """Everything that is read of a note."""
    note = ReleaseNote(version, text, "x.md")
    findings = [*scan(note), *promises.judge([note, ReleaseNote("1.4.2", text, "y.md")], CURRENT, TARGET, "patch")]
    assert all(item.place().isprintable() for item in items(note))
    assert runtime_seconds(note) >= 0
    assert sum(len(texts) for texts in sections(note).values()) == len(items(note))
    assert all(part.version for part in split(text, "x.md"))
    return findings


@given(NOTES, NOTES)
def test_any_notes_end_in_findings(text: str, other: str) -> None:
    for finding in read(text):
        assert finding.version == "1.4.3"
        assert finding.text.isprintable()
        assert all(place.isprintable() for place in finding.evidence)
    chosen, findings = between([ReleaseNote("1.4.3", text, "a"), ReleaseNote("1.4.3", other, "b")], CURRENT, TARGET, [TARGET])
    assert {finding.id for finding in findings} <= {"missing-notes", "duplicate-notes"}
    assert len(chosen) == sum(bool(note.strip()) for note in (text, other))


@given(st.text(max_size=20))
def test_any_version_is_one_or_is_refused(version: str) -> None:
    note = ReleaseNote(version, "It was removed.", "x.md")
    scan(note)
    promises.judge([note], CURRENT, TARGET, "patch")
    try:
        between([note], CURRENT, TARGET, [])
    except UpgradeError as error:
        assert "the version of the release note" in str(error)


@given(st.text(alphabet="ab_` \n.:A", max_size=40))
def test_an_entity_in_front_changes_nothing_of_what_follows(text: str) -> None:
    words = f"x {text} y".split()  # one paragraph
    simple, parsed = " ".join(words), " ".join(["&#46;", *words])
    (block,), (other,) = ReleaseNote("1.4.3", simple, "a").blocks, ReleaseNote("1.4.3", parsed, "a").blocks
    assert one_line(f". {block.shown}") == one_line(other.shown)
    assert one_line(f". {block.open}") == one_line(other.open)


@pytest.mark.parametrize(
    "unit",
    [
        *("<!--", "<!-- -->", "## removed\n", "|\n", "[", "`a` -> ", "no removals, ", "not a ", "1 h 1 ", "1-1-", "rewrites ", "breaking "),
        *("x <!--", "- - ", "a [b](<", "removed. ", "timeout is a ", "nothing was removed or "),
    ],
)
def test_the_time_is_in_proportion_to_the_size(unit: str) -> None:
    started = time.process_time()
    read(unit * (LARGE // len(unit)))
    assert time.process_time() - started < SECONDS
