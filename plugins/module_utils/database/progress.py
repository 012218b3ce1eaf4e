# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a migration is, from outside: by the history table, by its lock, and by what the migrating process logs.

A history that is locked says that a migration runs (EF Core locks the table, the product takes an advisory lock); that
is information and no failure. What is applied says how far it is; the log says which one it is at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.log_record import read_record

_LONGEST = 160


@dataclass(frozen=True)
class Progress:
    """`added` since the run began, in the history's order; `line` is the migrating process's own latest word."""

    running: bool
    added: tuple[str, ...] = ()
    line: str = ""

    def words(self, seconds: float, expected: int) -> str:
        """For a live line: how many, how long, against what the release notes expect; empty when there is nothing to tell."""
        if not self.running and not self.added:
            return ""
        parts = [f"{len(self.added)} migrations applied" + (f", the last {self.added[-1]}" if self.added else "")]
        if self.running:
            over = f", longer than the {_duration(expected)} of the release notes" if expected and seconds > expected else ""
            of = f" of {_duration(expected)} expected" if expected and not over else ""
            parts.append(f"a migration runs, {_duration(int(seconds) // 10 * 10)}{of}{over}")
            parts += [self.line] if self.line else []
        return "; ".join(parts)


def progress(before: Sequence[str], now: Sequence[str] | None, locked: bool, lines: Iterable[str], pattern: re.Pattern[str]) -> Progress:
    """`now` is None when the history cannot be read; `locked` when that is because a migration holds it, or holds its advisory lock."""
    added = tuple(found for found in now or () if found not in set(before))
    said = [message for line in lines if pattern.search(message := _message(line))]
    return Progress(locked, added, said[-1][:_LONGEST] if said else "")


def log_pattern(text: str) -> re.Pattern[str]:
    """The pattern of the log line that says which migration is being applied."""
    try:
        return re.compile(text)
    except re.error as error:
        raise UpgradeError(
            f"ampora_migration_log is no regular expression: {error}.", next_step="Write one that finds your product's line, or leave it."
        ) from error


def _message(line: str) -> str:
    """A JSON log's message with its properties filled in, or the line as it is; printable."""
    record = read_record(line.encode())
    text = record.message if record else line
    return "".join(character if character.isprintable() else " " for character in text)


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
