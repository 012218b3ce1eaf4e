# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runtimes that a release note estimates, in seconds."""

from __future__ import annotations

import re

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote

_UNIT_SECONDS = {"h": 3600, "m": 60, "s": 1}
_UNIT = r"(h(?:(?:ou)?rs?)?|min(?:ute)?s?|s(?:ec(?:ond)?s?)?)"
_NUMBER = r"(\d{1,6}(?:[.,]\d{1,3})?)"
_DURATION = re.compile(
    r"(?P<about>(?<![^\W_])(?:about|around|approximately|approx\.?|roughly|circa|up to|between|takes?|[~≈])\s{0,2})?"
    rf"(?<![\w.,])(?:{_NUMBER}\s?(?:-|–|to|and)\s?)?{_NUMBER}[\s-]?{_UNIT}(?![^\W\d_])"
    rf"(?:\s?(?:and\s)?{_NUMBER}\s?(m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)\b)?",
    re.IGNORECASE,
)
_RUNTIME = re.compile(r"(?<![^\W_])run-?\s?times?(?![^\W_])", re.IGNORECASE)


def runtime_seconds(note: ReleaseNote) -> int:
    """The sum of the runtimes that the note estimates: durations said to be about so much, or in a sentence about a runtime."""
    total = 0.0
    for block in note.blocks:
        for _offset, _shown, visible in block.sentences():
            about_runtime = _RUNTIME.search(visible) is not None
            total += sum(_seconds(m) for m in _DURATION.finditer(visible) if m["about"] or about_runtime)
    return round(total)


def _seconds(match: re.Match[str]) -> float:
    """The upper end of a range, and both parts of "1 h 30 min"."""
    _about, _low, high, unit, more, small = match.groups()
    return _amount(high) * _UNIT_SECONDS[unit[0].lower()] + (_amount(more) * _UNIT_SECONDS[small[0].lower()] if more else 0)


def _amount(number: str) -> float:
    """1.5 and 1,5 are one and a half; 1,200 is twelve hundred."""
    return float(number.replace(",", "" if re.search(r",\d{3}$", number) else "."))
