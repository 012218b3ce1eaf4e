# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the release notes of a PATCH tell of more than a PATCH may bring: it is drop-in by the product's promise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.announcements import Announcement
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import Item, items
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.rewrites import migrates, rewrites
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.words import breaking_places

_MOST_EVIDENCE = 20


def judge_patch(note: ReleaseNote, version: str, said: Iterable[Announcement]) -> list[Finding]:
    """A finding to acknowledge when the note of a PATCH, of which `said` is what it announces, breaks, takes away or migrates something."""
    of_items = [item.place() for item in [*_gone(said), *_migrating(note)]]
    places = list(dict.fromkeys([*breaking_places(note), *of_items]))
    if not places:
        return []
    key = Finding("breaking-in-patch", "ack", "", version).ack_key
    count = "one place" if len(places) == 1 else f"{len(places)} places"
    text = (
        f"The release notes of the PATCH {version} tell in {count} of something that breaks, is gone or is migrated, and the product"
        f' promises that a PATCH is drop-in: read them, treat it as a MINOR, then set {key}: "true" in ampora_acks.'
    )
    return [Finding("breaking-in-patch", "ack", text, version, tuple(places[:_MOST_EVIDENCE]))]


def _gone(said: Iterable[Announcement]) -> Iterator[Item]:
    """Where a key, an endpoint or a metric is removed or renamed."""
    return (announced.item for announced in said if announced.what in {"removed", "renamed"})


def _migrating(note: ReleaseNote) -> Iterator[Item]:
    return (item for item in items(note) if migrates(item) or rewrites(item))
