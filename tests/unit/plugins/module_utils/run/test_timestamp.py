# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.run.timestamp import parse, text
from hypothesis import given
from hypothesis import strategies as st

ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def test_writes_micro_time_in_utc() -> None:
    moment = datetime(2026, 11, 22, 23, 40, tzinfo=timezone(timedelta(hours=2)))
    assert text(moment) == "2026-11-22T21:40:00.000000Z"


def test_refuses_a_time_without_its_zone() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        text(datetime(2026, 11, 22))


@pytest.mark.parametrize("value", ["", "yesterday", "2026-11-22T21:40:00", "9999-12-31T23:59:59-23:59", None, 3])
def test_what_is_no_time_is_none(value: object) -> None:
    assert parse(value) is None


@given(st.datetimes(timezones=ZONES))
def test_round_trip(moment: datetime) -> None:
    try:
        written = text(moment)
    except OverflowError:
        return  # a local time in year 1 or 9999 may have no UTC one
    assert parse(written) == moment.astimezone(UTC)
