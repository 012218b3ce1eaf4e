# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option `data`."""

from __future__ import annotations


class ModuleDocFragment:
    """Which tables mean what, for the account of what a restore would lose."""

    DOCUMENTATION = r"""
options:
  data:
    description: Which tables mean what, for the account of what a restore would lose; a name with or without its schema.
    type: dict
    required: true
    suboptions:
      audit_table:
        description: The audit log. Its rows that a restore takes away are saved first. Empty where there is none.
        type: str
        default: ''
      agents_table:
        description: The agents; how many more there are than in the snapshot is told. Empty where there is none.
        type: str
        default: ''
      volatile_tables:
        description: Tables that running agents write by themselves and would write again, so that their rows are no loss.
        type: list
        elements: str
        default: []
"""
