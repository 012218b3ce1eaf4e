# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.journal; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: journal
short_description: Open a run, hold it, or end it
version_added: 0.1.0
description:
  - A run is a lease that says who works and a journal that says what was done; both are objects in the deployment's namespace.
  - Opening goes on with an unfinished run of the same kind.
author: the ampora.upgrades authors (@ampora)
extends_documentation_fragment:
  - ampora.upgrades.cluster
  - ampora.upgrades.notify
  - ampora.upgrades.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  state:
    description: V(opened) takes the lease and begins or goes on with a run; V(held) gives the lease back and leaves the run
      open; V(closed) ends it.
    type: str
    required: true
    choices: [opened, held, closed]
  kind:
    description: What the run is.
    type: str
    default: upgrade
    choices: [upgrade, downgrade, rollback, swap_back]
  plan:
    description: What the run will do.
    type: dict
    default: {}
  outcome:
    description: How the run ended; needed with O(state=closed).
    type: str
    choices: [upgraded, rolled back, swapped back, held, failed]
  next_command:
    description: With O(state=held), what a person types to go back; it is kept with the run.
    type: str
    default: ''
seealso:
  - name: The upgrade guide
    description: How the actions make an upgrade.
    link: https://doc.ampora.huberit.ch/operator/operations/upgrades/
"""

EXAMPLES = r"""
---
- name: Open a run, hold it, or end it
  ampora.upgrades.journal:
    cluster: "{{ ampora__cluster }}"
    state: opened
"""

RETURN = r"""
run:
  description: The run's id.
  returned: always
  type: str
  sample: 20261122t2140z-ab12cd
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import JOURNAL


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=JOURNAL, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.journal runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
