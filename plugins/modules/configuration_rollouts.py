# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.configuration_rollouts; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: configuration_rollouts
short_description: Pause configuration rollouts, and resume those that we paused
version_added: 0.1.0
description:
  - An upgrade closes every agent's connection, which the health gates of a configuration rollout take for lost agents.
  - V(paused) pauses every configuration rollout that is in progress, and journals which ones.
  - V(resumed) resumes those that this action paused, by the journals of this deployment's runs, and no others. One that a person resumed
    or ended meanwhile is left alone. It needs no open run and works after a crash.
author: the ampora.upgrades authors (@ampora)
extends_documentation_fragment:
  - ampora.upgrades.cluster
  - ampora.upgrades.api
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
    description: Whether the rollouts are to be paused, or ours to be resumed.
    type: str
    required: true
    choices: [paused, resumed]
  timeout:
    description: Seconds that they may take to change their state.
    type: int
    default: 60
seealso:
  - name: The upgrade guide
    description: How the actions make an upgrade.
    link: https://doc.ampora.huberit.ch/operator/operations/upgrades/
"""

EXAMPLES = r"""
---
- name: Pause the configuration rollouts that are in progress
  ampora.upgrades.configuration_rollouts:
    cluster: "{{ ampora__cluster }}"
    api: "{{ ampora__api }}"
    state: paused

- name: Resume those that we paused
  ampora.upgrades.configuration_rollouts:
    cluster: "{{ ampora__cluster }}"
    api: "{{ ampora__api }}"
    state: resumed
"""

RETURN = r"""
rollouts:
  description: The rollouts that were paused or resumed, as they were before; in check mode, those that would be.
  returned: success
  type: list
  elements: dict
  sample: [{id: 7d0f, name: wave-2, state: InProgress}]
left:
  description: The ids of rollouts that were left alone, because somebody else changed their state.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import CONFIGURATION_ROLLOUTS


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=CONFIGURATION_ROLLOUTS, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.configuration_rollouts runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
