# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which version is meant: one by name, or the newest of all, of the running MINOR, or of a named MINOR."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import parse
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version_range import parse_line

if TYPE_CHECKING:
    import semver

LATEST, LATEST_PATCH = "latest", "latest-patch"
VARIABLE = "ampora_target_version"
_SHOWN = 10


def choose(
    asked: str, current: semver.Version, available: Sequence[semver.Version], usable: Callable[[semver.Version], bool]
) -> semver.Version:
    """The version that `asked` means. `usable` leaves out what nobody should get who has not named it (known to be bad, on hold).

    A pre-release is only taken by its name. `latest` and `latest-patch` never mean an older version than the running one.
    """
    line = parse_line(asked)
    if line is None and asked not in (LATEST, LATEST_PATCH):
        return parse(asked, VARIABLE)
    released = [version for version in available if not version.prerelease and usable(version)]
    if asked == LATEST:
        return max([*released, current])
    if line is None:
        line = (current.major, current.minor)
        released.append(current)
    of_line = [version for version in released if (version.major, version.minor) == line]
    if not of_line:
        known = ", ".join(str(version) for version in sorted(available)[-_SHOWN:]) or "none"
        raise UpgradeError(
            f"{VARIABLE} is {quote(asked)}, and no usable release of {line[0]}.{line[1]} is known (the newest known: {known}).",
            next_step="Name a MINOR that was released, or one version exactly.",
        )
    return max(of_line)
