# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a restore will take: by its own proof where there was one, else by how long the dump took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Measured on 1.4 GB with two workers: dump 8.2 s, restore 17.5 s (indexes are built, data is decoded and written).
RESTORE_PER_DUMP = 2.1


@dataclass(frozen=True)
class Forecast:
    """Seconds of a restore up to its swap, during which the deployment serves on; None when nothing was measured."""

    seconds: int | None
    basis: str

    def __str__(self) -> str:
        if self.seconds is None:
            return "how long the restore takes is not known: the snapshot has no measured times"
        return f"the restore takes about {self.seconds} s ({self.basis}), while the deployment serves on; then the pods stop and start"


def forecast(seconds: Mapping[str, float]) -> Forecast:
    """By the times that a snapshot's manifest has: `restore` of its proof by a scratch restore, `take` of the dump."""
    if seconds.get("restore"):
        return Forecast(max(1, round(seconds["restore"])), "as long as its proof took")
    if seconds.get("take"):
        return Forecast(max(1, round(seconds["take"] * RESTORE_PER_DUMP)), f"{RESTORE_PER_DUMP} times what the dump took")
    return Forecast(None, "")
