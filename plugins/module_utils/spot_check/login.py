# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to log in, decided step by step from what the browser shows, as a person would.

There is no fixed number of pages: the start page may lead to the identity provider by itself, the name and the password
may be asked for on one page or two, and a login wall or a consent page may come before or after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Move = Literal["start", "username", "password", "accept", "wait", "done", "failed"]
MOST_MOVES = 15  # more is a circle


@dataclass(frozen=True)
class Seen:
    """What the browser shows at this moment."""

    home: bool  # a page of the application, not of the identity provider
    status: int = 200  # of the page
    start: bool = False  # what to click on the start page is there
    username: bool = False
    password: bool = False
    accept: bool = False  # a button of ampora_login_accept_selectors
    complaint: str = ""  # the text of ampora_login_error_selector


@dataclass(frozen=True)
class Given:
    """What has been done already."""

    start: bool = False
    username: bool = False
    password: bool = False


def next_move(seen: Seen, given: Given) -> Move:
    """What a person would do now; `failed` as soon as it is clear that this login does not succeed."""
    if given.password and seen.home and not (seen.start or seen.accept) and seen.status < 400:
        return "done"
    if seen.status >= 400 or (seen.complaint and (given.password or not seen.home)):
        return "failed"
    if seen.accept:
        return "accept"
    if seen.password and not given.password:
        return "password"
    if seen.username and not given.username:
        return "username"
    if seen.home and seen.start and not given.start:
        return "start"
    return "wait"
