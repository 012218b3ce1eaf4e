# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of a document from outside: whatever is not of the form that is asked for gives an empty one, and texts are made harmless."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote

MOST_ENTRIES = 10_000
LONGEST_SUMMARY = 200
_LONGEST_TEXT = 10_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#+-]{0,79}")
_ADDRESS = re.compile(r"https?://[!-~]{1,500}", re.IGNORECASE)


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def entries(value: object) -> list[Any]:
    """The entries of a list; a list that is too long is refused, since half of it would be half the truth."""
    if not isinstance(value, list):
        return []
    if len(value) > MOST_ENTRIES:
        raise UpgradeError(f"a list has {len(value)} entries, and at most {MOST_ENTRIES} are read")
    return value


def text(value: object) -> str:
    """A text without space around it. YAML is read without types, so that its null comes as a word."""
    found = value.strip() if isinstance(value, str) and len(value) <= _LONGEST_TEXT else ""
    return "" if found in {"null", "~"} else found


def texts(value: object) -> list[str]:
    return [found for entry in entries(value) if (found := text(entry))]


def name(value: object) -> str:
    """An id such as CVE-2026-1001; empty when it is none."""
    found = text(value)
    return found if _NAME.fullmatch(found) else ""


def names(values: Iterable[object]) -> tuple[str, ...]:
    """Each id once, in their order."""
    return tuple(dict.fromkeys(found for value in values if (found := name(value))))


def line(*values: object) -> str:
    """The first that says something, as one short printable line."""
    for value in values:
        words = " ".join((value[:_LONGEST_TEXT] if isinstance(value, str) else "").split())
        if words:
            shown = "".join(c if c.isprintable() else "?" for c in words)
            return shown if len(shown) <= LONGEST_SUMMARY else f"{shown[:LONGEST_SUMMARY]}..."
    return ""


def address(values: Iterable[object]) -> str:
    """The first address by http or https."""
    return next((found for value in values if _ADDRESS.fullmatch(found := text(value))), "")


def moment(value: object) -> float:
    """Seconds since 1970 of an ISO date or time, UTC where it names no zone; 0 when it is none."""
    try:
        found = datetime.fromisoformat(text(value))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        return 0.0


def shown(value: object) -> str:
    """A value for a message; of a list or an object only what it is, since it may be of any size and depth."""
    if isinstance(value, (str, int, float)):
        return quote(value)
    return "missing" if value is None else f"a {type(value).__name__}"
