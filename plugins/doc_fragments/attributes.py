# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of what every action can and cannot do."""

from __future__ import annotations


class ModuleDocFragment:
    """The attributes that every action states."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what it would change without changing anything.
  diff_mode:
    description: Returns what it changes (or would change) with C(--diff).
  idempotent:
    description: Changes nothing when it runs again on what it has made.
  action:
    description: Runs on the controller, as an action plugin; the module of this name only documents it.
    support: full
  async:
    description: Supports C(async).
    support: none
    details: It is long by itself, shows live lines and keeps the run's lease; an asynchronous task could do neither.
"""
