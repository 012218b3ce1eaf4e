# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.rollout; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout
short_description: Apply an overlay and wait for the rollout
version_added: 0.1.0
description:
  - Applies the rendered overlay as C(kubectl apply -k) does, and waits until every pod is new, available and of the pinned digest.
  - Stops at once, with the pods' own words, when the rollout is stuck.
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
  apply:
    description: V(kubectl) applies the overlay; V(gitops) leaves that to Argo CD or Flux, and waits until what was committed has come.
    type: str
    default: kubectl
    choices: [kubectl, gitops]
  gitops:
    description: The object by which the GitOps controller keeps the deployment; with a name, it is asked to look at Git now.
    type: dict
    suboptions:
      kind:
        description: V(Application) for Argo CD, V(Kustomization) for Flux.
        type: str
        default: Application
        choices: [Application, Kustomization]
      namespace:
        description: Its namespace.
        type: str
        default: ''
      name:
        description: Its name.
        type: str
        default: ''
  gitops_timeout:
    description: Seconds after which what was committed must have come.
    type: int
    default: 600
  migration_log:
    description: A regular expression that finds the line of the log which says what migration is being applied.
    type: str
    default: 'Microsoft\.EntityFrameworkCore\.Migrations\S*: Applying'
  ready_timeout:
    description: Seconds after which a new pod that runs and is not ready, with nothing moving and no migration running, is broken.
    type: int
    default: 120
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
- name: Apply an overlay and wait for the rollout
  ampora.upgrades.rollout:
    cluster: "{{ ampora__cluster }}"
    database: "{{ ampora__database }}"
    overlay: "{{ ampora__overlay }}"
"""

RETURN = r"""
image:
  description: The image that the overlay renders.
  returned: always
  type: str
objects:
  description: What happened to each object.
  returned: always
  type: list
  elements: str
  sample: [deployment/ampora-web configured]
besides_image:
  description: What the overlay would change beside the image, as paths without values.
  returned: check mode
  type: list
  elements: str
  sample: ["deployment/ampora-web: spec.replicas"]
foreign_changes:
  description: What somebody else changed in the pod template while it rolled, as paths without values.
  returned: success and not check mode
  type: list
  elements: str
seconds:
  description: How long the rollout took.
  returned: success and not check mode
  type: float
replicas:
  description: The replica counts at the end.
  returned: success and not check mode
  type: dict
schema:
  description: Whether the migration history changed since the run began, and by what.
  returned: success and not check mode
  type: dict
pods:
  description: Each pod's image id.
  returned: success and not check mode
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import ROLLOUT


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=ROLLOUT, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.rollout runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
