# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runtimes that are recognised, and the durations that are none."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.runtime import runtime_seconds, seconds_in


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("The migration takes 1h30m.", 5400),
        ("It takes 1 h 30 min.", 5400),
        ("It takes 1 hour and 30 minutes.", 5400),
        ("It takes 1 hour, 30 minutes.", 5400),
        ("about 20 minutes", 1200),
        ("~2 h on 10 M rows", 7200),
        ("\u2248 90 s", 90),
        ("Expect under an hour.", 3600),
        ("The rewrite takes 2\u20133 hours.", 10800),
        ("The rewrite takes 20 minutes to 2 hours.", 7200),
        ("Building the index takes 10 to 15 min.", 900),
        ("The migration takes a few minutes.", 300),
        ("The migration takes several hours.", 18000),
        ("It takes a couple of minutes.", 120),
        ("It takes half an hour.", 1800),
        ("It takes an hour and a half.", 5400),
        ("It takes one and a half hours.", 5400),
        ("It takes a quarter of an hour.", 900),
        ("It takes three quarters of an hour.", 2700),
        ("The upgrade takes about a minute.", 60),
        ("Twenty minutes for the migration.", 1200),
        ("Less than 5 minutes for the backfill.", 300),
        ("Estimated runtime: 20m", 1200),
        ("Plan a maintenance window of about 2 hours.", 7200),
        ("5 min downtime", 300),
        ("The migration of the sessions table takes about 20 minutes.", 1200),
        ("It takes about 20 minutes on 1 M rows and about 2 hours on 10 M rows.", 7200),
        ("Step one takes about 5 minutes, and step two about 10 minutes.", 900),
        ("It polls every 5 minutes, and the migration of that table takes 20 minutes.", 1200),
        ("The rewrite takes 3 seconds instead of about 2 minutes.", 3),
    ],
)
def test_what_a_runtime_is(text: str, seconds: int) -> None:
    assert seconds_in(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "Agents report every 5 minutes.",
        "The timeout of 30 seconds can be set.",
        "A 5-minute cache.",
        "The timeout was raised to about 30 seconds.",
        "It polls about every 30 s.",
        "The migration is retried every 5 minutes.",
        "Tokens expire after about 20 minutes.",
        "The average of the last 5 minutes.",
        "A rolling 30-minute window for estimates.",
        "The index is there in 10 minutes.",
        "The migration needs 10 M rows.",
        "The migration needs 20m rows.",
        "The migration adds a second index.",
        "The rewrite no longer takes 20 minutes.",
        "Takes about 20 mines.",
        "The migration rewrites the administrators as well as the other ones.",
    ],
)
def test_what_a_runtime_is_not(text: str) -> None:
    assert seconds_in(text) == 0


@pytest.mark.parametrize(
    ("heading", "seconds"),
    [("Estimated runtime", 2700), ("Runtimes", 2700), ("Downtime (estimated)", 2700), (".NET runtime", 0), ("Fixes", 0)],
)
def test_a_heading_says_that_the_durations_below_it_are_runtimes(heading: str, seconds: int) -> None:
    assert runtime_seconds(ReleaseNote("1.5.0", f"## {heading}\n\n45 minutes\n", "1.5.0.md")) == seconds


@pytest.mark.parametrize(
    ("word", "amount"),
    [
        *(("an", 1), ("one", 1), ("two", 2), ("three", 3), ("four", 4), ("five", 5), ("six", 6), ("seven", 7), ("eight", 8), ("nine", 9)),
        *(("ten", 10), ("fifteen", 15), ("twenty", 20), ("thirty", 30), ("forty", 40), ("forty-five", 45), ("sixty", 60), ("ninety", 90)),
        *(("a couple of", 2), ("a few", 5), ("some", 5), ("several", 5), ("half an", 0.5), ("a half", 0.5), ("a quarter of an", 0.25)),
    ],
)
def test_numbers_as_words(word: str, amount: float) -> None:
    assert seconds_in(f"The migration takes {word} hours.") == amount * 3600


def test_a_range_of_words() -> None:
    assert seconds_in("The migration takes forty-five to sixty minutes.") == 3600
    assert seconds_in("The migration takes thirty to forty-five minutes.") == 2700
    assert seconds_in("The migration takes five-ten minutes.") == 600


def test_the_longest_of_several_sizes_and_nothing_of_none() -> None:
    assert seconds_in("Nothing of 3 m is said on 1 M rows.") == 0
    assert seconds_in("The cache of 5 minutes is kept about as before.") == 0


@pytest.mark.parametrize(("last", "seconds"), [("d" * 11, 0), ("d" * 12, 1200)], ids=["60 characters", "61 characters"])
def test_words_of_a_setting_belong_to_a_duration_that_is_near(last: str, seconds: int) -> None:
    assert seconds_in(f"The migration has retention {'a' * 12} {'b' * 12} {'c' * 11} {last} 20 minutes.") == seconds


def test_a_note_is_read_once() -> None:
    note = ReleaseNote("1.5.0", "The migration takes 20 minutes.", "1.5.0.md")
    again = ReleaseNote("1.5.0", "The migration takes 20 minutes.", "1.5.0.md")
    assert (runtime_seconds(note), runtime_seconds(again)) == (1200, 1200)
    assert "blocks" not in vars(again), "the same text was taken apart once more"
