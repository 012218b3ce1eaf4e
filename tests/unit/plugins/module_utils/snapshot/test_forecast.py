# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.forecast import (
    Forecast,
    amount,
    check_room,
    duration,
    forecast,
    progress,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.doubles.scene import NOW, manifest

MIB = 1024 * 1024


def earlier(day: int, **changes: object) -> Manifest:
    measured = {"database_size": 100 * MIB, "size": 30 * MIB, "seconds": {"take": 10.0}}
    return manifest(id=f"day-{day}", started_at=NOW + timedelta(days=day), **{**measured, **changes})


def test_a_fifth_where_nothing_was_measured() -> None:
    found = forecast(1000, "job", [])
    assert found == Forecast(200, None, None, "a fifth of the database, nothing was measured yet")
    assert str(found) == "about 200 bytes (a fifth of the database, nothing was measured yet)"


@pytest.mark.parametrize(
    ("snapshots", "size", "seconds", "restore", "source"),
    [
        ([earlier(1)], 60, 20.0, None, "measured on the snapshot day-1"),
        ([earlier(1), earlier(3, size=50 * MIB), earlier(2)], 100, 20.0, None, "measured on the snapshot day-3"),
        ([earlier(1), earlier(3, method="local", size=90 * MIB)], 60, 20.0, None, "measured on the snapshot day-1"),
        ([earlier(1), earlier(3, database_size=0, seconds={})], 60, 20.0, None, "measured on the snapshot day-1"),
        ([earlier(1, seconds={})], 60, None, None, "measured on the snapshot day-1"),
        ([earlier(3), earlier(1, seconds={"take": 1.0, "restore": 25.0})], 60, 20.0, 50.0, "measured on the snapshot day-3"),
    ],
)
def test_by_the_newest_measured_snapshot_of_the_method(
    snapshots: list[Manifest], size: int, seconds: float | None, restore: float | None, source: str
) -> None:
    assert forecast(200 * MIB, "job", snapshots) == Forecast(size * MIB, seconds, restore, source)


def test_room() -> None:
    found = Forecast(3 * MIB, 40.0, None, "measured on the snapshot day-1")
    check_room(found, 3 * MIB, "the claim c")
    with pytest.raises(UpgradeError) as error:
        check_room(found, 2 * MIB, "the claim c")
    assert error.value.message == (
        "The snapshot needs about 3.0 MiB in about 40 s (measured on the snapshot day-1), and there is 2.0 MiB of room on the claim c."
    )
    assert error.value.next_step


@pytest.mark.parametrize(
    ("done", "seconds", "line"),
    [
        (12 * MIB, 3.0, "12.0 MiB of about 40.0 MiB, 4.0 MiB/s, about 7 s left"),
        (0, 3.0, "0 bytes of about 40.0 MiB, 0 bytes/s"),
        (0, 0.0, "0 bytes of about 40.0 MiB, 0 bytes/s"),
        (44 * MIB, 11.0, "44.0 MiB of about 40.0 MiB, 4.0 MiB/s"),
    ],
)
def test_progress(done: int, seconds: float, line: str) -> None:
    assert progress(done, seconds, Forecast(40 * MIB, None, None, "")) == line


@given(st.integers(0, 2**60), st.just(0.0) | st.floats(0.01, 1e6), st.integers(0, 2**60))
def test_any_progress_is_one_short_line(done: int, seconds: float, size: int) -> None:
    line = progress(done, seconds, Forecast(size, None, None, ""))
    assert len(line) < 100
    assert "\n" not in line


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (5 * 2**30, "5.0 GiB"), (2**52, "4096.0 TiB")]
)
def test_amount(size: int, text: str) -> None:
    assert amount(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "1 s"), (99.4, "99 s"), (100, "2 min"), (3600, "60 min"), (7500, "2 h 5 min"), (86_400, "24 h 0 min")]
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text
