# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which master key counts, and whether the application has that one.

The key may be given (a variable, a lookup, a file: the secret manager's copy) and is attached to the application's
container. Given, it is the one that counts, and the attached one must be the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.manifest import check_master_key


@dataclass(frozen=True)
class Held:
    """A key as somebody holds it: its text, and where (for messages)."""

    text: str = field(repr=False)
    source: str


@dataclass(frozen=True)
class Key:
    """The key that counts; `detached` says why the application would start without it, and is empty when it has it."""

    data: bytes = field(repr=False)
    source: str
    detached: str = ""


def choose(given: Held | None, attached: Held | None, missing: str) -> Key:
    """The key; `missing` says what the application lacks when none is attached, and is empty where none need be."""
    if given is None:
        if attached is None:
            raise UpgradeError(
                f"{missing}.", next_step="Name the variable that holds the master key, or give it by ampora_master_key_file."
            )
        return Key(check_master_key(attached.text, attached.source), attached.source)
    data = check_master_key(given.text, given.source)
    return Key(data, given.source, missing if attached is None else _different(data, attached))


def _different(data: bytes, attached: Held) -> str:
    try:
        same = check_master_key(attached.text, attached.source) == data
    except UpgradeError as error:
        return error.message.rstrip(".")
    return "" if same else f"{attached.source} holds another key"
