# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words that mean the same as the page's four, and the sentences that deny them."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import wording
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.changelog import split
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.words import breaking_places, scan


def ids(text: str) -> set[str]:
    return {finding.id.removeprefix("word-") for finding in scan(ReleaseNote("1.5.0", text, "1.5.0.md"))}


SAME = {
    "breaking": [
        *("Breaking: X.", "BREAKING CHANGE: X.", "feat!: X.", "fix(api)!: X.", "\U0001f4a5 X", ":boom: X", "backwards-incompatible"),
        *("X must now be set", "X is now required", "X now rejects Y", "X must be updated", "Action required: X", "X will not start"),
        *("the minimum version is now 5", "manual steps", "behaviour changes", "the behavior of X has changed", "\u26a0 X", ":warning: X"),
        *("incompatible with 1.2", "two incompatibilities", "not backwards compatible", "no longer compatible", "this breaks X"),
    ],
    "remove": [
        *("dropped support", "drops X", "X was deleted", "deletion of X", "X is discontinued", "X has been retired", "X is gone"),
        *("X is no longer supported", "X is no longer available", "X is no longer accepted", "X no longer works", "X can no longer be set"),
        *("X does not work any more", "X isn't read anymore", "X is unsupported", "end of life", "end-of-support", "X is EOL"),
        *("X was withdrawn", "eliminated X", "X is phased out", "X was taken out", "X goes away", "X ceased to exist", "X has no effect"),
        *(
            "X no longer defaults to Y",
            "X will no longer be copied",
            "X will be ignored",
            "stop cutting X",
            "X won't be released",
            "unexport X",
        ),
        *("X now only accepts Y", "X is not supported", "X is cleared", "revert X", "no more X"),
        *("X is now ignored", "stopped accepting X", "X returns 404", "X answers with 410", "X is sunset", "X was decommissioned"),
    ],
    "rename": [
        *("X is now called Y", "X is now named Y", "X moved to Y", "moving to Y", "X was replaced by Y", "Y replaces X", "X is superseded"),
        *("move the X of Y to Z", "changes two metric names", "the name of X changed", "`x` changed to `y`", "now X instead of Y"),
        *(
            "the path goes from `a/b` to `c/b`",
            "Y, formerly X",
            "Y, previously known as X",
            "X is relocated",
            "in favour of Y",
            "in favor of Y",
            "X and Y are merged into Z",
        ),
        *("`X` \u2192 `Y`", "`x` -> `y`", "`/x` => `/y`", "`X` becomes `Y`", "X has a new name"),
    ],
    "policy": ["The policy changed.", "POLICIES"],
}


@pytest.mark.parametrize(("word", "text"), [(word, text) for word, texts in SAME.items() for text in texts])
def test_other_words_for_the_same(word: str, text: str) -> None:
    assert word in ids(text)


@pytest.mark.parametrize(
    "text",
    [
        "A drop-in release with a drop-down.",
        "Drag and drop of groups.",
        "Line breaks are kept.",
        "It no longer crashes.",
        "It no longer counts agents twice.",
        "It no longer returns 500.",
        "It no longer silently fails.",
        "X is no longer required.",
        "The list holds no more than 5.",
        "It stopped crashing.",
        "X now accepts Y.",
        "`5` changed to `10`.",
        "The default changed: `5` -> `10`.",
        "`DELETE /x` is faster, and so is DELETE /y.",
        "Note: compatible with 1.3.",
    ],
)
def test_what_sounds_alike(text: str) -> None:
    assert ids(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Small, and without any breaking changes.",
        "This release contains no removals or renames.",
        "Bug fixes only, no breaking changes.",
        "Fast (no breaking changes).",
        "Zero breaking changes!",
        "No keys were removed or renamed.",
        "Nothing was removed in this release.",
        "No action required.",
        "There are no behaviour changes and no manual steps are needed.",
        "No manual migration is required with this version.",
        "Breaking changes are none.",
        "- [ ] Breaking change (fix or feature that would cause something not to work)",
        "**Breaking changes**\n\nNone.",
        "| Breaking changes | none |\n|---|---|\n| Removals | n/a |",
        "## Removed\n\n<!-- none -->\n\n## Fixed\n\n- x",
        "Removed\n-------\n\nFixed\n-----\n\nx",
    ],
)
def test_what_a_denial_is(text: str) -> None:
    assert ids(text) == set()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("No breaking changes unless you use X.", "breaking"),
        ("No breaking changes. Unless you use X.", "breaking"),
        ("No breaking changes.\n\n- Except for X.", "breaking"),
        ("If you use 1.4, there are no breaking changes.", "breaking"),
        ("No breaking changes, only for X.", "breaking"),
        ("No removals so far.", "remove"),
        ("No action required unless you use X.", "breaking"),
        ("No behaviour changes if X is not set.", "breaking"),
        ("No longer supported endpoints are removed.", "remove"),
        ("No endpoint of old was removed.", "remove"),
        ("- [x] Breaking change", "breaking"),
        ("- [ ] Remove `X` from your overlay", "remove"),
        ("**Breaking changes**\n\nNone.\n\nBut X.", "breaking"),
        ("## Removed\n\n```\nA:B\n```\n\n## Fixed\n\n- x", "remove"),
        ("## Removed\n\n### Keys\n\n- x", "remove"),
        ("## Fixed\n\n- x\n\n## Removed", "remove"),
    ],
)
def test_what_a_denial_is_not(text: str, word: str) -> None:
    assert word in ids(text)


