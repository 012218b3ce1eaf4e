# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.release; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release
short_description: Show what restores have kept, and drop it
version_added: 0.1.0
description:
  - Shows every database that a run has kept, with its size, since when, and the rows that are in it and nowhere else.
  - Drops those of the run that is named. A live database and a stranger's are never among them; one that an open run needs is
    refused. Snapshots stay, and are named.
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
    description: The run whose databases are dropped. Empty drops nothing.
    type: str
    default: ''
seealso:
  - name: The upgrade guide
    description: How the actions make an upgrade.
    link: https://doc.ampora.huberit.ch/operator/operations/upgrades/
"""

EXAMPLES = r"""
---
- name: Drop what a finished rollback has kept
  ampora.upgrades.release:
    cluster: "{{ ampora__cluster }}"
    database: "{{ ampora__database }}"
    run: 20261122t2200z-cd34ef
"""

RETURN = r"""
databases:
  description: Each with C(name), C(run), C(size), C(since), C(rows) and C(newer_rows).
  returned: always
  type: list
dropped:
  description: The names of what was dropped.
  returned: always
  type: list
snapshots:
  description: The ids of the snapshots that stay.
  returned: always
  type: list
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import RELEASE


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=RELEASE, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.release runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
