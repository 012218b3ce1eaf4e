# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Release notes from a directory (one `VERSION.md` each), from one changelog file, or from an HTTP(S) address."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.changelog import split
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.document import ReleaseNote
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.notes_address import is_address, read_address

MAX_BYTES = 4 * 1024 * 1024
NEXT_STEP = "Name a directory with a VERSION.md for each release, a changelog file, or an address, in ampora_release_notes."


def read_notes(location: str, *, token: str = "", ca_file: str = "", timeout: int = 30) -> list[ReleaseNote]:
    """All notes at the location; which of them matter is decided elsewhere."""
    if is_address(location):
        return read_address(location, token=token, ca_file=ca_file, timeout=timeout)
    path = Path(location).expanduser()
    if path.is_file():
        return split(_read(path), path.name)
    if not path.is_dir():
        raise UpgradeError(f"ampora_release_notes is {location}: there is no such file or directory.", next_step=NEXT_STEP)
    return [ReleaseNote(file.stem.removeprefix("v"), _read(file), file.name) for file in sorted(path.glob("*.md"))]


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UpgradeError(f"The release notes {path} are larger than {MAX_BYTES} bytes.", next_step=NEXT_STEP)
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UpgradeError(f"The release notes {path} cannot be read: {error.strerror}.", next_step=NEXT_STEP) from error
