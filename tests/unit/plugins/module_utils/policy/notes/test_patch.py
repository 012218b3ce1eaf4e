# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a PATCH is drop-in by its notes."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.announcements import announcements
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import items
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.patch import judge_patch


def judged(text: str) -> list[Finding]:
    note = ReleaseNote("1.4.3", text, "1.4.3.md")
    return judge_patch(note, "1.4.3", announcements(items(note), "1.4.3"))


@pytest.mark.parametrize(
    "item",
    [
        "Breaking: the list is paged.",
        "The new format is not backwards compatible.",
        "fix(api)!: refuse an empty name",
        "The key `Fleet:MaxAge` was removed.",
        "The endpoint `GET /api/v1/agents` was renamed to `GET /api/v2/agents`.",
        "Contains a database migration.",
        "Adds one migration.",
        "The table `agents` is rewritten, which takes about 2 minutes.",
    ],
)
def test_what_a_patch_may_not_bring(item: str) -> None:
    for section in ("Bug fixes", "Enhancements", "Anything"):
        (finding,) = judged(f"## {section}\n\n- {item}\n")
        assert (finding.id, finding.severity, finding.version) == ("breaking-in-patch", "ack", "1.4.3")
        assert [place.split(" ")[0] for place in finding.evidence] == ["1.4.3.md:3"]


@pytest.mark.parametrize(
    "item",
    [
        "Numbers are rounded.",
        "Fixed a broken link.",
        "Removed a flicker.",
        "No breaking changes.",
        "No database migrations.",
        "Fixed a crash in the database migration of 1.4.0.",
        "A database migration that timed out is tried again.",
        "Adds a column without rewriting the table.",
    ],
)
def test_what_a_patch_may_bring(item: str) -> None:
    assert judged(f"## Bug fixes\n\n- {item}\n") == []


def test_the_text_counts_the_places_and_asks_for_an_answer() -> None:
    (finding,) = judged("## Breaking\n\n- The list is paged.\n- `A:B` was removed.\n")
    assert finding.evidence == ("1.4.3.md:1 [Breaking] Breaking", "1.4.3.md:4 [Breaking] A:B was removed.")
    assert finding.text == (
        "The release notes of the PATCH 1.4.3 tell in 2 places of something that breaks, is gone or is migrated, and the product promises"
        ' that a PATCH is drop-in: read them, treat it as a MINOR, then set ack-1.4.3-breaking-in-patch: "true" in ampora_acks.'
    )


def test_one_place_is_one() -> None:
    note = ReleaseNote("1.4.3", "# 1.4.3\n\n- A breaking change of the list.\n", "1.4.3.md")
    (finding,) = judge_patch(note, "1.4.3", ())
    assert "tell in one place of something" in finding.text


def test_twenty_places_are_named_and_all_are_counted() -> None:
    (finding,) = judged("## Changes\n\n" + "".join(f"- The key `Fleet:A{number}` was removed.\n" for number in range(25)))
    assert (len(finding.evidence), "tell in 25 places of" in finding.text) == (20, True)
