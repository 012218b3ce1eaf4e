# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option `git`."""

from __future__ import annotations


class ModuleDocFragment:
    """What is done with an overlay that Git keeps."""

    DOCUMENTATION = r"""
options:
  git:
    description: What to do with an overlay that Git keeps.
    type: dict
    suboptions:
      commit:
        description: Whether the pin is committed; a tree with other changes is refused.
        type: bool
        default: false
      push:
        description: Whether the commit is pushed.
        type: bool
        default: false
      remote:
        description: Where to.
        type: str
        default: origin
      branch:
        description: The branch to do so on, which may name C({version}) and the like; the current one when empty.
        type: str
        default: ''
      commit_message:
        description: The commit's message, which may name C({version}), C({digest}), C({deployment}), C({namespace}) and C({run}).
        type: str
        default: 'Upgrade {deployment} to {version}'
"""
