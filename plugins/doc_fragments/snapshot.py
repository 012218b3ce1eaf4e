# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option `snapshot`."""

from __future__ import annotations


class ModuleDocFragment:
    """The snapshot's Job."""

    DOCUMENTATION = r"""
options:
  snapshot:
    description: The Jobs that take, prove and restore a dump.
    type: dict
    required: true
    suboptions:
      image:
        description: The image with C(psql), C(pg_dump) and C(pg_restore); C({major}) becomes the server's major version.
        type: str
        required: true
      claim:
        description: The PersistentVolumeClaim that holds the dumps.
        type: str
        required: true
      jobs:
        description: Parallel workers.
        type: int
        default: 2
      timeout:
        description: Seconds after which a Job has failed.
        type: int
        default: 3600
      user:
        description: The user and group id of the pods.
        type: int
        default: 999
"""
