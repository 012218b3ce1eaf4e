# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of release notes: taken apart, scanned, chosen for a hop, and read."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.changelog import between, split
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import LARGEST_NOTE, ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import items, sections
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.runtime import runtime_seconds
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.words import scan
from hypothesis import given
from hypothesis import strategies as st
from semver import Version


def note(text: str, version: str = "1.5.0") -> ReleaseNote:
    return ReleaseNote(version, text, f"{version}.md")


def ids(text: str) -> list[str]:
    return [finding.id.removeprefix("word-") for finding in scan(note(text))]


def evidence(text: str) -> list[str]:
    return [place for finding in scan(note(text)) for place in finding.evidence]


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("breaking", "break breaks breaking broke broken BREAKING breakage"),
        ("remove", "remove removes removed removal removals removing"),
        ("rename", "rename renames renamed renaming re-named"),
        ("policy", "policy policies Policy"),
    ],
)
def test_every_form_of_a_word(word: str, forms: str) -> None:
    for form in forms.split():
        assert ids(f"It says {form}, here.") == [word]
        assert ids(f"**{form}**") == [word]
        assert ids(f"x_{form}-y") == [word]


@pytest.mark.parametrize("text", ["breakfast", "breakpoint", "breaker", "removable", "unnamed", "police", "policyholder", "renamer", ""])
def test_other_words(text: str) -> None:
    assert ids(f"A {text} here.") == []


@pytest.mark.parametrize(
    "text",
    [
        "```\nremoved\n```",
        "~~~ removed\nx\n~~~",
        "- item\n\n  ```\n  removed\n  ```",
        "> ```\n> removed\n> ```",
        "    removed",
        "Set `Dispatch:Policy` now.",
        "See [the guide](https://example.com/breaking-changes).",
        "See [the guide][g].\n\n[g]: https://example.com/removed",
        "See <https://example.com/removed>.",
        "See https://example.com/removed?policy=1 now.",
        "x <!-- removed\nrenamed --> y",
        "<!-- removed -->",
        "<details class='policy'>\n\nhello\n\n</details>",
        '<a href="https://x/removed">y</a>',
    ],
)
def test_where_no_word_is_meant(text: str) -> None:
    assert ids(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "**re**moved",
        "re<b>mov</b>ed",
        "[re](https://example.com)moved",
        "&#114;emoved",
        "[removed](https://example.com)",
        "![removed](a.png)",
        "`x` removed `y`",
        "<details>\nremoved\n</details>",
        "<!-- x --> removed",
        "<div>\nIt is removed.\n",
        "<!-- never closed\nremoved",
        "<!-- never closed\nremoved > x",
        "| a |\n|---|\n| removed |",
        "> - removed",
        "1. x\n   - removed",
        ">" * 60 + " removed",
        "Removed\n=======",
        "## Removed `X`",
        "```\nnever closed\nremoved",
        "x " * 15_000 + "removed",
    ],
)
def test_where_a_word_hides(text: str) -> None:
    assert ids(text) == ["remove"]


@pytest.mark.parametrize(
    "text",
    [
        "No breaking changes.",
        "- No breaking changes",
        "**No breaking changes!**",
        "There are no breaking changes in this release.",
        "No removals, no renames and no policy changes.",
        "No removals or renames.",
        "Fast.\nNo known breaking changes. Good.",
        "Breaking changes: none.",
        "## No breaking changes",
        "## Breaking changes\n\nNone.",
        "## Removals\n\n- None\n\n## Fixes\n\n- x",
        "## Removals\n\nNo removals.",
    ],
)
def test_a_plain_denial_is_no_finding(text: str) -> None:
    assert ids(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "No breaking changes except for X.",
        "No breaking changes, but the key was changed.",
        "This is a non-breaking change.",
        "Nothing breaks.",
        "Not a breaking change.",
        "No breaking changes for most of you.",
        "No `X` breaking changes.",
        "## Breaking changes\n\nNone, except for X.",
        "## Breaking changes\n\nNone.\n\nBut see below.",
        "## Breaking changes",
    ],
)
def test_more_than_a_denial_is_a_finding(text: str) -> None:
    assert ids(text) == ["breaking"]


