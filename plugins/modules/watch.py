# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.watch; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: watch
short_description: Watch signals and give a verdict
version_added: 0.1.0
description:
  - Samples the signals after the rollout and judges them against the window before it.
  - Everything but the verdict V(pass) fails the task.
author: the ampora.upgrades authors (@ampora)
extends_documentation_fragment:
  - ampora.upgrades.cluster
  - ampora.upgrades.prometheus
  - ampora.upgrades.signals
  - ampora.upgrades.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  settle:
    description: Seconds before the first sample.
    type: int
    default: 60
  duration:
    description: Seconds of watching.
    type: int
    default: 300
  interval:
    description: Seconds between two samples.
    type: int
    default: 15
  reference:
    description: Seconds before the rollout to compare with.
    type: int
    default: 300
seealso:
  - name: The upgrade guide
    description: How the actions make an upgrade.
    link: https://doc.ampora.huberit.ch/operator/operations/upgrades/
"""

EXAMPLES = r"""
---
- name: Watch signals and give a verdict
  ampora.upgrades.watch:
    cluster: "{{ ampora__cluster }}"
    prometheus: "{{ ampora__prometheus }}"
    signals: "{{ ampora_signals }}"
    duration: 300
"""

RETURN = r"""
verdict:
  description: V(pass), V(fail), V(inconclusive), V(error) or V(no_traffic).
  returned: always
  type: str
  sample: pass
signals:
  description: Each signal's verdict, in words and numbers.
  returned: always
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import WATCH


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=WATCH, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.watch runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
