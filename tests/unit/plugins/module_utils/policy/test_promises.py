# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each promise of the Upgrades page, kept and broken, in notes as a project would write them."""

from __future__ import annotations

import json
import random

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import promises
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.promises import judge
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import Change, change, parse
from hypothesis import given
from hypothesis import strategies as st

FIRST = "## Features\n\n- New key `Fleet:MaxAge` (default `30`).\n- New endpoint `GET /api/v1/agents`.\n"
DEPRECATED = "## Deprecations\n\n- `Fleet:MaxAge` will be removed in 1.5.\n- `GET /api/v1/agents`: use `GET /api/agents`.\n"
REMOVED = "## Removals\n\n- `Fleet:MaxAge`\n- `GET /api/v1/agents`: use `GET /api/agents`.\n\n## Features\n\n- Faster.\n"


def note(version: str, text: str) -> ReleaseNote:
    return ReleaseNote(version, text, f"{version}.md")


def judged(notes: dict[str, str], current: str = "1.4.0", target: str = "1.5.0") -> list[Finding]:
    start, end = parse(current, "current"), parse(target, "target")
    return judge([note(version, text) for version, text in notes.items()], start, end, change(start, end))


def ids(notes: dict[str, str], current: str = "1.4.0", target: str = "1.5.0") -> list[str]:
    return [finding.id for finding in judged(notes, current, target)]


def test_kept_promises_are_silent() -> None:
    assert judged({"1.3.0": FIRST, "1.4.0": DEPRECATED, "1.5.0": REMOVED}) == []


def test_only_the_notes_of_the_hop_are_judged() -> None:
    late = "## Features\n\n- A.\n\n## Removals\n\n- B.\n"
    notes = {"1.4.0": late, "1.5.0-rc.1": late, "1.5.0": "Nothing.", "1.6.0": late, "not a version": late}
    assert ids(notes) == []
    assert ids(notes, target="1.5.0-rc.1") == ["removals-not-on-top"]


# --- removals on top


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Removals\n\n- A.\n\n## Features\n\n- B.\n\n## Bug fixes\n\n- C.\n", []),
        ("## Security\n\n- S.\n\n## Removals\n\n- A.\n\n## Features\n\n- B.\n", []),
        ("## Features\n\n- B.\n", []),
        ("## Features\n\n- B.\n\n## Removals\n\n- A.\n", ["removals-not-on-top"]),
        ("## Bug fixes\n\n- B.\n\n## Removed\n\n- A.\n", ["removals-not-on-top"]),
        ("## Features\n\n## Removals\n\n- A.\n", []),
        ("## Removals\n\n- A.\n\n## Features\n\n- B.\n\n## Removed endpoints\n\n- C.\n", []),
    ],
)
def test_removals_stand_before_features_and_fixes(text: str, expected: list[str]) -> None:
    assert ids({"1.5.0": text}) == expected


def test_where_the_removals_stand_is_told() -> None:
    (found,) = judged({"1.5.0": "## Features\n\n- B.\n\n## Removals\n\n- A.\n"})
    assert (found.severity, found.version, found.evidence) == ("info", "1.5.0", ("1.5.0.md:7 [Removals] A.",))
    assert found.text == (
        'The release notes of 1.5.0 tell their removals after "Features", and the product promises them at the top:'
        " read these notes to their end."
    )


# --- never silent