@pytest.mark.parametrize("what", ["removed", "renamed"])
@pytest.mark.parametrize(
    "clause",
    [
        *(
            "X was removed",
            "drops X",
            "X is gone",
            "X was retired",
            "X is withdrawn",
            "X is eliminated",
            "X is dead",
            "X is no longer read",
        ),
        *("X is now ignored", "X has no effect", "X ceased to exist", "X was ripped out", "X answers 404", "X was taken away"),
        *("X was renamed", "X was replaced", "Y supersedes X", "X moved", "now called Y", "now known as Y", "formerly X"),
    ],
)
def test_what_is_gone_for_the_configuration_is_a_word_too(clause: str, what: str) -> None:
    said = wording.verb(clause)
    assert said is not None
    if said.what == what:
        assert what.removesuffix("d") in ids(clause)


@pytest.mark.parametrize(
    ("text", "breaks"),
    [
        ("Breaking: X.", True),
        ("feat!: X.", True),
        ("incompatible with 1.2", True),
        ("Fixed a broken link.", False),
        ("Nothing breaks.", False),
        ("A non-breaking change.", False),
        ("No breaking changes.", False),
    ],
)
def test_what_says_that_the_release_itself_breaks(text: str, breaks: bool) -> None:
    assert bool(breaking_places(ReleaseNote("1.4.3", text, "1.4.3.md"))) == breaks


def test_each_line_of_a_list_of_commits_is_a_place_of_its_own() -> None:
    (finding,) = scan(ReleaseNote("1.5.0", "feat!: a\nfix(x)!: b\nfeat: c\n", "log"))
    assert finding.evidence == ("log:1 [top] feat!: a", "log:2 [top] fix(x)!: b")


@pytest.mark.parametrize(("count", "last"), [(20, "n:39 [top] Removed 20"), (21, "n: and 1 more places"), (22, "n: and 2 more places")])
def test_places_beyond_the_twentieth_are_counted(count: int, last: str) -> None:
    text = "\n\n".join(f"Removed {number}" for number in range(1, count + 1))
    (finding,) = scan(ReleaseNote("1.5.0", text, "n"))
    assert (len(finding.evidence), finding.evidence[-1]) == (min(count, 21), last)


@pytest.mark.parametrize(("body", "found"), [("<!-- none -->", False), ("", False), ("```\nA:B\n```", True)])
def test_an_empty_section_in_the_middle_of_a_changelog(body: str, found: bool) -> None:
    """The note begins somewhere in its file, and what stands between two headings is looked for from there."""
    text = f"# 1.4.3\n\nA.\n\nB.\n\n# 1.5.0\n\nText before.\n\n## Removed\n\n{body}\n\n## Fixed\n\n- x\n\n### More\n\ny"
    note = next(note for note in split(text, "CHANGELOG.md") if note.version == "1.5.0")
    assert note.first_line == 7
    assert ("word-remove" in {finding.id for finding in scan(note)}) is found


def test_a_place_in_the_middle_of_a_paragraph_has_its_own_line() -> None:
    (finding,) = scan(ReleaseNote("1.5.0", "One.\nTwo.\nThree lines and\nthen X was\nremoved here.", "n"))
    assert finding.evidence == ("n:5 [top] Three lines and then X was removed here.",)


def test_a_heading_without_anything_above_a_lower_one_is_a_place() -> None:
    assert "remove" in ids("## Removed\n\n### Fixed\n\n- x")
    assert "remove" not in ids("### Removed\n\n## Fixed\n\n- x")


def test_a_heading_and_none_and_more() -> None:
    assert "remove" not in ids("## Removed\n\nNone.\n\n## Fixed\n\n- x")
    assert "remove" in ids("## Removed\n\nNone.\n\n- `A:B`\n\n## Fixed\n\n- x")
    assert "remove" not in ids("## Removed\n\nNone.")


def test_a_denial_is_looked_for_in_the_next_block_whatever_its_number() -> None:
    for before in ("", "Text.\n\n"):
        assert "breaking" not in ids(f"{before}No breaking changes.\n\nText.")
        assert "breaking" in ids(f"{before}No breaking changes.\n\nUnless you use X.")


@pytest.mark.parametrize(
    ("count", "words", "rest"), [(1, "in one place:", ""), (2, "in 2 places:", ""), (20, "in 20 places:", ""), (21, "in 21 places:", "1")]
)
def test_places_are_counted_and_twenty_named(count: int, words: str, rest: str) -> None:
    (finding,) = scan(ReleaseNote("1.5.0", "\n\n".join(["The policy."] * count), "n"))
    assert words in finding.text
    assert len(finding.evidence) == min(count, 20) + bool(rest)
    assert (finding.evidence[-1] == f"n: and {rest} more places") is bool(rest)


@pytest.mark.parametrize("line", ["    A:B", "[g]: https://a.example"])
def test_a_section_with_a_line_that_is_not_read_is_not_empty(line: str) -> None:
    assert "remove" in ids(f"## Removed\n{line}\n\n## Fixed\n\n- x")
    assert "remove" in ids(f"## Removed\n\n{line}\n## Fixed\n\n- x")
