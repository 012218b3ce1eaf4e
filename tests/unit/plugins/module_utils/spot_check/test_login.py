# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from itertools import product

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.login import Given, Move, Seen, next_move

NOTHING = Given()
STARTED = Given(start=True)
ALL = Given(True, True, True)


@pytest.mark.parametrize(
    ("seen", "given", "move"),
    [
        (Seen(home=True, start=True), NOTHING, "start"),
        (Seen(home=True, start=True), STARTED, "wait"),  # the click has not led away yet
        (Seen(home=True), NOTHING, "wait"),  # a start page that leads to the provider by itself
        (Seen(home=True, accept=True), STARTED, "accept"),  # a login wall
        (Seen(home=False, username=True, password=True), STARTED, "password"),
        (Seen(home=False, username=True), STARTED, "username"),  # the password is on the next page
        (Seen(home=False, username=True), Given(True, True), "wait"),
        (Seen(home=False, password=True), Given(True, True), "password"),
        (Seen(home=False, password=True), ALL, "wait"),  # the form that has just been sent
        (Seen(home=False, accept=True), ALL, "accept"),  # a consent page
        (Seen(home=False, password=True, complaint="Invalid user"), ALL, "failed"),
        (Seen(home=False, complaint="redirect_uri"), STARTED, "failed"),
        (Seen(home=True, start=True, complaint="Cookies!"), NOTHING, "start"),  # the application's own alert
        (Seen(home=False, status=400), STARTED, "failed"),
        (Seen(home=True, status=500), ALL, "failed"),
        (Seen(home=True), ALL, "done"),
        (Seen(home=True, start=True), ALL, "wait"),  # back, and nobody is logged in
        (Seen(home=True, accept=True), ALL, "accept"),  # a login wall after the login
        (Seen(home=True, username=True, password=True), NOTHING, "password"),  # the form is the start page itself
    ],
)
def test_the_next_move(seen: Seen, given: Given, move: Move) -> None:
    assert next_move(seen, given) == move


def test_nobody_is_in_without_having_given_a_password() -> None:
    flags = list(product([False, True], repeat=5))
    for home, start, username, password, accept in flags:
        seen = Seen(home, 200, start, username, password, accept)
        for given in (Given(*words) for words in product([False, True], repeat=3)):
            done = next_move(seen, given) == "done"
            assert done == (home and given.password and not start and not accept)


def test_a_password_is_given_once() -> None:
    for home, start, username, accept in product([False, True], repeat=4):
        assert next_move(Seen(home, 200, start, username, True, accept), ALL) != "password"
