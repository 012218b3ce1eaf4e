# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option `master_key`."""

from __future__ import annotations


class ModuleDocFragment:
    """Where the master key is."""

    DOCUMENTATION = r"""
options:
  master_key:
    description: Where the master key is; both empty for an application without one.
    type: dict
    required: true
    suboptions:
      env:
        description: The variable of the application's container that holds it.
        type: str
        default: ''
      value:
        description: The key itself, base64 of 32 bytes, where the variable cannot be read.
        type: str
        default: ''
"""
