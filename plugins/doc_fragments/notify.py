# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """Who is told of a run."""

    DOCUMENTATION = r"""
options:
  notify:
    description: Who is told of a run while nobody looks on. A message that does not arrive never fails a run.
    type: dict
    suboptions:
      urls:
        description: Addresses in the form of Apprise. They hold secrets, and are in no log, journal, report or error.
        type: list
        elements: str
        default: []
      events:
        description: What is told.
        type: list
        elements: str
        default: [start, verdict, hold, rollback, end]
        choices: [start, verdict, hold, rollback, end]
"""
