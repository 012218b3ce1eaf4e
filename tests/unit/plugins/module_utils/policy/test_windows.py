# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maintenance windows: in one, between two, over a change of clocks, and with rules that must not run for ever."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import recurrence
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.windows import judge, opening, parse
from hypothesis import given, settings
from hypothesis import strategies as st

ZURICH = "Europe/Zurich"
EVENINGS = "FREQ=WEEKLY;BYDAY=TU,TH"


def entry(start: str = "2026-01-01T22:00", duration: str = "2h", rrule: str = EVENINGS, timezone: str = ZURICH) -> dict[str, Any]:
    return {"start": start, "duration": duration, "rrule": rrule, "timezone": timezone}


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def ids(entries: list[dict[str, Any]], now: str, minutes: float = 30) -> list[str]:
    return [finding.id for finding in judge(parse(entries), at(now), minutes * 60)]


@pytest.mark.parametrize(
    ("now", "minutes", "found"),
    [
        ("2026-11-24T22:00+01:00", 120, []),  # a Tuesday, from the first second to the last
        ("2026-11-24T21:59:59+01:00", 1, ["outside-window"]),
        ("2026-11-24T22:00+01:00", 121, ["window-too-short"]),
        ("2026-11-24T23:59+01:00", 1, []),
        ("2026-11-25T00:00+01:00", 0, ["outside-window"]),
        ("2026-11-25T22:30+01:00", 1, ["outside-window"]),
        ("2026-11-26T21:30Z", 30, []),
        ("2026-07-21T20:00Z", 120, []),  # the same local time in summer
        ("2026-07-21T22:00Z", 1, ["outside-window"]),
        ("2025-12-30T22:30+01:00", 1, ["outside-window"]),  # before the first
    ],
)
def test_two_evenings_a_week(now: str, minutes: float, found: list[str]) -> None:
    assert ids([entry()], now, minutes) == found


def test_the_next_window_is_named() -> None:
    (found,) = judge(parse([entry(), entry("2026-11-24T23:30", rrule="", timezone="UTC")]), at("2026-11-24T20:00Z"), 60)
    assert (found.severity, found.text) == (
        "block",
        "It is 2026-11-24 21:00 Europe/Zurich and not within a maintenance window (ampora_windows); the next one is from 2026-11-24 22:00"
        " Europe/Zurich to 2026-11-25 00:00 Europe/Zurich. Run it then, or override the rule.",
    )
    (found,) = judge(parse([entry("2026-01-01T00:00", rrule="")]), at("2026-11-24T20:00Z"), 60)
    assert "there is none in the next 800 days. Correct ampora_windows, or override the rule." in found.text


def test_how_much_is_missing() -> None:
    (found,) = judge(parse([entry()]), at("2026-11-24T23:00+01:00"), 90 * 60)
    assert (found.severity, found.text) == (
        "ack",
        "The maintenance window ends at 2026-11-25 00:00 Europe/Zurich, and the forecast is 90 min at least, which is 30 min more. Begin"
        " earlier in a window, or acknowledge to go on after its end.",
    )


def test_without_windows_any_time_will_do() -> None:
    assert judge(parse([]), 0, 10**9) == []


def test_windows_that_follow_one_another_are_one() -> None:
    joined = [entry(duration="2h"), entry("2026-01-02T00:00", "1h", "FREQ=WEEKLY;BYDAY=WE,FR"), entry("2026-11-25T00:30", "1h", "")]
    assert ids(joined, "2026-11-24T22:00+01:00", 210) == []
    assert ids(joined, "2026-11-24T22:00+01:00", 211) == ["window-too-short"]
    gap = [entry(duration="119m"), entry("2026-01-02T00:00", "1h", "FREQ=WEEKLY;BYDAY=WE,FR")]
    assert ids(gap, "2026-11-24T22:00+01:00", 120) == ["window-too-short"]
    always = [entry("2026-01-01T00:00", "1d", "FREQ=DAILY")]
    assert ids(always, "2026-11-24T22:00+01:00", 10_000) == []


