# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maintenance windows: when the site lets this deployment be changed, against now and the forecast.

A window begins at a local time of its zone and again by its recurrence rule. A local time that a change of clocks leaves out
counts by the offset before it, one that comes twice counts the first time (RFC 5545, 3.3.5). Hours of a duration are real
hours, days are days of the calendar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import recurrence
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.recurrence import Recurrence

NEXT_STEP = 'Correct ampora_windows: {start: "2026-11-24T22:00", duration: "2h", rrule: "FREQ=WEEKLY;BYDAY=TU", timezone: "Europe/Zurich"}.'
_FIELDS = ("start", "duration", "rrule", "timezone")
_DURATION = re.compile(r"(?:([0-9]{1,3})d)?(?:([0-9]{1,4})h)?(?:([0-9]{1,5})m)?", re.IGNORECASE)
_LONGEST = timedelta(days=31)
_MOST = 100
_YEARS = range(2000, 2101)
_HORIZON = timedelta(days=800)  # how far ahead the next window is looked for
_SLACK = timedelta(days=2)  # more than any zone is away from another


@dataclass(frozen=True)
class Span:
    """One occurrence of a window, as seconds since 1970."""

    start: float
    end: float


@dataclass(frozen=True)
class Window:
    start: datetime
    days: int
    rest: timedelta
    zone: ZoneInfo
    rule: Recurrence | None

    def spans(self, first: float, last: float) -> Iterator[Span]:
        """The occurrences that touch the time from `first` to `last`, in order."""
        early = _local(first, self.zone) - timedelta(days=self.days) - self.rest - _SLACK
        late = _local(last, self.zone) + _SLACK
        moments = self.rule.between(early, late) if self.rule else iter([self.start])
        for moment in moments:
            end = (moment + timedelta(days=self.days)).replace(tzinfo=self.zone).timestamp() + self.rest.total_seconds()
            span = Span(moment.replace(tzinfo=self.zone).timestamp(), end)
            if span.end > first and span.start <= last:
                yield span


def parse(entries: Sequence[Mapping[str, Any]]) -> tuple[Window, ...]:
    """The windows; all that is wrong with any of them, at once."""
    if entries:
        recurrence.ready()
    wrong: list[str] = []
    if len(entries) > _MOST:
        wrong.append(f"it has {len(entries)} entries, and {_MOST} is the most")
    windows = [_window(entry, _named(wrong, number)) for number, entry in enumerate(entries[:_MOST], 1)]
    if wrong:
        raise UpgradeError(f"ampora_windows is wrong: {'; '.join(wrong)}.", next_step=NEXT_STEP)
    return tuple(window for window in windows if window)


def _named(wrong: list[str], number: int) -> Callable[[str], None]:
    return lambda problem: wrong.append(f"entry {number}: {problem}")


def _window(entry: object, wrong: Callable[[str], None]) -> Window | None:
    if not isinstance(entry, Mapping):
        wrong("it is not an object")
        return None
    for name in sorted(str(name) for name in entry if name not in _FIELDS):
        wrong(f"{quote(name)} is not one of {', '.join(_FIELDS)}")
    start = _start(entry.get("start"), wrong)
    length = _length(entry.get("duration"), wrong)
    zone = _zone(entry.get("timezone") or "UTC", wrong)
    text = str(entry.get("rrule") or "").strip()
    rule = recurrence.parse(text, start or datetime(2000, 1, 1), zone or ZoneInfo("UTC"), wrong) if text else None
    return Window(start, *length, zone, rule) if start and length and zone else None


def _start(value: object, wrong: Callable[[str], None]) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        wrong(f"start is {quote(value)}, which is no time such as 2026-11-24T22:00")
        return None
    if found.tzinfo is not None:
        wrong(f"start is {quote(value)}: it is local time, so write it without an offset and name the zone in timezone")
    elif found.year not in _YEARS:
        wrong(f"start is {quote(value)}, and its year must be between {_YEARS[0]} and {_YEARS[-1]}")
    return found.replace(tzinfo=None, microsecond=0)


def _length(value: object, wrong: Callable[[str], None]) -> tuple[int, timedelta] | None:
    match = _DURATION.fullmatch(str(value or "").replace(" ", ""))
    days, hours, minutes = (int(number or 0) for number in match.groups()) if match else (0, 0, 0)
    rest = timedelta(hours=hours, minutes=minutes)
    if not timedelta(0) < timedelta(days=days) + rest <= _LONGEST:
        wrong(f"duration is {quote(value)}, which is nothing such as 90m, 2h, 1h30m or 1d, up to {_LONGEST.days}d")
        return None
    return days, rest


def _zone(value: object, wrong: Callable[[str], None]) -> ZoneInfo | None:
    try:
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder of the database, such as Europe
        wrong(f"timezone is {quote(value)}, which is no zone of this machine's time zone database, such as Europe/Zurich")
        return None


def _local(moment: float, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(moment, UTC).astimezone(zone).replace(tzinfo=None)


def judge(windows: Sequence[Window], now: float, forecast_seconds: float) -> list[Finding]:
    """Whether it is within a window, and whether what is forecast ends within it; without windows any time will do."""
    if not windows:
        return []
    forecast = min(max(forecast_seconds, 0.0), _HORIZON.total_seconds())
    spans = sorted(
        ((span.start, span.end, window) for window in windows for span in window.spans(now, now + forecast)), key=lambda s: s[:2]
    )
    end, last = now, None
    for start, until, window in spans:
        if start <= end and until > end:
            end, last = until, window
    if last is None:
        return [_outside(windows, now)]
    if now + forecast <= end:
        return []
    text = (
        f"The maintenance window ends at {_words(end, last)}, and the forecast is {forecast_seconds / 60:.0f} min at least, which is"
        f" {(now + forecast - end) / 60:.0f} min more. Begin earlier in a window, or acknowledge to go on after its end."
    )
    return [Finding("window-too-short", "ack", text)]


def opening(windows: Sequence[Window], now: float) -> float:
    """When an upgrade may next begin: now within a window or without any, else the next window's begin; now again if there is none."""
    return min((max(span.start, now) for span, _window in _nexts(windows, now)), default=now)


def _outside(windows: Sequence[Window], now: float) -> Finding:
    nexts = list(_nexts(windows, now))
    if nexts:
        span, window = min(nexts, key=lambda item: (item[0].start, item[0].end))
        words = f"the next one is from {_words(span.start, window)} to {_words(span.end, window)}. Run it then"
    else:
        words = f"there is none in the next {_HORIZON.days} days. Correct ampora_windows"
    text = f"It is {_words(now, windows[0])} and not within a maintenance window (ampora_windows); {words}, or override the rule."
    return Finding("outside-window", "block", text)


def _nexts(windows: Sequence[Window], now: float) -> Iterator[tuple[Span, Window]]:
    """The next occurrence of each window that has one."""
    for window in windows:
        span = next(window.spans(now, now + _HORIZON.total_seconds()), None)
        if span:
            yield span, window


def _words(moment: float, window: Window) -> str:
    return f"{_local(moment, window.zone):%Y-%m-%d %H:%M} {window.zone.key}"
