# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kind of section a heading begins: the kinds of the Upgrades page, in the words that projects use for them."""

from __future__ import annotations

import functools
import re

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.lower_case import lower

# The first pattern that a heading matches names its section: the more serious one is asked first.
_FORMS = {
    "security": r"security|advisor(?:y|ies)|cves?|vulnerabilit(?:y|ies)",
    "removals": r"remov(?:e|ed|al|als)",
    "deprecations": r"deprecat(?:e|ed|ion|ions)",
    "migration": r"migrat(?:e|ion|ions|ing)|breaking|upgrad(?:e|ing)",
    "fixes": r"fix|fixe[sd]|bugs?|bug-?fixe?s?",
    "features": r"features?|new|add(?:ed|itions?)|enhancements?|improvements?",
}
_PATTERNS = {kind: re.compile(rf"(?<![^\W_])(?:{forms})(?![^\W_])") for kind, forms in _FORMS.items()}
KINDS = ("features", "fixes", "deprecations", "removals", "migration", "security", "other")


class Outline:
    """Which kind of section the headings so far lead to; a heading below another belongs to it unless it names a kind itself."""

    def __init__(self) -> None:
        self._entries = [(0, "other")]

    @property
    def kind(self) -> str:
        return self._entries[-1][1]

    def enter(self, level: int, heading: str) -> None:
        self._entries = [entry for entry in self._entries if entry[0] < level]
        self._entries.append((level, _named(lower(heading)) or self.kind))


@functools.lru_cache(maxsize=256)  # a project calls its sections by few names
def _named(heading: str) -> str:
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.search(heading)), "")
