# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which items of a release note tell of work on stored data: a rewrite, or a migration of any kind."""

from __future__ import annotations

import re

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import Item

_STORED = r"(?:tables?|columns?|rows?|data|records?|indexe?s?|indices|jsonb|partitions?|heap|histor(?:y|ies)|database|schema|entries)"
_REWRITE = re.compile(
    rf"\bre-?writ(?:e|es|ing|ten)\b.{{0,80}}\b{_STORED}\b|\b{_STORED}\b.{{0,80}}\bre-?writ(?:e|es|ing|ten)\b"
    rf"|\b(?:re-?build|re-?encrypt|re-?creat|convert|back-?fill|copy|copi|promot|re-?index)\w{{0,4}}\b.{{0,80}}\b{_STORED}\b"
    r"|\b(?:text|jsonb?|varchar|integer|int|bigint)\b\s(?:columns?\s)?(?:to|into|becomes?|→|->)\s(?:an?\s)?\b(?:jsonb?|bigint|uuid|text|timestamptz)\b",
)
# What every one of them has, which is cheaper to ask than the patterns.
_REWRITE_STEMS = ("writ", "build", "encrypt", "creat", "convert", "fill", "cop", "promot", "index", "text", "json", "varchar", "int")
_MIGRATION_REWRITES = re.compile(r"\bmigrations?\b.{0,60}\bre-?writ(?:e|es|ing|ten)\b|\bre-?writ(?:es|ing|ten)\b.{0,60}\bmigrations?\b")
_NO_REWRITE = re.compile(
    r"\b(?:no|not|without|never|avoids?|nothing|online)\b[^.]{0,30}\b(?:re-?writ\w{0,4}|re-?index\w{0,3}|backfill\w{0,3})"
)
_MIGRATES = re.compile(
    r"\b(?:database|schema|data|ef)\smigrations?\b|\bmigrations?\s(?:adds?|creates?|drops?|alters?|changes?|converts?|runs?|is|are)\b"
    r"|\b(?:adds?|contains?|includes?|brings?|runs?|requires?|applies|new|one|two|three)\s(?:an?\s|one\s)?(?:[a-z]{1,20}\s){0,2}migrations?\b",
)
_NO_MIGRATION = re.compile(
    r"\b(?:no|not|without|never|nothing)\b[^.]{0,30}\bmigrations?\b|\bmigrations?\b[^.]{0,20}\b(?:not|none|no longer)\b"
    r"|\b(?:fix\w{0,3}|fail\w{0,4}|error|crash\w{0,4}|typo|log\w{0,4}|test\w{0,4})\b[^.]{0,60}\bmigrations?\b"
    r"|\bmigrations?\b[^.]{0,60}\b(?:fail\w{0,4}|crash\w{0,4}|time[sd]? out)\b",
)
_KINDS = {"migration", "features", "other", "fixes"}


def rewrites(item: Item) -> bool:
    """Whether it tells of a rewrite of stored data."""
    if item.kind not in _KINDS:
        return False
    if not any(map(item.lowered.__contains__, _REWRITE_STEMS)):
        return False
    said = _REWRITE.search(item.lowered) or _MIGRATION_REWRITES.search(item.lowered)
    return said is not None and not _NO_REWRITE.search(item.lowered)


def migrates(item: Item) -> bool:
    """Whether it tells of a migration of the database; one that was mended is not told of again."""
    return item.kind in _KINDS and _MIGRATES.search(item.lowered) is not None and not _NO_MIGRATION.search(item.lowered)
