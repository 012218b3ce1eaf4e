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
        description:
          - V(job) is C(pg_dump) in a Kubernetes Job, V(local) is C(pg_dump) on the controller.
          - V(volume_snapshot) is a CSI snapshot of the database's volume, V(command) a backup tool of the site's.
        type: str
        choices: [job, local, volume_snapshot, command]
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
      audit_query:
        description: A query that gives the id and the time of the newest audit row, for the manifest's watermark; may be empty.
        type: str
        default: ''
      s3:
        description: An S3-compatible store in which V(local) keeps its dumps, instead of in the directory, which then is for work only.
        type: dict
        suboptions:
          endpoint:
            description: Its address, without the bucket. Empty means AWS.
            type: str
            default: ''
          bucket:
            description: The bucket. Empty means that there is no such store.
            type: str
            default: ''
          prefix:
            description: What the names of all objects begin with.
            type: str
            default: ''
          region:
            description: The region that requests are signed for.
            type: str
            default: us-east-1
          access_key:
            description: The access key's id. Empty means E(AWS_ACCESS_KEY_ID) or the machine's role.
            type: str
            default: ''
          secret_key:
            description: The secret of the access key.
            type: str
            default: ''
          ca_file:
            description: Its certificate authority, when the system does not know it.
            type: path
            default: ''
      volume:
        description: The database's volume, for V(volume_snapshot).
        type: dict
        suboptions:
          claim:
            description: The PersistentVolumeClaim with the database's data directory, its log included.
            type: str
            default: ''
          namespace:
            description: The claim's namespace. Empty means the deployment's.
            type: str
            default: ''
          class:
            description: The VolumeSnapshotClass. Empty means the cluster's default for the claim's driver.
            type: str
            default: ''
          checkpoint:
            description: Whether a checkpoint is made first; the role needs C(pg_checkpoint).
            type: bool
            default: false
      command:
        description: The argument lists of the site's own tool, for V(command); {snapshot}, {id} and {database} are filled in.
        type: dict
        suboptions:
          take:
            description: Makes a backup; may print one line of JSON with its id, size and label.
            type: list
            elements: str
            default: []
          verify:
            description: Verifies the backup; any exit status but 0 means that it is not proven.
            type: list
            elements: str
            default: []
          restore:
            description: Restores the backup into the database that E(PGDATABASE) names. Leave it out when the tool cannot.
            type: list
            elements: str
            default: []
          remove:
            description: Removes the backup. Leave it out when the tool's own retention does.
            type: list
            elements: str
            default: []
"""