@pytest.mark.parametrize(
    ("start", "duration", "inside", "outside"),
    [
        # 02:30 is left out on 2026-03-29: it counts by winter time, which is 03:30 of summer time
        ("2026-03-29T02:30", "1h", ["2026-03-29T01:30Z", "2026-03-29T02:29Z"], ["2026-03-29T01:29Z", "2026-03-29T02:30Z"]),
        # 02:30 comes twice on 2026-10-25: the first counts, for a real hour
        ("2026-10-25T02:30", "1h", ["2026-10-25T00:30Z", "2026-10-25T01:29Z"], ["2026-10-25T00:29Z", "2026-10-25T01:30Z"]),
        # four hours are four hours
        ("2026-03-29T00:00", "4h", ["2026-03-28T23:00Z", "2026-03-29T02:59Z"], ["2026-03-29T03:00Z"]),
        # a day is a day of the calendar: 23 and 25 hours
        ("2026-03-29T00:00", "1d", ["2026-03-29T21:59Z"], ["2026-03-29T22:00Z"]),
        ("2026-10-25T00:00", "1d", ["2026-10-25T22:59Z"], ["2026-10-25T23:00Z"]),
        ("2026-10-25T00:00", "1d 1h30m", ["2026-10-26T00:29Z"], ["2026-10-26T00:30Z"]),
    ],
)
@pytest.mark.parametrize("rrule", ["", "FREQ=YEARLY"])
def test_changes_of_clocks(start: str, duration: str, inside: list[str], outside: list[str], rrule: str) -> None:
    for moment in inside:
        assert ids([entry(start, duration, rrule)], moment, 0) == [], moment
    for moment in outside:
        assert ids([entry(start, duration, rrule)], moment, 0) == ["outside-window"], moment


