# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.snapshot; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: snapshot
short_description: Take a proven snapshot of the database
version_added: 0.1.0
description:
  - Dumps the database by a Job, decodes the dump in full, records the sha256 of every file, and writes a manifest into the cluster.
author: the ampora.upgrades authors (@ampora)
extends_documentation_fragment:
  - ampora.upgrades.cluster
  - ampora.upgrades.database
  - ampora.upgrades.master_key
  - ampora.upgrades.registry
  - ampora.upgrades.snapshot
  - ampora.upgrades.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: partial
    details: Inside of a run there is one snapshot; alone, each call takes a new one.
options:
  current_version:
    description: The version that runs, where neither tag nor label tells.
    type: str
    default: ''
seealso:
  - name: The upgrade guide
    description: How the actions make an upgrade.
    link: https://doc.ampora.huberit.ch/operator/operations/upgrades/
"""

EXAMPLES = r"""
---
- name: Take a proven snapshot of the database
  ampora.upgrades.snapshot:
    cluster: "{{ ampora__cluster }}"
    database: "{{ ampora__database }}"
    master_key: "{{ ampora__master_key }}"
    registry: "{{ ampora__registry }}"
    snapshot: "{{ ampora__snapshot }}"
"""

RETURN = r"""
snapshot:
  description: What the manifest says, without its list of files.
  returned: success
  type: dict
  sample: {id: 20261122t2140z-ab12cd, proof: decoded}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import SNAPSHOT


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=SNAPSHOT, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.snapshot runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
