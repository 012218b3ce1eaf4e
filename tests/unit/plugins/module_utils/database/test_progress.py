# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import MIGRATION_LOG
from ansible_collections.ampora.upgrades.plugins.module_utils.database.progress import Progress, log_pattern, progress
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError

PATTERN = log_pattern(MIGRATION_LOG["default"])
LINE = json.dumps(
    {
        "timestamp": "2026-11-22T21:40:00.000Z",
        "level": "Information",
        "category": "Microsoft.EntityFrameworkCore.Migrations.HistoryRepository",
        "message": "Microsoft.EntityFrameworkCore.Migrations.HistoryRepository: Applying migration '{MigrationId}'.",
        "MigrationId": "2_second",
    }
)
SAID = "Microsoft.EntityFrameworkCore.Migrations.HistoryRepository: Applying migration '2_second'."


@pytest.mark.parametrize(
    ("now", "locked", "lines", "expected"),
    [
        (["1"], False, [], Progress(False)),
        (None, False, [LINE], Progress(False, (), SAID)),
        (None, True, ["{", "noise", LINE], Progress(True, (), SAID)),
        (
            ["1", "2"],
            True,
            ["plain Microsoft.EntityFrameworkCore.Migrations: Applying x\x1b[2J"],
            Progress(True, ("2",), "plain Microsoft"),
        ),
        (["2", "1"], False, [], Progress(False, ("2",))),
    ],
)
def test_progress(now: list[str] | None, locked: bool, lines: list[str], expected: Progress) -> None:
    found = progress(["1"], now, locked, lines, PATTERN)
    assert (found.running, found.added) == (expected.running, expected.added)
    assert found.line.startswith(expected.line)
    assert found.line.isprintable()


@pytest.mark.parametrize(
    ("found", "seconds", "expected", "words"),
    [
        (Progress(False), 0, 0, ""),
        (Progress(False, ("2_second",)), 0, 0, "1 migrations applied, the last 2_second"),
        (Progress(True), 27, 0, "0 migrations applied; a migration runs, 20 s"),
        (Progress(True, (), "Applying x"), 27, 90, "0 migrations applied; a migration runs, 20 s of 1 min 30 s expected; Applying x"),
        (Progress(True), 125, 90, "0 migrations applied; a migration runs, 2 min 00 s, longer than the 1 min 30 s of the release notes"),
    ],
)
def test_words(found: Progress, seconds: float, expected: int, words: str) -> None:
    assert found.words(seconds, expected) == words


def test_a_pattern_that_is_none() -> None:
    with pytest.raises(UpgradeError, match=r"^ampora_migration_log is no regular expression: "):
        log_pattern("(")
