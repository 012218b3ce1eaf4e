# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The master key before something is done that relies on it: saving the data, or starting the previous image on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.keys.key import Key
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.key_trial import try_key
from ansible_collections.ampora.upgrades.plugins.plugin_utils.keys.master_key import require_attached


def require_fitting(database: Database, key: Key | None, canary: Mapping[str, Any]) -> None:
    """Refuse a key that does not decrypt what is in the database."""
    proof = try_key(database, key, canary) if key is not None else None
    if proof is not None and proof.state == "wrong":
        raise UpgradeError(
            f"{proof.text}.",
            next_step="Put the right key back where the application reads it, or give it by ampora_master_key_file.",
        )


def hindrance(database: Database, key: Key | None, options: Mapping[str, Any], route: str) -> UpgradeError | None:
    """Why the previous image could not read its data after this way back; None when it could.

    What an undo starts on is the live database, so the key is tried there; a restored one is tried when it is there.
    """
    try:
        if route == "undo":
            require_attached(key)
            require_fitting(database, key, options["canary"])
        elif route == "restore" and not options["attach"]:
            require_attached(key, "Put the key back there, or let the restore do it by ampora_master_key_attach: true.")
    except UpgradeError as error:
        return error
    return None