@pytest.mark.parametrize(
    ("rrule", "last", "after"),
    [
        ("FREQ=DAILY;COUNT=3", "2026-01-03T22:00+01:00", "2026-01-04T22:00+01:00"),
        ("FREQ=DAILY;UNTIL=20260103", "2026-01-03T22:00+01:00", "2026-01-04T22:00+01:00"),
        ("FREQ=DAILY;UNTIL=20260103T210000Z", "2026-01-03T22:00+01:00", "2026-01-04T22:00+01:00"),
        ("FREQ=DAILY;UNTIL=20260103T205959Z", "2026-01-02T22:00+01:00", "2026-01-03T22:00+01:00"),
        ("FREQ=DAILY;UNTIL=20260103T220000", "2026-01-03T22:00+01:00", "2026-01-04T22:00+01:00"),
        ("RRULE:FREQ=MONTHLY;BYDAY=-1SA;", "2026-02-28T22:00+01:00", "2026-02-21T22:00+01:00"),
        ("freq=weekly;interval=2;byday=fr;wkst=mo", "2026-01-16T22:00+01:00", "2026-01-09T22:00+01:00"),
        ("FREQ=DAILY;BYHOUR=3,15;BYMINUTE=30", "2026-06-01T15:30+02:00", "2026-06-01T22:00+02:00"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2028-02-29T22:00+01:00", "2027-02-28T22:00+01:00"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1", "2026-06-01T22:00+02:00", "2026-06-02T22:00+02:00"),
    ],
)
def test_rules(rrule: str, last: str, after: str) -> None:
    assert ids([entry(rrule=rrule)], last) == []
    assert ids([entry(rrule=rrule)], after) == ["outside-window"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"start": "soon"}, 'entry 1: start is "soon", which is no time such as 2026-11-24T22:00'),
        ({"start": None}, 'entry 1: start is "None"'),
        ({"start": "2026-11-24T22:00+01:00"}, "it is local time, so write it without an offset"),
        ({"start": "1999-12-31"}, "its year must be between 2000 and 2100"),
        ({"start": "2101-01-01"}, "its year must be between 2000 and 2100"),
        ({"duration": "long"}, 'entry 1: duration is "long", which is nothing such as 90m, 2h, 1h30m or 1d, up to 31d'),
        ({"duration": ""}, 'duration is ""'),
        ({"duration": None}, 'duration is "None"'),
        ({"duration": "0m"}, 'duration is "0m"'),
        ({"duration": "31d1m"}, 'duration is "31d1m"'),
        ({"timezone": "Mars/Olympus"}, 'timezone is "Mars/Olympus", which is no zone'),
        ({"timezone": "Europe"}, 'timezone is "Europe"'),
        ({"timezone": "../../etc/passwd"}, 'timezone is "../../etc/passwd"'),
        ({"zone": "UTC"}, 'entry 1: "zone" is not one of start, duration, rrule, timezone'),
        ({"rrule": "FREQ=SECONDLY"}, 'entry 1: FREQ in its rrule is "SECONDLY"'),
        ({"rrule": "FREQ=HOURLY"}, 'FREQ in its rrule is "HOURLY"'),
        ({"rrule": "INTERVAL=2"}, "its rrule has no FREQ"),
        ({"rrule": "FREQ=DAILY;INTERVAL=0"}, 'INTERVAL in its rrule is "0"'),
        ({"rrule": "FREQ=DAILY;INTERVAL=1,2"}, 'INTERVAL in its rrule is "1,2"'),
        ({"rrule": "FREQ=DAILY;COUNT=10001"}, 'COUNT in its rrule is "10001"'),
        ({"rrule": "FREQ=DAILY;BYHOUR=24"}, 'BYHOUR in its rrule is "24"'),
        ({"rrule": "FREQ=DAILY;BYHOUR=-1"}, 'BYHOUR in its rrule is "-1"'),
        ({"rrule": "FREQ=DAILY;BYMINUTE="}, 'BYMINUTE in its rrule is ""'),
        ({"rrule": "FREQ=YEARLY;BYMONTHDAY=32"}, 'BYMONTHDAY in its rrule is "32"'),
        ({"rrule": "FREQ=WEEKLY;BYDAY=XX"}, 'BYDAY in its rrule is "XX"'),
        ({"rrule": "FREQ=WEEKLY;BYDAY=1MO"}, "a numbered day does not go with FREQ=WEEKLY"),
        ({"rrule": "FREQ=MONTHLY;BYDAY=0MO"}, "its rrule cannot be used"),
        ({"rrule": "FREQ=DAILY;BYMONTHDAY=30;BYMONTH=2"}, "its rrule has BYMONTHDAY, which does not go with FREQ=DAILY"),
        ({"rrule": "FREQ=WEEKLY;BYSETPOS=6"}, "its rrule has BYSETPOS, which does not go with FREQ=WEEKLY"),
        ({"rrule": "FREQ=MONTHLY;BYWEEKNO=1"}, "its rrule has BYWEEKNO, which does not go with FREQ=MONTHLY"),
        ({"rrule": "FREQ=DAILY;FREQ=WEEKLY"}, "its rrule has FREQ twice"),
        ({"rrule": "FREQ=DAILY;BYSECOND=1"}, 'its rrule has "BYSECOND=1", which is none of FREQ,'),
        ({"rrule": "DAILY"}, 'its rrule has "DAILY", which is none of'),
        ({"rrule": "FREQ=DAILY\nEXDATE:20260101"}, "FREQ in its rrule is"),
        ({"rrule": "FREQ=DAILY;UNTIL=20269999"}, 'UNTIL in its rrule is "20269999"'),
        ({"rrule": "FREQ=DAILY;UNTIL=tomorrow"}, 'UNTIL in its rrule is "TOMORROW"'),
        ({"rrule": "FREQ=DAILY;UNTIL=00010101T000000Z"}, "UNTIL in its rrule is"),
        ({"rrule": "FREQ=DAILY;COUNT=2;UNTIL=20270101"}, "its rrule has COUNT and UNTIL"),
        ({"rrule": "FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=0,10,20,30,40"}, "its rrule makes more than 24 windows a day"),
        ({"rrule": "FREQ=DAILY;" * 60}, "its rrule is longer than 500 characters"),
    ],
)
def test_what_cannot_be_a_window(change: dict[str, Any], words: str) -> None:
    # in a zone west of Greenwich, where the first moment of UTC falls before the first of the calendar
    zone = {"timezone": "America/New_York"} if "00010101" in str(change) else {}
    with pytest.raises(UpgradeError) as caught:
        parse([{**entry(), **zone, **change}])
    assert words in caught.value.message
    assert "ampora_windows" in caught.value.next_step


def test_everything_wrong_at_once() -> None:
    with pytest.raises(UpgradeError) as caught:
        parse([entry("x", "y", "FREQ=Z", "q"), "no", entry(duration="0h")])  # type: ignore[list-item]
    for words in (
        "entry 1: start",
        "entry 1: duration",
        "entry 1: FREQ",
        "entry 1: timezone",
        "entry 2: it is not an object",
        "entry 3: dur",
    ):
        assert words in caught.value.message
    with pytest.raises(UpgradeError, match="it has 101 entries, and 100 is the most"):
        parse([entry()] * 101)


def test_the_library_is_named_when_it_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recurrence, "rrulestr", None)
    assert parse([]) == ()
    with pytest.raises(UpgradeError, match="python-dateutil"):
        parse([entry()])


