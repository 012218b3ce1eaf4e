# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.migrate; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: migrate
short_description: Bring the schema forward ahead of the rollout
version_added: 0.1.0
description:
  - Runs the user's migration Job with the pinned image and judges it by the Job's conditions and the migration history, or
    records who else migrates.
author: the ampora.upgrades authors (@ampora)
extends_documentation_fragment:
  - ampora.upgrades.cluster
  - ampora.upgrades.database
  - ampora.upgrades.overlay
  - ampora.upgrades.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  mode:
    description: Who migrates.
    type: str
    required: true
    choices: [startup, job, external]
  job:
    description: The file with the migration Job; needed when O(mode=job).
    type: path
    default: ''
  migration_log:
    description: A regular expression that finds the line of the log which says what migration is being applied.
    type: str
    default: 'Microsoft\.EntityFrameworkCore\.Migrations\S*: Applying'
  timeout:
    description: Seconds after which the Job has failed.
    type: int
    default: 900
seealso:
  - name: The upgrade guide
    description: How the actions make an upgrade.
    link: https://doc.ampora.huberit.ch/operator/operations/upgrades/
"""

EXAMPLES = r"""
---
- name: Bring the schema forward ahead of the rollout
  ampora.upgrades.migrate:
    cluster: "{{ ampora__cluster }}"
    database: "{{ ampora__database }}"
    overlay: "{{ ampora__overlay }}"
    mode: job
    job: migrate-job.yaml
"""

RETURN = r"""
mode:
  description: Who migrates.
  returned: success
  type: str
  sample: job
before:
  description: The migrations that were applied before.
  returned: success
  type: list
  elements: str
after:
  description: The migrations that are applied now.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import MIGRATE


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=MIGRATE, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.migrate runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