KNOWN = {"1.3.0": FIRST, "1.4.0": DEPRECATED}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Fixes\n\n- `Fleet:MaxAge` is no longer read.\n", ["silent-removal"]),
        ("## Features\n\n- Removed `GET /api/v1/agents`.\n", ["silent-removal"]),
        ("## Fixes\n\n- Renamed `Fleet:MaxAge` to `Fleet:Age`.\n", ["silent-removal"]),
        ("## Fixes\n\n- `Fleet:Typo` was renamed to `Fleet:Type`.\n", ["removal-not-deprecated"]),
        ("## Fixes\n\n- Removed `Fleet:Unknown`.\n", ["silent-removal", "removal-not-deprecated"]),
        ("## ⚠ BREAKING CHANGES\n\n- `Fleet:MaxAge` is gone.\n", []),
        ("## Removals\n\n- `Fleet`\n\n## Fixes\n\n- `Fleet` is no longer read.\n", []),
        ("## Removals\n\n- `Fleet:MaxAge`\n\n## Fixes\n\n- Removed `FLEET__MAXAGE` from the base.\n", []),
        ("## Fixes\n\n- Removed the old logo.\n", []),
        ("## Security\n\n- Removed `Fleet:MaxAge`.\n", ["silent-removal"]),
        (
            "## Removals\n\n- `Fleet:MaxAge`\n\n## Fixes\n\n- Removed `FLEET__MAXAGE`.\n- Removed `GET /api/v1/agents`.\n",
            ["silent-removal"],
        ),
        ("## Fixes\n\n- Removed `Fleet:MaxAge`.\n\n## Removals\n\n- `Fleet:MaxAge`\n", ["removals-not-on-top"]),
        ("## Removals\n\n- `Fleet:MaxAge`\n\n## Fixes\n\n- Removed `Fleet:MaxAge:Days`.\n", ["removal-not-deprecated"]),
    ],
)
def test_a_removal_stands_among_the_removals(text: str, expected: list[str]) -> None:
    assert ids({**KNOWN, "1.5.0": text}) == expected


def test_a_silent_removal_tells_where_it_existed() -> None:
    found = judged({**KNOWN, "1.5.0": "## Fixes\n\n- `FLEET__MAXAGE` is no longer read.\n"})[0]
    assert (found.severity, found.version) == ("ack", "1.5.0")
    assert found.text == (
        'In the release notes of 1.5.0 "FLEET__MAXAGE" is removed under "Fixes" and not among the removals, and the product promises that'
        ' no removal is silent: check whether you use it, then set ack-1.5.0-silent-removal: "true" in ampora_acks.'
    )
    assert found.evidence == (
        "1.5.0.md:3 [Fixes] FLEET__MAXAGE is no longer read.",
        "1.3.0.md:3 [Features] New key Fleet:MaxAge (default 30).",
        "1.4.0.md:3 [Deprecations] Fleet:MaxAge will be removed in 1.5.",
    )


def keys(*names: str, heading: str = "Configuration keys") -> str:
    return f"## {heading}\n\n| Key | Default |\n|---|---|\n" + "".join(f"| `{name}` | `5` |\n" for name in names)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (keys("Fleet:A", "Fleet:B", "Fleet:C"), keys("Fleet:A", "Fleet:B"), ["silent-removal"]),
        (keys("Fleet:A", "Fleet:B"), keys("FLEET__B", "Fleet:A"), []),
        (keys("Fleet:A", "Fleet:B", "Fleet:C"), keys("Fleet:C", "Fleet:D"), []),
        (keys("Fleet:A", "Fleet:B", heading="New keys"), keys("Fleet:A", heading="New keys"), []),
        (
            keys("Fleet:A", "Fleet:B", heading="Keys of 1.4"),
            keys("Fleet:A", heading="Keys of 1.5"),
            ["silent-removal"],
        ),
        (keys("Fleet:A", "Fleet:B"), keys("Fleet:A", heading="Environment variables"), []),
        (keys("Fleet:A", "Fleet:B"), "Nothing.", []),
        (keys("Fleet:A", "GET /api/agents", "ampora_sessions"), keys("Fleet:A"), []),
    ],
)
def test_a_key_does_not_vanish_from_the_list_of_all_keys(before: str, after: str, expected: list[str]) -> None:
    assert ids({"1.4.0": before, "1.5.0": after}) == expected


def test_the_nearest_earlier_list_counts() -> None:
    notes = {"1.2.0": keys("Fleet:A", "Fleet:B", "Fleet:C"), "1.4.0": keys("Fleet:A", "Fleet:B"), "1.5.0": keys("Fleet:A")}
    (found,) = judged(notes)
    assert '"Fleet:B" is missing under "Configuration keys" without a removal entry' in found.text
    assert found.evidence[0].startswith("1.4.0.md:6 [Configuration keys]")


def test_a_key_that_is_removed_by_an_entry_has_not_vanished() -> None:
    after = f"## Removals\n\n- `Fleet:B`\n\n{keys('Fleet:A')}"
    assert ids({"1.4.0": keys("Fleet:A", "Fleet:B"), "1.5.0": after}) == ["removal-not-deprecated"]


# --- deprecated for one full MINOR before

GONE = "## Removals\n\n- `Fleet:MaxAge`\n"
WARNS = "## Deprecations\n\n- `FLEET__MAXAGE`\n"
QUIET = "Nothing.\n"