def test_what_is_left_out_is_a_single_window_in_utc() -> None:
    only = {"start": "2026-11-24", "duration": "90M"}
    assert ids([only], "2026-11-24T01:29Z", 0) == []
    assert ids([only], "2026-11-25T00:30Z", 0) == ["outside-window"]


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=DAILY;UNTIL=19990101",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11;BYMINUTE=1,2",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11;BYMINUTE=1,2",
        "FREQ=DAILY;COUNT=10000",
    ],
)
def test_no_rule_runs_for_ever(rrule: str) -> None:
    windows = parse([entry("2000-01-01T22:30", "1m", rrule, "UTC")])
    begin = time.process_time()
    judge(windows, at("2099-11-24T22:10Z"), 10**12)
    assert time.process_time() - begin < 20


DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


@settings(deadline=None)
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2029, 12, 31)),
    st.sets(st.sampled_from(DAYS), min_size=1),
    st.integers(0, 23),
    st.integers(1, 30 * 60),
    st.sampled_from([ZURICH, "UTC", "America/St_Johns", "Asia/Tehran", "Australia/Lord_Howe"]),
    st.integers(0, 600),
)
def test_weekly_windows_are_where_a_look_at_each_day_finds_them(
    now: datetime, days: set[str], hour: int, minutes: int, timezone: str, forecast: int
) -> None:
    windows = parse([entry(f"2019-06-01T{hour:02}:00", f"{minutes}m", f"FREQ=WEEKLY;BYDAY={','.join(sorted(days))}", timezone)])
    zone = ZoneInfo(timezone)
    moment = now.replace(tzinfo=ZoneInfo("UTC")).timestamp()
    starts = [
        datetime(day.year, day.month, day.day, hour, tzinfo=zone).timestamp()
        for day in (now.date() + timedelta(days=number) for number in range(-4, 6))
        if DAYS[day.weekday()] in days
    ]
    end = moment
    for start in starts:
        if start <= end < start + minutes * 60:
            end = start + minutes * 60
    expected = ["outside-window"] if end == moment else ["window-too-short"] if end < moment + forecast * 60 else []
    assert [finding.id for finding in judge(windows, moment, forecast * 60)] == expected


@settings(deadline=None)
@given(st.integers(1, 9), st.sampled_from(["DAILY", "WEEKLY"]), st.datetimes(datetime(2000, 2, 1), datetime(2004, 1, 1)))
def test_a_later_start_gives_the_same_moments(interval: int, frequency: str, first: datetime) -> None:
    problems: list[str] = []
    rule = f"FREQ={frequency};INTERVAL={interval}" + (";BYDAY=MO,FR" if frequency == "WEEKLY" else ";BYMONTH=1,2,3,7,12")
    start = datetime(2000, 1, 5, 22)
    far, near = (recurrence.parse(text, start, ZoneInfo("UTC"), problems.append) for text in (f"{rule};COUNT=10000", rule))
    assert far and near and problems == []
    last = first + timedelta(days=100)
    assert list(near.between(first, last)) == list(far.between(first, last))


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="FREQ=DAILYWEKMONTH;BU,1290-+", max_size=40), st.text(max_size=8))
def test_no_text_is_an_exception_of_python(rrule: str, duration: str) -> None:
    try:
        judge(parse([entry(duration=duration or "1h", rrule=rrule)]), at("2026-11-24T22:10Z"), 60)
    except UpgradeError as error:
        assert error.message.startswith("ampora_windows is wrong: ")


def test_when_an_upgrade_may_next_begin() -> None:
    found = parse([{"start": "2026-11-24T22:00", "duration": "2h", "rrule": "FREQ=WEEKLY", "timezone": "UTC"}])
    opens = datetime(2026, 11, 24, 22, tzinfo=UTC).timestamp()
    assert opening(found, opens - 3600) == opens
    assert opening(found, opens + 60) == opens + 60
    assert opening(found, opens + 3 * 3600) == opens + 7 * 86400
    assert opening((), opens) == opens
    assert opening(parse([{"start": "2020-01-01T00:00", "duration": "1h", "rrule": "", "timezone": "UTC"}]), opens) == opens


