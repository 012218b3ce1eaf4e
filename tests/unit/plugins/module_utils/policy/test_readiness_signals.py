# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One series for each signal, and a fresh one."""

from __future__ import annotations

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.readiness_signals import judge_freshness, judge_series
from hypothesis import given
from hypothesis import strategies as st


def test_one_series_for_each_signal() -> None:
    assert judge_series({"a": 1, "b": 0}) == []
    (found,) = judge_series({"z": 3, "a": 1, "b": 2})
    assert (found.id, found.severity, found.evidence) == ("signal-many-series", "block", ("b (2)", "z (3)"))
    assert "more than one series for b (2), z (3) (ampora_signals)" in found.text


def test_a_fresh_sample() -> None:
    assert judge_freshness({"a": 60.0, "b": None}, 60) == []
    (found,) = judge_freshness({"a": 60.4, "b": None, "c": 0.0}, 60)
    assert (found.id, found.severity, found.evidence) == ("signal-stale", "block", ("a (60 s)",))
    assert "older than 60 s for a (60 s)" in found.text


@given(st.dictionaries(st.text(max_size=5), st.integers(0, 5)))
def test_every_signal_with_more_is_named(counts: dict[str, int]) -> None:
    found = judge_series(counts)
    assert sum(len(item.evidence) for item in found) == sum(1 for count in counts.values() if count > 1)


def test_ten_signals_are_named_and_all_are_in_the_evidence() -> None:
    ages = {f"signal-{letter}": 99.0 for letter in "abcdefghijkl"}
    for (found,) in (judge_freshness(ages, 60), judge_series(dict.fromkeys(ages, 2))):
        assert (found.text.count("signal-"), len(found.evidence)) == (10, 12)
        assert "signal-j" in found.text
