# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option `registry`."""

from __future__ import annotations


class ModuleDocFragment:
    """How the registry is reached."""

    DOCUMENTATION = r"""
options:
  registry:
    description: How the image registry is reached; its name is in the overlay.
    type: dict
    required: true
    suboptions:
      plain_http:
        description: Whether it speaks plain HTTP.
        type: bool
        default: false
      auth_file:
        description: A docker C(config.json) with its credentials.
        type: path
        default: ''
      pull_secrets:
        description: Whether the pull secrets of the Deployment's pods are used where O(registry.auth_file) says nothing.
        type: bool
        default: true
      mirrors:
        description: Hosts to ask before a registry, as a mapping of its host to a list of hosts with an optional path.
        type: dict
        default: {}
      timeout:
        description: Seconds that a request may take.
        type: int
        default: 10
"""
