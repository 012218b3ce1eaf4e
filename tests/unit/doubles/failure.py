# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A double's failure, where a test has set one."""

from __future__ import annotations

from typing import NoReturn


def throw(error: BaseException) -> NoReturn:
    """`raise` of an attribute that is None by default is a mistake to the linters, whatever stands before it."""
    raise error
