# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.soak; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: soak
short_description: Let a new version run for a while before it is accepted
version_added: 0.1.0
description:
  - Waits, with an eye on the pods, and fails when the Deployment is not whole for a minute.
  - A run that was stopped meanwhile goes on with the time that is left.
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
  seconds:
    description: For how long, from when the soak of this run began.
    type: int
    required: true
seealso:
  - name: The upgrade guide
    description: How the actions make an upgrade.
    link: https://doc.ampora.huberit.ch/operator/operations/upgrades/
"""

EXAMPLES = r"""
---
- name: Let it run for two hours before it is accepted
  ampora.upgrades.soak:
    cluster: "{{ ampora__cluster }}"
    seconds: 7200
"""

RETURN = r"""
start:
  description: When the soak began, as ISO 8601; empty in check mode.
  returned: always
  type: str
  sample: "2026-11-22T21:40:00+00:00"
end:
  description: When it ended, as ISO 8601; empty in check mode.
  returned: always
  type: str
  sample: "2026-11-22T23:40:00+00:00"
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import SOAK


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=SOAK, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.soak runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
