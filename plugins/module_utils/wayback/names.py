# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of the databases of a restore: they say the live one and the run, so that nobody needs a record to read them."""

from __future__ import annotations

import re

MAXIMUM = 63  # PostgreSQL cuts longer identifiers without a word
LONGEST_RUN = len("20261122t2200z_") + 16
_KEPT, _BESIDE, _SCRATCH = "failed", "restore", "verify"
_RUN = re.compile(r"[0-9]{8}t[0-9]{4}z_[a-z0-9]{1,16}")


def beside(live: str, run: str) -> str:
    """The database into which a run restores."""
    return _name(live, _BESIDE, run)


def kept(live: str, run: str) -> str:
    """The database that a run has replaced and kept."""
    return _name(live, _KEPT, run)


def scratch(live: str, run: str) -> str:
    """The database into which a run restores its own snapshot, only to see that it can be."""
    return _name(live, _SCRATCH, run)


def is_scratch(name: str, live: str) -> bool:
    """Whether a run of this live one has made it to prove a snapshot."""
    return _run_in(name, live, _SCRATCH) != ""


def prefix(live: str) -> str:
    """What every name of a run of this database begins with, however long the run's id is."""
    return live[: MAXIMUM - LONGEST_RUN - len(f"_{_BESIDE}_")]


def run_of(name: str, live: str) -> tuple[str, bool] | None:
    """(run, whether it is a kept one) of a database that a run of this live one has made; None for any other."""
    for word in (_KEPT, _BESIDE):
        if run := _run_in(name, live, word):
            return run, word == _KEPT
    return None


def _run_in(name: str, live: str, word: str) -> str:
    head, mark, run = name.rpartition(f"_{word}_")
    return run.replace("_", "-") if mark and _RUN.fullmatch(run) and _name(live, word, run) == name and head else ""


def _name(live: str, word: str, run: str) -> str:
    suffix = run.replace("-", "_")
    # All words take the same room, so that the names of a run are cut alike.
    return f"{live[: MAXIMUM - len(suffix) - len(f'_{_BESIDE}_')]}_{word}_{suffix}"
