# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of a commit: branch and message by templates with a few named places."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError

PLACES = ("version", "digest", "deployment", "namespace", "run")
_PLACE = re.compile(r"\{(\w*)\}")
# A part of git's own rules for references (git-check-ref-format), the rest of which git tells by itself.
_BRANCH = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9_])?")


def fill(name: str, template: str, values: Mapping[str, str]) -> str:
    """The template with its places filled in; `name` is the option's, for the message about a place that there is not."""
    wrong = sorted({place for place in _PLACE.findall(template) if place not in PLACES})
    if wrong:
        raise UpgradeError(
            f"ampora_overlay_git has {', '.join('{' + place + '}' for place in wrong)} in its {name}, which is not known.",
            next_step=f"Use {', '.join('{' + place + '}' for place in PLACES)}.",
        )
    return _PLACE.sub(lambda match: values[match[1]], template)


def branch(template: str, values: Mapping[str, str]) -> str:
    """The branch; empty for the current one. It never looks like an option or a range of git's."""
    filled = fill("branch", template, values)
    if filled and (not _BRANCH.fullmatch(filled) or ".." in filled or "//" in filled):
        raise UpgradeError(f"ampora_overlay_git.branch is {filled[:100]!r}, which is no name of a branch.", next_step="Name another one.")
    return filled


def message(template: str, values: Mapping[str, str]) -> str:
    """The commit's message."""
    filled = fill("commit_message", template, values).strip()
    if not filled:
        raise UpgradeError("ampora_overlay_git.commit_message is empty.", next_step="Leave it out, or write one.")
    return filled
