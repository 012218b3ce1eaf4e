# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.report; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Write the account of a run
version_added: 0.1.0
description:
  - Writes C(report.json) (docs/schemas/report.json), C(report.html) and C(summary.md), the run's plan as C(plan.json)
    (docs/schemas/plan.json) and as C(plan.md) for a merge request, and shows a summary.
  - Writes C(history.html) beside the runs, from what the cluster has recorded of the last 50.
author: the ampora.upgrades authors (@ampora)
extends_documentation_fragment:
  - ampora.upgrades.cluster
  - ampora.upgrades.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  directory:
    description: The directory for the reports.
    type: path
    required: true
  run:
    description: The run to report on. Empty means that of this ansible-playbook.
    type: str
    default: ''
  plan:
    description: The plan of the run; without it a run that never began cannot be reported on.
    type: dict
    default: {}
seealso:
  - name: The upgrade guide
    description: How the actions make an upgrade.
    link: https://doc.ampora.huberit.ch/operator/operations/upgrades/
"""

EXAMPLES = r"""
---
- name: Write the account of a run
  ampora.upgrades.report:
    cluster: "{{ ampora__cluster }}"
    directory: reports
"""

RETURN = r"""
report:
  description: The path of C(report.json).
  returned: success
  type: str
stats:
  description: A few kB, never a secret.
  returned: success
  type: dict
ansible_stats:
  description: The same as C(ampora_upgrade), in the form in which M(ansible.builtin.set_stats) hands it on to AWX.
  returned: success
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import REPORT


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=REPORT, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.report runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
