# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option `overlay`."""

from __future__ import annotations


class ModuleDocFragment:
    """The kustomize overlay."""

    DOCUMENTATION = r"""
options:
  overlay:
    description: The kustomize overlay that is pinned and applied.
    type: dict
    required: true
    suboptions:
      path:
        description: Its directory on the controller.
        type: path
        required: true
      image_name:
        description: The image's C(name) under C(images) in its C(kustomization.yaml).
        type: str
        required: true
      kubectl:
        description: The kubectl program on the controller.
        type: str
        default: kubectl
"""
