# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.restore; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: restore
short_description: Restore the snapshot and start the recorded image on it
version_added: 0.1.0
description:
  - Restores beside the live database, compares it with the manifest, stops the pods, swaps the two databases in one transaction,
    and starts the recorded image.
  - The replaced database is kept under the run's name.
  - Where the role may not create databases, restores in one transaction in the live database itself, with a consent of its own.
author: the ampora.upgrades authors (@ampora)
extends_documentation_fragment:
  - ampora.upgrades.cluster
  - ampora.upgrades.database
  - ampora.upgrades.master_key
  - ampora.upgrades.data
  - ampora.upgrades.snapshot
  - ampora.upgrades.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Each call restores again; the route tells whether there is anything to go back from.
options:
  run:
    description: The upgrade to go back from. Empty means the latest.
    type: str
    default: ''
  accept_data_loss:
    description: A person's consent to what is lost, the snapshot's id.
    type: str
    default: ''
  accept_in_place:
    description: A person's consent to a restore in place, the snapshot's id; asked where the role may not create databases.
    type: str
    default: ''
  export_directory:
    description: Below this, in a directory of the run's name, the audit rows that the restore takes away are saved.
    type: path
    default: reports
  apply:
    description: V(kubectl) changes the Deployment; V(gitops) is refused, since its controller would start its own pods in the middle.
    type: str
    default: kubectl
    choices: [kubectl, gitops]
  timeout:
    description: Seconds after which a rollout that is not complete has failed.
    type: int
    default: 600
seealso:
  - name: The upgrade guide
    description: How the actions make an upgrade.
    link: https://doc.ampora.huberit.ch/operator/operations/upgrades/
"""

EXAMPLES = r"""
---
- name: Restore the snapshot and start the recorded image on it
  ampora.upgrades.restore:
    cluster: "{{ ampora__cluster }}"
    database: "{{ ampora__database }}"
    master_key: "{{ ampora__master_key }}"
    data: "{{ ampora__data }}"
    snapshot: "{{ ampora__snapshot }}"
    accept_data_loss: 20261122t2140z-ab12cd
"""

RETURN = r"""
snapshot:
  description: The snapshot's id.
  returned: success
  type: str
version:
  description: The version that runs again.
  returned: success and not check mode
  type: str
to_do:
  description: Statements for an administrator, settings and grants of the database that this role may not make.
  returned: success and not check mode
  type: list
in_place:
  description: Whether it was restored in place.
  returned: success and not check mode
  type: bool
restore_seconds:
  description: How long the restore took, before the swap.
  returned: success and not check mode
  type: float
kept_database:
  description: The name under which the replaced database is kept; empty when it was restored in place.
  returned: success and not check mode
  type: str
swap_seconds:
  description: How long the swap took.
  returned: success and not check mode
  type: float
down_seconds:
  description: How long no pod served.
  returned: success and not check mode
  type: float
lost_rows:
  description: How many rows of each table were lost, at most.
  returned: success and not check mode
  type: dict
loss:
  description: What a restore has lost. C(lossless), C(minutes), C(rows) and C(tables) by table, C(audit_rows), C(agents) that were
    enrolled, C(volatile) rows by table, and C(unproven), the reasons why more may have been written.
  returned: success and not check mode
  type: dict
audit_export:
  description: The saved audit rows, C(file), C(rows) and C(sha256); empty when none were lost.
  returned: success and not check mode
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import RESTORE


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=RESTORE, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.restore runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