@pytest.mark.parametrize(
    ("notes", "current", "target", "expected"),
    [
        ({"1.4.0": WARNS}, "1.4.0", "1.5.0", []),
        ({"1.2.0": WARNS, "1.4.0": QUIET}, "1.4.0", "1.5.0", []),
        ({"1.4.0": QUIET, "1.4.1": WARNS}, "1.4.1", "1.5.0", ["removal-not-deprecated"]),
        ({"1.3.1": WARNS, "1.4.0": QUIET}, "1.4.0", "1.5.0", []),
        ({"1.3.1": WARNS}, "1.4.0", "1.5.0", []),
        ({"1.4.0": QUIET}, "1.4.0", "1.5.0", ["removal-not-deprecated"]),
        ({"1.4.0": FIRST}, "1.4.0", "1.5.0", ["removal-not-deprecated"]),
        ({"1.3.5": QUIET, "1.4.2": QUIET}, "1.4.0", "1.5.0", ["removal-not-deprecated"]),
        ({"1.4.2": QUIET}, "1.4.2", "1.5.0", ["deprecation-unknown"]),
        ({"1.2.0": QUIET}, "1.4.2", "1.5.0", ["deprecation-unknown"]),
        ({}, "1.4.2", "1.5.0", ["deprecation-unknown"]),
        ({"1.5.0": WARNS}, "1.5.0", "1.5.1", ["removal-not-deprecated", "breaking-in-patch"]),
        ({"1.9.0": WARNS}, "1.9.0", "2.0.0", []),
        ({"1.8.3": WARNS, "1.9.0": QUIET}, "1.9.0", "2.0.0", []),
        ({"1.9.0": QUIET, "1.9.3": WARNS}, "1.9.3", "2.0.0", ["removal-not-deprecated"]),
        ({"1.9.0": QUIET}, "1.9.0", "2.0.0", ["removal-not-deprecated"]),
    ],
)
def test_a_removal_was_deprecated_for_a_full_minor(notes: dict[str, str], current: str, target: str, expected: list[str]) -> None:
    assert ids({**notes, target: GONE}, current, target) == expected


def test_what_is_known_of_the_deprecation_is_told() -> None:
    never = judged({"1.3.0": QUIET, "1.4.0": QUIET, "1.5.0": GONE})[0]
    late = judged({"1.4.0": QUIET, "1.4.1": WARNS, "1.5.0": GONE}, "1.4.1")[0]
    unknown = judged({"1.5.0": GONE})[0]
    assert (never.severity, late.severity, unknown.severity) == ("ack", "ack", "info")
    assert '"Fleet:MaxAge" is removed in 1.5.0 and is deprecated in no note from 1.3.0 on, less than' in never.text
    assert "and was deprecated only in 1.4.1, less than the full MINOR that the product promises" in late.text
    assert 'set ack-1.5.0-removal-not-deprecated: "true" in ampora_acks' in late.text
    assert "whether it was deprecated before is not known" in unknown.text
    assert {each.evidence for each in (never, late, unknown)} == {("1.5.0.md:3 [Removals] Fleet:MaxAge",)}


# --- new keys are optional

ASKED = "## Features\n\n- New key `Fleet:A`. It must be set.\n"


@pytest.mark.parametrize(
    ("text", "current", "target", "expected"),
    [
        ("## Features\n\n- New required key `Fleet:A`.\n", "1.4.0", "1.5.0", ["new-key-mandatory"]),
        ("## Features\n\n- New required key `Fleet:A`.\n", "1.5.0", "1.5.1", ["new-key-mandatory"]),
        ("## Features\n\n- New required key `Fleet:A`.\n", "1.9.0", "2.0.0", []),
        (
            f"{ASKED}\n## Upgrading\n\n- `FLEET__A` is required.\n",
            "1.4.0",
            "1.5.0",
            ["new-key-mandatory"],
        ),
        ("## Features\n\n- New optional key `Fleet:A`.\n", "1.4.0", "1.5.0", []),
    ],
)
def test_a_minors_new_keys_are_optional(text: str, current: str, target: str, expected: list[str]) -> None:
    assert ids({target: text}, current, target) == expected


