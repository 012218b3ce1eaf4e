# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option `snapshot`."""

from __future__ import annotations


class ModuleDocFragment:
    """How a snapshot is taken."""

    DOCUMENTATION = r"""
options:
  snapshot:
    description: How a snapshot is taken, proven and restored. A restore uses the method by which the snapshot was taken.
    type: dict
    required: true
    suboptions:
      method:
        description: V(job) is C(pg_dump) in a Kubernetes Job, V(local) is C(pg_dump) on the controller.
        type: str
        choices: [job, local]
        default: job
      image:
        description: The image with C(psql), C(pg_dump) and C(pg_restore); C({major}) becomes the server's major version.
        type: str
        required: true
      claim:
        description: The PersistentVolumeClaim that holds the dumps.
        type: str
        required: true
      directory:
        description: The directory on the controller that holds the dumps of V(local), an absolute path.
        type: path
        default: ''
      client:
        description:
          - The folder of C(pg_dump) and C(pg_restore) on the controller; C({major}) becomes the server's major version.
          - Empty means where packages put that version, or the E(PATH).
        type: path
        default: ''
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
      proof:
        description:
          - How a new snapshot is proven. V(decode) hashes every file and decodes the dump in full.
          - V(restore) also restores it into a scratch database on the same server, compares that with the manifest, and drops it.
        type: str
        choices: [decode, restore]
        default: decode
      keep:
        description: How many snapshots are kept; V(0) keeps all.
        type: int
        default: 10
"""