@pytest.mark.parametrize(
    ("name", "least", "most", "frequency"),
    [
        *(("INTERVAL", 1, 1000, "DAILY"), ("COUNT", 1, 10_000, "DAILY"), ("BYHOUR", 0, 23, "DAILY"), ("BYMINUTE", 0, 59, "DAILY")),
        *(("BYMONTH", 1, 12, "DAILY"), ("BYMONTHDAY", 1, 31, "YEARLY;BYMONTH=1"), ("BYYEARDAY", 1, 366, "YEARLY")),
        *(("BYWEEKNO", 1, 53, "YEARLY"), ("BYSETPOS", 1, 366, "YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU")),
    ],
)
def test_the_numbers_that_a_part_may_have(name: str, least: int, most: int, frequency: str) -> None:
    def problems(number: int) -> list[str]:
        found: list[str] = []
        recurrence.parse(f"FREQ={frequency};{name}={number}", datetime(2026, 1, 1), ZoneInfo("UTC"), found.append)
        return [problem for problem in found if name in problem]

    assert (problems(least), problems(most)) == ([], [])
    assert problems(least - 1) and problems(most + 1)


def test_how_much_longer_is_told_in_whole_minutes() -> None:
    (finding,) = judge(parse([entry(rrule="", duration="2h")]), at("2026-01-01T22:00+01:00"), 3 * 3600 + 40)
    assert "181 min at least, which is 61 min more" in finding.text


def test_a_window_ends_with_its_last_moment() -> None:
    windows = parse([entry(rrule="", duration="2h")])
    assert judge(windows, at("2026-01-01T22:00+01:00"), 2 * 3600) == []
    assert [found.id for found in judge(windows, at("2026-01-01T22:00+01:00"), 2 * 3600 + 1)] == ["window-too-short"]
    assert [found.id for found in judge(windows, at("2026-01-02T00:00+01:00"), 0)] == ["outside-window"]


def test_an_occurrence_touches_a_time_from_its_begin_to_before_its_end() -> None:
    (window,) = parse([entry(rrule="FREQ=DAILY", duration="2h", timezone="UTC")])
    begin, end = at("2026-11-24T22:00Z"), at("2026-11-25T00:00Z")
    for first, last, days in (
        (begin, begin, [24]),
        (end, end, []),
        (end - 1, end, [24]),
        (begin - 1, begin - 1, []),
        (end, end + 79200, [25]),
    ):
        found = [datetime.fromtimestamp(span.start, UTC).day for span in window.spans(first, last)]
        assert found == days, (first - begin, last - begin)


def test_a_forecast_of_nothing_ends_now() -> None:
    (window,) = parse([entry("2026-11-24T22:00", "2h", rrule="", timezone="UTC")])
    assert judge([window], at("2026-11-25T00:00Z") - 0.5, 0.0) == []
    assert [one.id for one in judge([window], at("2026-11-25T00:00Z") - 0.5, 1.0)] == ["window-too-short"]


def test_a_rule_begins_with_the_first_moment_that_is_asked_for() -> None:
    start = datetime(2026, 11, 24, 22)
    rule = recurrence.parse("FREQ=DAILY", start, UTC, pytest.fail)
    assert rule and list(rule.between(start, start + timedelta(days=1))) == [start, start + timedelta(days=1)]


def test_the_longest_window_is_a_month() -> None:
    assert parse([entry(duration="31d")])[0].days == 31
    with pytest.raises(UpgradeError):
        parse([entry(duration="31d1m")])


def test_there_are_a_hundred_windows_at_most() -> None:
    assert len(parse([entry(rrule="")] * 100)) == 100


@pytest.mark.parametrize(("length", "fits"), [(500, True), (501, False)])
def test_a_rule_has_five_hundred_characters_at_most(length: int, fits: bool) -> None:
    rule = "FREQ=DAILY".ljust(length, ";")
    if fits:
        assert len(parse([entry(rrule=rule)])) == 1
    else:
        with pytest.raises(UpgradeError, match="its rrule is longer than 500 characters"):
            parse([entry(rrule=rule)])


def test_a_rule_that_ends_with_its_first_moment_has_it() -> None:
    start = datetime(2026, 11, 24, 22)
    rule = recurrence.parse("FREQ=DAILY;UNTIL=20261124T220000", start, UTC, pytest.fail)
    assert rule and list(rule.between(start, start + timedelta(days=9))) == [start]
    assert list(rule.between(start + timedelta(seconds=1), start + timedelta(days=9))) == []


def test_a_window_within_another_does_not_shorten_it() -> None:
    both = [entry("2026-11-24T22:00", "4h", ""), entry("2026-11-24T23:00", "30m", "")]
    for windows in (both, both[::-1]):
        assert ids(windows, "2026-11-24T22:30+01:00", 210) == []
        assert ids(windows, "2026-11-24T22:30+01:00", 211) == ["window-too-short"]
