# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.swap_back; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: swap_back
short_description: Put the database that a restore has replaced back into its place
version_added: 0.1.0
description:
  - Undoes the swap of a restore. Stops the pods, swaps the two databases in one transaction, and starts what ran on the one that
    comes back.
  - The database that goes is kept under this run's name, so that this can be swapped back as well.
author: the ampora.upgrades authors (@ampora)
extends_documentation_fragment:
  - ampora.upgrades.cluster
  - ampora.upgrades.database
  - ampora.upgrades.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  run:
    description: The run whose restore is swapped back. Empty means the latest.
    type: str
    default: ''
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
- name: Swap back
  ampora.upgrades.swap_back:
    cluster: "{{ ampora__cluster }}"
    database: "{{ ampora__database }}"
    run: 20261122t2200z-cd34ef
"""

RETURN = r"""
run:
  description: The run whose restore was swapped back.
  returned: success
  type: str
image:
  description: The image that runs again.
  returned: success
  type: str
kept_database:
  description: The name under which the database that went is kept.
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
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import SWAP_BACK


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=SWAP_BACK, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.swap_back runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
