# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lower case in which notes are searched: a pattern that need not look at the case takes a third of the time."""

from __future__ import annotations


def lower(text: str) -> str:
    """In lower case and equally long, so that a place in it is the same place in the text."""
    return text.replace("\u0130", "i").lower()  # the one letter that would become two