def test_the_required_key_is_named() -> None:
    (found,) = judged({"1.5.0": "## Features\n\n- New required key `Fleet:A`.\n"})
    assert (found.severity, found.version, found.evidence) == ("ack", "1.5.0", ("1.5.0.md:3 [Features] New required key Fleet:A.",))
    assert 'The release notes of 1.5.0 require the configuration key "Fleet:A"' in found.text


# --- rewrites say how long they take


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- Rewrites the table `agents`; about 20 minutes on 10 M rows.\n", []),
        ("- Rewrites the table `agents`.\n", ["rewrite-without-runtime"]),
        ("- The table `agents` is rewritten.\n- Estimated runtime: 20 min.\n", []),
        ("- The column `labels` is promoted from TEXT to JSONB.\n", ["rewrite-without-runtime"]),
        ("- `labels`: TEXT → JSONB\n", ["rewrite-without-runtime"]),
        ("- The index on `agents` is rebuilt. This takes 5 min.\n", []),
        ("- Backfills 10 M rows within a timeout of 30 s.\n", ["rewrite-without-runtime"]),
        ("- The migration rewrites `agents`.\n", ["rewrite-without-runtime"]),
        ("- No table rewrite.\n", []),
        ("- Adds a column without rewriting the table.\n", []),
        ("- Rewrite your overlay.\n", []),
        ("- Rewrites table `a` (about 5 min).\n- Rewrites table `b`.\n", ["rewrite-without-runtime"]),
    ],
)
def test_a_rewrite_carries_its_runtime(text: str, expected: list[str]) -> None:
    assert ids({"1.5.0": f"## Migration\n\n{text}"}) == expected


def test_a_runtime_elsewhere_does_not_count() -> None:
    other = "## Fixes\n\n- The export takes about 5 minutes.\n\n## Security\n\n- Rewrites the table of keys.\n"
    text = f"## Migration\n\n- Rewrites table `a`.\n\n{other}"
    (found,) = judged({"1.5.0": text})
    assert (found.severity, found.version, found.evidence) == ("ack", "1.5.0", ("1.5.0.md:3 [Migration] Rewrites table a.",))


# --- properties

LINES = [
    "## Removals", "## Features", "## Fixes", "## Deprecations", "## Configuration keys", "- `Fleet:A`", "- `FLEET__B` is gone.",
    "- New `Fleet:C`.", "- `Fleet:A` → `Fleet:C`", "- `GET /api/agents`", "- Rewrites the table.", "- It is required.", "```",
    "| `Fleet:A` |", "|---|", "<!--",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(LINES), max_size=9).map("\n\n".join) | st.text(max_size=200)
VERSIONS = st.sampled_from(["1.3.0", "1.3.1", "1.4.0", "1.4.1", "1.5.0", "1.5.1", "2.0.0"])


@given(st.dictionaries(VERSIONS, TEXTS), st.randoms(use_true_random=False))
def test_the_order_of_the_notes_does_not_matter(notes: dict[str, str], chance: random.Random) -> None:
    names = list(notes)
    chance.shuffle(names)
    assert judged(notes, "1.3.0", "2.0.0") == judged({name: notes[name] for name in names}, "1.3.0", "2.0.0")


@given(st.dictionaries(VERSIONS, TEXTS))
def test_every_finding_is_about_a_version_of_the_hop(notes: dict[str, str]) -> None:
    assert {finding.version for finding in judged(notes, "1.4.0", "1.5.0")} <= {"1.4.1", "1.5.0"}


# --- a PATCH is a drop-in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Bug fixes\n\n- The Fleet is faster.\n", []),
        ("No breaking changes.\n\n## Bug fixes\n\n- The Fleet is faster.\n", []),
        ("## Bug fixes\n\n- Breaking: the answer has another form.\n", ["breaking-in-patch"]),
        ("## Removals\n\n- `Fleet:MaxAge`\n", ["breaking-in-patch"]),
        ("## Bug fixes\n\n- The migration rewrites the table `agents` in about 2 minutes.\n", ["breaking-in-patch"]),
    ],
)
def test_what_a_patch_may_not_bring(text: str, expected: list[str]) -> None:
    notes = {"1.4.1": text}
    assert [rule for rule in ids(notes, "1.4.0", "1.4.1") if rule == "breaking-in-patch"] == expected
    assert "breaking-in-patch" not in ids({"1.5.0": text}, "1.4.0", "1.5.0")


