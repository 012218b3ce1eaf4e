# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recurrence rules of RFC 5545, as far as a maintenance window needs them, and with bounded work.

python-dateutil expands the rule; what it would run for ever on (no matching day, an interval of 0, a window each second) is
refused or cut before it begins. Times are local and without a zone here: the zone is put on when they are known.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import need, quote

try:
    from dateutil.rrule import rrulestr
except ImportError:
    rrulestr = None  # type: ignore[assignment]

_DAY = r"[+-]?[0-9]{0,2}(?:MO|TU|WE|TH|FR|SA|SU)"
_WEEKDAYS = "MO|TU|WE|TH|FR|SA|SU"
# Each part with the numbers that it may have; a sign only where the standard has one.
_RANGES = {
    "INTERVAL": (1, 1000, False),
    "COUNT": (1, 10_000, False),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYMONTH": (1, 12, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYSETPOS": (1, 366, True),
}
_ONE = {"INTERVAL", "COUNT"}
_WORDS = {
    "FREQ": re.compile("DAILY|WEEKLY|MONTHLY|YEARLY"),
    "WKST": re.compile(_WEEKDAYS),
    "BYDAY": re.compile(f"{_DAY}(?:,{_DAY}){{0,40}}"),
}
# Parts that the standard has for no rule of this frequency, or (BYMONTHDAY, BYSETPOS) that could leave it without any day at all.
_NOT_FOR = {
    "DAILY": ("BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"),
    "WEEKLY": ("BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"),
    "MONTHLY": ("BYYEARDAY", "BYWEEKNO"),
    "YEARLY": (),
}
_UNTIL = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?")
_LONGEST = 500
_MOST_PER_DAY = 24  # windows of one day, by BYHOUR and BYMINUTE
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Recurrence:
    """One rule from its first moment on."""

    start: datetime
    text: str
    frequency: str
    interval: int
    count: int | None
    until: datetime | None

    def between(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """The moments of the rule from `first` to `last`, in order."""
        start = self._near(first)
        end = min(last, self.until or last)
        if end < start:
            return
        rule: Any = rrulestr(self.text, dtstart=start)
        yield from (moment for moment in itertools.islice(rule.replace(until=end), self.count) if moment >= first)

    def _near(self, first: datetime) -> datetime:
        """A later start with the same moments after it, so that years of them need not be counted through."""
        step = self.interval * _WEEK  # a whole number of the rule's own days or weeks, on the same weekday
        if self.count is not None or self.frequency not in {"DAILY", "WEEKLY"} or first <= self.start + step:
            return self.start
        return self.start + ((first - self.start) // step) * step


def ready() -> None:
    """Refuse to go on without the library."""
    need(rrulestr, "python-dateutil")


def parse(text: str, start: datetime, zone: tzinfo, wrong: Callable[[str], None]) -> Recurrence | None:
    """The rule, or None when there are problems, all of which have been said to `wrong`."""
    problems: list[str] = []
    parts = _parts(text, problems.append)
    until = _until(parts.pop("UNTIL"), zone, problems.append) if "UNTIL" in parts else None
    problems += [f"{name} in its rrule is {quote(value)}" for name, value in parts.items() if not _fits(name, value)]
    problems += _together(parts, until is not None) if not problems else []
    if problems:
        for problem in problems:
            wrong(problem)
        return None
    count = int(parts.pop("COUNT")) if "COUNT" in parts else None
    rest = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        rrulestr(rest, dtstart=start)
    except (ValueError, TypeError, KeyError) as error:  # what only the combination of its parts shows
        wrong(f"its rrule cannot be used ({error})")
        return None
    return Recurrence(start, rest, parts["FREQ"], int(parts.get("INTERVAL", "1")), count, until)


def _together(parts: Mapping[str, str], has_until: bool) -> list[str]:
    """What is wrong with parts that are right one by one."""
    frequency = parts.get("FREQ", "")
    if not frequency:
        return ["its rrule has no FREQ"]
    found = [f"its rrule has {name}, which does not go with FREQ={frequency}" for name in _NOT_FOR[frequency] if name in parts]
    if frequency in {"DAILY", "WEEKLY"} and any(character.isdigit() for character in parts.get("BYDAY", "")):
        found.append(f"its rrule has BYDAY={parts['BYDAY']}, and a numbered day does not go with FREQ={frequency}")
    if "COUNT" in parts and has_until:
        found.append("its rrule has COUNT and UNTIL, and the standard allows one of them")
    if len(parts.get("BYHOUR", "").split(",")) * len(parts.get("BYMINUTE", "").split(",")) > _MOST_PER_DAY:
        found.append(f"its rrule makes more than {_MOST_PER_DAY} windows a day")
    return found


def _parts(text: str, wrong: Callable[[str], None]) -> dict[str, str]:
    known = (*_WORDS, *_RANGES, "UNTIL")
    parts: dict[str, str] = {}
    if len(text) > _LONGEST:
        wrong(f"its rrule is longer than {_LONGEST} characters")
        return parts
    for part in text.upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, equals, value = part.strip().partition("=")
        if not equals or name not in known:
            wrong(f"its rrule has {quote(part)}, which is none of {', '.join(known)}")
        elif name in parts:
            wrong(f"its rrule has {name} twice")
        else:
            parts[name] = value
    return parts


def _fits(name: str, value: str) -> bool:
    if name in _WORDS:
        return _WORDS[name].fullmatch(value) is not None
    least, most, signed = _RANGES[name]
    numbers = value.split(",")
    form = r"[+-]?[0-9]{1,5}" if signed else r"[0-9]{1,5}"
    fits = all(re.fullmatch(form, number) and least <= abs(int(number)) <= most for number in numbers)
    return fits and (len(numbers) == 1 or name not in _ONE)


def _until(value: str, zone: tzinfo, wrong: Callable[[str], None]) -> datetime | None:
    """The last moment, as local time; a date counts to its end."""
    match = _UNTIL.fullmatch(value)
    try:
        if match is None:
            raise ValueError
        day, clock, utc = match.groups()
        if clock is None:
            return datetime.combine(datetime.strptime(day, "%Y%m%d").date(), time.max)
        moment = datetime.strptime(day + clock, "%Y%m%d%H%M%S")
        return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) if utc else moment
    except (ValueError, OverflowError):
        wrong(f"UNTIL in its rrule is {quote(value)}, which is no 20261231 or 20261231T235959Z")
        return None
