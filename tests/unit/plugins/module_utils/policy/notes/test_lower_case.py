# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import sys

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.lower_case import lower


def test_every_letter_stays_where_it_is() -> None:
    letters = "".join(map(chr, range(sys.maxunicode + 1)))
    lowered = lower(letters)
    assert len(lowered) == len(letters)
    assert all(lower(one) == other for one, other in zip(letters, lowered, strict=True) if one != "\u03a3")  # a sigma looks around
    assert lower("REMOVED in \u0130zmir: K\u00d6LN") == "removed in izmir: k\u00f6ln"
