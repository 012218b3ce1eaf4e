# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option `prometheus`."""

from __future__ import annotations


class ModuleDocFragment:
    """How Prometheus is reached."""

    DOCUMENTATION = r"""
options:
  prometheus:
    description: How Prometheus, or anything with its query API, is reached.
    type: dict
    required: true
    suboptions:
      url:
        description: Its base URL.
        type: str
        required: true
      username:
        description: User for basic authentication.
        type: str
        default: ''
      password:
        description: Password for basic authentication.
        type: str
        default: ''
      token:
        description: Bearer token; it wins over basic authentication.
        type: str
        default: ''
      ca_file:
        description: Its certificate authority, when the system does not know it.
        type: path
        default: ''
      timeout:
        description: Seconds that a query may take.
        type: int
        default: 5
"""
