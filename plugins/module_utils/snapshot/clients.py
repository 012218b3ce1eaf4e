# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which PostgreSQL client fits which server, for a dump and for its restore into the same server."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)(?:\.(\d+))?")
_ERROR = re.compile(r"\b(error|fatal|panic):", re.IGNORECASE)
# pg_restore 17 sets transaction_timeout before anything else, and older servers refuse what they do not know.
SETS_TRANSACTION_TIMEOUT = 17


def version_number(text: str) -> int:
    """As the server says its own: "pg_dump (PostgreSQL) 17.11 (Debian ...)" is 170011; a beta counts as its major version."""
    match = _VERSION.search(text)
    if match is None:
        raise UpgradeError(f"pg_dump --version says {quote(text.strip())}, which is no version of PostgreSQL.")
    return int(match[1]) * 10000 + int(match[2] or 0)


def reason(lines: Sequence[str]) -> str:
    """Of what a program said before it failed, the line that says why: the first error, which later ones only follow from."""
    said = [line.strip() for line in lines if line.strip()]
    return next((line for line in said if _ERROR.search(line)), said[-1] if said else "it said nothing")


def check_client(client: int, server: int, place: str) -> None:
    """Refuse a client that cannot dump the server, or whose dump could not be restored into it; both as version numbers."""
    ours, theirs = client // 10000, server // 10000
    if ours < theirs:
        reason = "a client cannot dump a newer server"
    elif ours >= SETS_TRANSACTION_TIMEOUT > theirs:
        reason = f"pg_restore {ours} cannot restore into a server before {SETS_TRANSACTION_TIMEOUT}"
    else:
        return
    raise UpgradeError(
        f"The PostgreSQL client in {place} is of version {ours} and the server of version {theirs}: {reason}.",
        next_step=(
            f"Use the client of version {theirs}: its folder is ampora_snapshot_client for the method local, its image"
            " ampora_snapshot_image for the method job."
        ),
    )