def test_evidence_names_source_line_section_and_sentence() -> None:
    text = "# Ampora 1.5.0\n\n## Removals\n\n- Fine.\n- The key\n  `A:B` was *renamed*. It is new. Old ones\n  are removed now.\n"
    found = {finding.id: finding.evidence for finding in scan(note(text))}
    assert found == {
        "word-rename": ("1.5.0.md:7 [Removals] The key A:B was renamed.",),
        "word-remove": ("1.5.0.md:3 [Removals] Removals", "1.5.0.md:8 [Removals] Old ones are removed now."),
    }


def test_finding_asks_for_its_own_key() -> None:
    (finding,) = scan(note("The policy changed. Policies, too."))
    assert (finding.id, finding.severity, finding.version) == ("word-policy", "ack", "1.5.0")
    assert finding.text == (
        'The release notes of 1.5.0 use the word "policy" in 2 places: read them, then set ack-1.5.0-word-policy: "true" in ampora_acks.'
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_an_editor_does(newline: str) -> None:
    assert evidence(newline.join(["a\u2028b\x0b", "", "c", "", "    code", "", "It was removed."])) == ["1.5.0.md:7 [top] It was removed."]


def test_line_in_tables_html_and_unclosed_fences() -> None:
    assert evidence("| a |\n|---|\n| b |\n| removed |") == ["1.5.0.md:4 [top] removed"]
    assert evidence("x\n\n<p>\nremoved\n</p>")[0].startswith("1.5.0.md:4 ")
    assert evidence("```\na\nremoved")[0].startswith("1.5.0.md:3 ")


def test_evidence_is_short_printable_and_bounded() -> None:
    places = evidence("\n\n".join(["removed \x1b[31m" + "x" * 1000] * 50))
    assert len(places) == 21
    assert places[-1] == "1.5.0.md: and 30 more places"
    assert all(len(place) < 300 and place.isprintable() for place in places)


def test_a_note_too_large_blocks() -> None:
    large = note("x" * (LARGEST_NOTE + 1))
    (finding,) = scan(large)
    assert (finding.id, finding.severity) == ("note-too-large", "block")
    for read in (sections, runtime_seconds):
        with pytest.raises(UpgradeError, match="more than the limit"):
            read(large)
    assert scan(note("x" * LARGEST_NOTE)) == []


CHANGELOG = """# Changelog

What was removed is told below.

## [Unreleased]

- policy

## [1.6.0](https://example.com/compare/v1.5.0...v1.6.0) (2026-11-22)

### From 1.5.0 to 1.6.0

Removed.

## v1.5.0 - 22.11.2026

```
## 1.4.9
```

### 1.4.2 to 1.5.0

Ampora 1.4.2
------------

Old. Renamed.

# Version 1.4.2-rc.1: first
"""


def test_split() -> None:
    parts = split(CHANGELOG, "CHANGELOG.md")
    assert [(part.version, part.first_line) for part in parts] == [("1.6.0", 9), ("1.5.0", 15), ("1.4.2", 23), ("1.4.2-rc.1", 28)]
    assert [finding.evidence for part in parts for finding in scan(part)] == [
        ("CHANGELOG.md:13 [From 1.5.0 to 1.6.0] Removed.",),
        ("CHANGELOG.md:26 [Ampora 1.4.2] Renamed.",),
    ]


@pytest.mark.parametrize("text", ["", "no heading", "## Unreleased\n\n- x", "## 1.5\n", "## 01.5.0\n", "> ## 1.5.0\n"])
def test_split_without_versions(text: str) -> None:
    assert split(text, "x") == []


def _between(published: list[str], current: str, target: str, available: list[str]) -> tuple[list[str], list[str]]:
    chosen, findings = between(
        [note("text", version) for version in published],
        Version.parse(current),
        Version.parse(target),
        [Version.parse(version) for version in available],
    )
    assert {(f.id, f.severity) for f in findings} <= {("missing-notes", "block")}
    return [n.version for n in chosen], [f.version for f in findings]


ALL = ["1.4.2", "1.4.3", "1.5.0", "1.5.1-rc.1", "1.5.1", "1.10.0"]


@pytest.mark.parametrize(
    ("published", "current", "target", "chosen", "missing"),
    [
        (["1.5.0", "v1.4.3", "1.4.2"], "1.4.2", "1.5.0", ["v1.4.3", "1.5.0"], []),
        (["1.5.0"], "1.4.2", "1.5.0", ["1.5.0"], ["1.4.3"]),
        ([], "1.4.2", "1.10.0", [], ["1.4.3", "1.5.0", "1.5.1", "1.10.0"]),
        (["1.4.3", "1.5.0", "1.5.1-rc.1"], "1.4.2", "1.5.1-rc.1", ["1.4.3", "1.5.0", "1.5.1-rc.1"], []),
        (["1.4.3", "1.5.0", "1.5.1-rc.1", "1.5.1"], "1.4.2", "1.5.1", ["1.4.3", "1.5.0", "1.5.1"], []),
        (["1.4.3", "1.4.7"], "1.4.2", "1.4.9", ["1.4.3", "1.4.7"], ["1.4.9"]),
        (["1.5.0+build.2"], "1.4.3", "1.5.0+build.1", ["1.5.0+build.2"], []),
        (["1.5.0", "1.5.0"], "1.4.3", "1.5.0", ["1.5.0", "1.5.0"], []),
        (["1.4.2", "1.4.3", "1.5.0", "1.6.0"], "1.4.3", "1.5.0", ["1.5.0"], []),
        (["1.9.0", "1.10.0"], "1.8.0", "1.10.0", ["1.9.0", "1.10.0"], []),
        ([], "1.5.0", "1.5.0", [], []),
        ([], "1.5.0", "1.4.2", [], []),
    ],
)
def test_between(published: list[str], current: str, target: str, chosen: list[str], missing: list[str]) -> None:
    assert _between(published, current, target, ALL) == (chosen, missing)


def test_between_takes_an_empty_note_for_a_missing_one() -> None:
    chosen, (finding,) = between([note(" \n")], Version(1, 4, 9), Version(1, 5, 0), [])
    assert chosen == []
    assert finding.text == (
        "ampora_release_notes has no note for 1.5.0, and every version after 1.4.9 up to 1.5.0 must be read: "
        "add 1.5.0.md or a heading for 1.5.0."
    )


def test_between_refuses_a_note_without_a_version() -> None:
    with pytest.raises(UpgradeError, match='the version of the release note "latest.md" is "latest"'):
        between([note("x", "latest")], Version(1, 4, 2), Version(1, 5, 0), [])


def test_sections() -> None:
    text = (
        "# What changed in 1.5.0\n\nIntro.\n\n## Removals\n- `A` (ADR-7)\n\n## New features\n- b\n\n  more b\n\n### Dashboard\n- c\n\n"
        "### Bug fixes\n- d\n\n## Deprecated\n* e\n\n## Migration guide\n1. f\n2. g\n\n## Security advisories\nh\ni\n\n## Thanks\nj\n"
    )
    assert sections(note(text)) == {
        "features": ["b", "more b", "c"],
        "fixes": ["d"],
        "deprecations": ["e"],
        "removals": ["A (ADR-7)"],
        "migration": ["f", "g"],
        "security": ["h i"],
        "other": ["Intro.", "j"],
    }


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("The rewrite takes about 20 minutes.", 1200),
        ("It needs ~2 h.", 7200),
        ("Estimated runtime: 45 s.", 45),
        ("The estimated runtime is 90 seconds.", 90),
        ("approximately 1.5 hours", 5400),
        ("about 1 h 30 min", 5400),
        ("around 1h30m", 5400),
        ("about 20-30 minutes", 1800),
        ("between 5 and 10 minutes", 600),
        ("about 1,200 s", 1200),
        ("about 20 minutes.\n\nThen ~ 10 min.", 1800),
        ("Runtime:\n20 min", 1200),
        ("Sessions end after 30 minutes now.", 0),
        ("`about 20 minutes`", 0),
        ("```\nabout 20 minutes\n```", 0),
        ("about 20 mines", 0),
        ("about 20 meters, about 3 hats", 0),
        ("mistakes 20 minutes apart", 0),
        ("nothing", 0),
    ],
)
def test_runtime_seconds(text: str, seconds: int) -> None:
    assert runtime_seconds(note(text)) == seconds


