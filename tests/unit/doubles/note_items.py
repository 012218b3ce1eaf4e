# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Items of a release note from one line of Markdown, for tests of what the items say."""

from __future__ import annotations

import re

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import Item
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.lower_case import lower


def item(markdown: str, kind: str = "other", section: str = "", line: int = 1, source: str = "1.5.0.md") -> Item:
    """A line whose only markup is code spans."""
    hidden = re.sub(r"`([^`]*)`", lambda match: "\0" * len(match[1]), markdown)
    text = markdown.replace("`", "")
    return Item(kind, section or kind.title(), line, text, hidden, source, lower(text))
