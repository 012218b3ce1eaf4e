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
    description: Where the master key is, and how it is proven; nothing is named for an application without one.
    type: dict
    required: true
    suboptions:
      env:
        description: The variable of the application's container that holds it.
        type: str
        default: ''
      previous_env:
        description: The variable that is only set while the application is given another key.
        type: str
        default: ''
      value:
        description: The key itself, base64 of 32 bytes, from wherever it is kept. The application must have the same one.
        type: str
        default: ''
      file:
        description: A file with the key, instead of O(master_key.value).
        type: path
        default: ''
      attach:
        description: Whether a way back writes the key that was given into the application's Secret, where that has another one or none.
        type: bool
        default: false
      canary:
        description: The encrypted values on which the key is tried; by default one of every encrypted field.
        type: dict
        suboptions:
          table:
            description: Only fields of this table, with or without its schema.
            type: str
            default: ''
          column:
            description: Only this field, with or without C(_encrypted).
            type: str
            default: ''
          schemes:
            description: What stands in the column C(_scheme) of values under AES-GCM-256, in any case.
            type: list
            elements: str
            default: [aes-gcm-256]
"""
