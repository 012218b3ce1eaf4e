# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration keys of the release notes joined with those that this deployment sets; of these only names are known, never values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.announcements import Announcement
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.subjects import covers_key, normal_key

_MOST_EVIDENCE = 20


@dataclass(frozen=True)
class LiveKey:
    """A configuration key that is set, and where; its value is never kept."""

    name: str
    source: str


def judge(announcements: Sequence[Announcement], live: Sequence[LiveKey], unread: Sequence[str] = ()) -> list[Finding]:
    """What the notes of a hop say of keys, for this deployment. `unread` names the places whose keys could not be read."""
    keys = [announced for announced in announcements if announced.kind == "key"]
    present: dict[str, list[LiveKey]] = {}
    for key in live:
        present.setdefault(normal_key(key.name), []).append(key)
    findings = [*_gone(keys, present), *_required(keys, present), *_new(keys)]
    if unread and any(finding.id in {"removed-key-not-set", "required-key-not-set"} for finding in findings):
        places = "one place" if len(unread) == 1 else f"{len(unread)} places"
        text = f"The keys of {places} could not be read, so that a key said not to be set may be set there: look there yourself."
        findings.append(Finding("configuration-unread", "info", text, keys[-1].version, tuple(unread[:_MOST_EVIDENCE])))
    return findings


def _gone(keys: list[Announcement], present: dict[str, list[LiveKey]]) -> Iterator[Finding]:
    """A key of one note, once, whether its removal is told in one place or in three."""
    gone: dict[tuple[str, str], Announcement] = {}
    for announced in keys:
        if announced.what in {"removed", "renamed"}:
            first = gone.setdefault((announced.version, announced.subject), announced)
            if announced.replacement and not first.replacement:
                gone[announced.version, announced.subject] = announced
    for announced in gone.values():
        used = [key for name, found in present.items() if covers_key(announced.subject, name) for key in found]
        yield _in_use(announced, used) if used else _not_set(announced)


def _in_use(announced: Announcement, used: list[LiveKey]) -> Finding:
    fate = f"{announced.what}" + (f" to {announced.replacement}" if announced.what == "renamed" and announced.replacement else "")
    do = f"set {announced.replacement} instead and remove it" if announced.replacement else "remove it from there"
    count = "in one place" if len(used) == 1 else f"in {len(used)} places"
    text = (
        f"The configuration key {quote(announced.name)} is {fate} in {announced.version} and this deployment sets it {count}:"
        f" {do} in the overlay before the upgrade."
    )
    where = tuple(dict.fromkeys(f"{quote(key.name)} is set by {quote(key.source, 200)}" for key in used))
    evidence = (announced.item.place(), *where[:_MOST_EVIDENCE])
    if len(where) > _MOST_EVIDENCE:
        evidence = (*evidence, f"and {len(where) - _MOST_EVIDENCE} more places")
    return Finding("removed-key-in-use", "block", text, announced.version, evidence)


def _not_set(announced: Announcement) -> Finding:
    text = f"The configuration key {quote(announced.name)} is {announced.what} in {announced.version}; this deployment does not set it."
    return Finding("removed-key-not-set", "info", text, announced.version, (announced.item.place(),))


def _required(keys: list[Announcement], present: dict[str, list[LiveKey]]) -> Iterator[Finding]:
    wanted = {(announced.version, announced.subject): announced for announced in keys if announced.mandatory}
    for announced in wanted.values():
        if not any(covers_key(announced.subject, name) for name in present):
            key = Finding("required-key-not-set", "ack", "", announced.version).ack_key
            text = (
                f"The release notes of {announced.version} require the configuration key {quote(announced.name)}, which this deployment"
                f' does not set: set it in the overlay, or set {key}: "true" in ampora_acks when it comes from elsewhere.'
            )
            yield Finding("required-key-not-set", "ack", text, announced.version, (announced.item.place(),))


def _new(keys: list[Announcement]) -> Iterator[Finding]:
    """The new keys that may be set, all of one version in one finding."""
    versions: dict[str, dict[str, Announcement]] = {}
    for announced in keys:
        if announced.what == "added" and not announced.mandatory:
            versions.setdefault(announced.version, {}).setdefault(announced.subject, announced)
    for version, found in versions.items():
        count = "one new optional configuration key" if len(found) == 1 else f"{len(found)} new optional configuration keys"
        text = f"{version} has {count}; nothing needs to be done."
        lines = [f"{quote(a.name)}, default {quote(a.default) if a.default else 'not stated'}: {a.item.place()}" for a in found.values()]
        yield Finding("new-keys", "info", text, version, tuple(lines[:100]))
