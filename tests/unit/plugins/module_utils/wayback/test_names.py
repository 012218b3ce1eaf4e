# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.wayback import names
from hypothesis import given
from hypothesis import strategies as st

RUN = "20261122t2200z-cd34ef"
LIVE = st.text("abcz_09", min_size=1, max_size=63)
RUNS = st.from_regex(r"[0-9]{8}t[0-9]{4}z-[a-z0-9]{1,16}", fullmatch=True)


@given(LIVE, RUNS)
def test_a_name_says_the_database_and_the_run(live: str, run: str) -> None:
    found = {names.beside(live, run), names.kept(live, run), names.scratch(live, run)}
    assert len({live, *found}) == 4
    assert all(len(name.encode()) <= 63 for name in found)
    assert all(name.startswith(names.prefix(live)) for name in found)
    assert names.run_of(names.kept(live, run), live) == (run, True)
    assert names.run_of(names.beside(live, run), live) == (run, False)
    assert names.run_of(names.scratch(live, run), live) is None
    assert [names.is_scratch(name, live) for name in (names.scratch(live, run), names.beside(live, run), names.kept(live, run))] == [
        True,
        False,
        False,
    ]


def test_the_names() -> None:
    assert names.beside("ampora", RUN) == "ampora_restore_20261122t2200z_cd34ef"
    assert names.kept("ampora", RUN) == "ampora_failed_20261122t2200z_cd34ef"


@pytest.mark.parametrize(
    "name",
    ["ampora", "postgres", "ampora_failed_", "ampora_failed_today", "_failed_20261122t2200z_cd34ef", "other_failed_20261122t2200z_cd34ef"],
)
def test_what_no_run_of_this_database_has_made(name: str) -> None:
    assert names.run_of(name, "ampora") is None


@pytest.mark.parametrize(
    "name", ["ampora", "ampora_verify_mine", "ampora_verify_20261122t2140z_ab12cd_old", "other_verify_20261122t2140z_ab12cd"]
)
def test_what_is_nobodys_scratch_database(name: str) -> None:
    assert not names.is_scratch(name, "ampora")
