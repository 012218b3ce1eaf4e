# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.route; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: route
short_description: Choose the way back from facts
version_added: 0.1.0
description:
  - Compares the migration history with the one before the upgrade, reads the snapshot's manifest, and chooses V(undo),
    V(restore), V(none) or V(ask). Changes nothing.
author: the ampora.upgrades authors (@ampora)
extends_documentation_fragment:
  - ampora.upgrades.cluster
  - ampora.upgrades.database
  - ampora.upgrades.master_key
  - ampora.upgrades.data
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
    description: The upgrade to go back from. Empty means the latest.
    type: str
    default: ''
  automatic:
    description: Whether a failed upgrade asks; then RV(go) is true only on a clear fail and only where nothing is lost.
    type: bool
    default: false
  accept_data_loss:
    description: A person's consent to what a restore loses, the snapshot's id.
    type: str
    default: ''
  accept_in_place:
    description: A person's consent to a restore in place, the snapshot's id; asked where the role may not create databases.
    type: str
    default: ''
  swap_back:
    description: The run whose restore is to be swapped back; then that is the route.
    type: str
    default: ''
seealso:
  - name: The upgrade guide
    description: How the actions make an upgrade.
    link: https://doc.ampora.huberit.ch/operator/operations/upgrades/
"""

EXAMPLES = r"""
---
- name: Choose the way back from facts
  ampora.upgrades.route:
    cluster: "{{ ampora__cluster }}"
    database: "{{ ampora__database }}"
    master_key: "{{ ampora__master_key }}"
    data: "{{ ampora__data }}"
"""

RETURN = r"""
go:
  description: Whether to go back now.
  returned: always
  type: bool
run:
  description: The upgrade to go back from.
  returned: always
  type: str
route:
  description: V(undo), V(restore), V(swap_back), V(none) or V(ask).
  returned: always
  type: str
reason:
  description: Why.
  returned: always
  type: str
lossless:
  description: Whether nothing would be lost; null when that is not known.
  returned: always
  type: bool
lost_rows:
  description: How many rows of each table a restore would lose, at most.
  returned: always
  type: dict
loss:
  description: What a restore would lose. C(lossless), C(minutes), C(rows) and C(tables) by table, C(audit_rows), C(agents) that were
    enrolled, C(volatile) rows by table, and C(unproven), the reasons why more may have been written.
  returned: always
  type: dict
forecast_seconds:
  description: How long a restore takes until its swap; null when that is not known, or no restore is the route.
  returned: always
  type: int
plan:
  description: What a run of its own records, for M(ampora.upgrades.journal).
  returned: always
  type: dict
next_command:
  description: What to type.
  returned: always
  type: str
in_place:
  description: Whether a restore would be in place.
  returned: always
  type: bool
current:
  description: What runs now.
  returned: always
  type: dict
previous:
  description: What is to run again.
  returned: always
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import ROUTE


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=ROUTE, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.route runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