def test_a_broken_patch_names_each_place_once() -> None:
    (finding,) = (
        found for found in judged({"1.4.1": "## Breaking\n\n- `A:B` is removed.\n"}, target="1.4.1") if found.id == "breaking-in-patch"
    )
    assert finding.severity == "ack"
    assert finding.evidence == ("1.4.1.md:1 [Breaking] Breaking", "1.4.1.md:3 [Breaking] A:B is removed.")
    assert finding.text.endswith('treat it as a MINOR, then set ack-1.4.1-breaking-in-patch: "true" in ampora_acks.')


def test_every_note_of_a_hop_is_judged_and_no_other() -> None:
    late = "## Features\n\n- A.\n\n## Removals\n\n- B.\n"
    notes = dict.fromkeys(("1.4.1", "1.4.2", "1.5.0", "1.5.1", "1.5.2", "1.5.3"), late)
    found = judged(notes, "1.4.1", "1.5.2")
    assert [one.version for one in found if one.id == "removals-not-on-top"] == ["1.4.2", "1.5.0", "1.5.1", "1.5.2"]


def test_a_silent_removal_names_the_last_three_places_and_the_first_of_its_own_note() -> None:
    earlier = {f"1.{minor}.0": "## Features\n\n- New key `Fleet:MaxAge`.\n" for minor in range(5)}
    twice = "## Fixes\n\n- Removed `Fleet:MaxAge`.\n\n## Other\n\n- Removed `Fleet:MaxAge`.\n"
    (found,) = (one for one in judged({**earlier, "1.5.0": twice}) if one.id == "silent-removal")
    assert [place.split(" ")[0] for place in found.evidence] == ["1.5.0.md:3", "1.2.0.md:3", "1.3.0.md:3", "1.4.0.md:3"]


def test_a_later_note_is_no_earlier_one() -> None:
    assert ids({"1.5.0": keys("Fleet:A", "Fleet:B"), "1.6.0": keys("Fleet:A", "Fleet:B", "Fleet:C")}) == []
    renamed = "## Fixes\n\n- Renamed `Fleet:Typo` to `Fleet:Type`.\n"
    assert "silent-removal" not in ids({"1.5.0": renamed, "1.6.0": "## Features\n\n- New key `Fleet:Typo`.\n"})


def test_the_word_of_a_change_may_come_from_a_journal() -> None:
    """Then it is equal, and not the same object."""
    notes = [note("2.0.0", ASKED)]
    read: Change = json.loads(json.dumps("major"))
    assert judge(notes, parse("1.9.0", "current"), parse("2.0.0", "target"), read) == []


def test_twenty_rewrites_are_named() -> None:
    (found,) = judged({"1.5.0": "## Migration\n\n" + "".join(f"- Rewrites table `t{number}`.\n" for number in range(21))})
    assert (len(found.evidence), found.evidence[-1]) == (20, "1.5.0.md:22 [Migration] Rewrites table t19.")


def test_half_of_a_list_of_keys_may_vanish_and_no_more() -> None:
    before = {"1.4.0": keys("Fleet:A", "Fleet:B", "Fleet:C", "Fleet:D")}
    assert ids({**before, "1.5.0": keys("Fleet:A", "Fleet:B")}) == ["silent-removal", "silent-removal"]
    assert ids({**before, "1.5.0": keys("Fleet:A")}) == []


def test_what_a_note_says_is_found_once() -> None:
    one, again = (note("1.5.0", "## Removals\n\n- `Fleet:A`\n") for _time in range(2))
    assert promises._said(one) is promises._said(again)


@pytest.mark.parametrize("section", ["Security", "Other", "Migration"])
def test_a_removal_in_another_section_is_silent(section: str) -> None:
    assert "silent-removal" in ids({"1.4.0": FIRST, "1.5.0": f"## {section}\n\n- `Fleet:MaxAge` was removed.\n"})
    assert "removals-not-on-top" not in ids({"1.5.0": f"## Features\n\n- New `Fleet:B`.\n\n## {section}\n\n- A.\n"})


def test_only_keys_are_missed_from_the_list_of_keys() -> None:
    before = {"1.4.0": keys("Fleet:A", "Fleet:B", "GET /api/x", "ampora_x_y")}
    assert ids({**before, "1.5.0": keys("Fleet:A", "Fleet:B")}) == []
