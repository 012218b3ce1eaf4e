# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How large a snapshot will be and how long it takes: measured on earlier ones, or a rule of thumb that is named as one.

Source: Zalando's operator plans for a fifth of the database (practice 2.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import Manifest

GUESSED_SHARE = 0.2
UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


@dataclass(frozen=True)
class Forecast:
    """Bytes, seconds of the dump and seconds of a restore; None where nothing was measured yet. `source` says by what."""

    size: int
    seconds: float | None
    restore_seconds: float | None
    source: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        time = "" if self.seconds is None else f" in about {duration(self.seconds)}"
        return f"about {amount(self.size)}{time} ({self.source})"


def measured(method: str, earlier: Iterable[Manifest]) -> list[Manifest]:
    """The snapshots by which the next one of this method is forecast, the newest first."""
    found = [one for one in earlier if one.method == method and one.database_size > 0]
    return sorted(found, key=lambda one: one.started_at, reverse=True)


def forecast(database_size: int, method: str, earlier: Iterable[Manifest]) -> Forecast:
    """By the newest snapshots of the same method that were measured; `database_size` in bytes."""
    of_method = measured(method, earlier)
    restored = next((one for one in of_method if one.seconds.get("restore")), None)
    restore = None if restored is None else round(restored.seconds["restore"] * database_size / restored.database_size, 1)
    if not of_method:
        return Forecast(round(database_size * GUESSED_SHARE), None, restore, "a fifth of the database, nothing was measured yet")
    last = of_method[0]
    seconds = round(database_size / last.throughput, 1) if last.throughput else None
    return Forecast(round(last.size * database_size / last.database_size), seconds, restore, f"measured on the snapshot {last.id}")


def check_room(found: Forecast, free: int, place: str) -> None:
    """Refuse to begin what will not fit; `free` in bytes."""
    if free < found.size:
        raise UpgradeError(
            f"The snapshot needs {found}, and there is {amount(free)} of room on {place}.",
            next_step="Make room there, or name another place; nothing was changed.",
        )


def progress(done: int, seconds: float, found: Forecast) -> str:
    """A live line: "12.0 MiB of about 40.0 MiB, 4.0 MiB/s, about 7 s left"; the time left only while the forecast holds."""
    rate = done / seconds if seconds > 0 else 0.0
    line = f"{amount(done)} of about {amount(found.size)}, {amount(rate)}/s"
    left = (found.size - done) / rate if rate else 0.0
    return f"{line}, about {duration(left)} left" if left > 0 else line


def amount(size: float) -> str:
    """Bytes for people: "12.3 MiB"."""
    unit = 0
    while size >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.1f} {UNITS[unit]}" if unit else f"{size:.0f} {UNITS[0]}"


def duration(seconds: float) -> str:
    """Seconds for people: "40 s", "3 min", "2 h 5 min"."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