LINES = st.lists(st.sampled_from(["# h", "- a", "  b", "> q", "```", "<!-- c -->", "", "| t |", "text.", "    code"]), max_size=12)


@given(LINES)
def test_a_word_in_a_paragraph_of_its_own_is_found_whatever_follows(lines: list[str]) -> None:
    places = [place for place in evidence("\n".join(["It was removed.", "", *lines])) if "removed" in place]
    assert places == ["1.5.0.md:1 [top] It was removed."]


@given(LINES, st.integers(0, 12))
def test_evidence_points_at_a_line_with_the_word(lines: list[str], position: int) -> None:
    text = [*lines[:position], "x removed", *lines[position:]]
    for place in evidence("\n".join(text)):
        number = int(place.removeprefix("1.5.0.md:").split(" ")[0])
        assert "removed" in text[number - 1]


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    parts = split(text, "x")
    assert all(part.version for part in parts)
    scan(note(text + " removed &amp;"))
    assert runtime_seconds(note(text)) >= 0
    assert set(sections(note(text))) == {"features", "fixes", "deprecations", "removals", "migration", "security", "other"}


@pytest.mark.parametrize(
    "unit", ["[", "*a _b ", "`", "<", "![", "a[](<b", "about 1 ", "no removals, ", "&#", "- ", "> ", "no breaking changes and "]
)
def test_hostile_notes_come_to_an_end(unit: str) -> None:
    """Input that makes careless patterns run for ever; the suite's own time limit is what would fail."""
    text = unit * (20_000 // len(unit))
    found = scan(note(text + " removed"))
    assert all(finding.id.startswith("word-") for finding in found)
    assert runtime_seconds(note(text)) >= 0
    assert split(text, "x") == []


def test_two_notes_of_one_version_are_both_read_and_said() -> None:
    twins = [note("One.", "1.5.0"), note("Other.", "1.5.0"), note("One.", "v1.5.0")]
    chosen, (first, second) = between(twins, Version(1, 4, 2), Version(1, 5, 0), [])
    assert [one.text for one in chosen] == ["One.", "Other.", "One."]
    assert (first.id, first.severity) == (second.id, second.severity) == ("duplicate-notes", "info")
    assert first.text.startswith("There are two different release notes for 1.5.0; both are read.")
    assert between([note("One.", "1.5.0"), note("One.\n", "1.5.0")], Version(1, 4, 2), Version(1, 5, 0), [])[1] == []
    assert between([note("One.", "1.9.0"), note("Other.", "1.10.0")], Version(1, 8, 0), Version(1, 10, 0), [])[1] == []


@pytest.mark.parametrize(
    ("heading", "version"),
    [
        ("V1.5.0", "1.5.0"),
        ("Ampora V1.5.0", "1.5.0"),
        ("Version 1.5.0-RC.1", "1.5.0-RC.1"),
        ("Version v1.5.0-RC.1", "1.5.0-RC.1"),
        ("Release 1.5.0", "1.5.0"),
        ("`v1.5.0`", "1.5.0"),
        ("1.5.0 https://git.example.com/compare/v1.4.0...v1.5.0", "1.5.0"),
        ("[Version 1.5.0](https://git.example.com/compare/v1.4.0...v1.5.0)", "1.5.0"),
        ("[`1.5.0`](https://git.example.com/compare/v1.4.0...v1.5.0) (2026-11-05)", "1.5.0"),
        ('<a name="1.5.0"></a>[1.5.0] (2026-11-05)', "1.5.0"),
    ],
)
def test_the_version_that_a_heading_names(heading: str, version: str) -> None:
    assert [one.version for one in split(f"## {heading}\n\nText.\n", "x")] == [version]


def test_a_byte_order_mark_hides_no_heading() -> None:
    (one,) = split("\ufeff# 1.5.0\n\nText.\n", "x")
    assert (one.version, one.first_line) == ("1.5.0", 1)


def test_the_items_of_a_note_are_taken_once() -> None:
    assert items(note("- a"))[0] is items(note("- a"))[0]


def test_the_notes_of_a_hop_are_chosen_once() -> None:
    first, again = (between([note("x", "1.4.9")], Version(1, 4, 2), Version(1, 5, 0), [])[1] for _time in range(2))
    assert first[0] is again[0]


def test_notes_of_two_versions_are_no_twins() -> None:
    texts = [note("One.", "1.4.3"), note("Other.", "1.5.0"), note("Third.", "1.6.0")]
    assert between(texts, Version(1, 4, 2), Version(1, 6, 0), [])[1] == []
    (twins,) = between([*texts, note("Fourth.", "1.5.0")], Version(1, 4, 2), Version(1, 6, 0), [])[1]
    assert (twins.version, twins.evidence) == ("1.5.0", ("1.5.0.md:1", "1.5.0.md:1"))
