# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.undo; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: undo
short_description: Go back to the recorded image on the same schema
version_added: 0.1.0
description:
  - Puts the template of the revision that the run recorded back into the Deployment, its image by digest, and waits for the
    rollout. Where the history has lost that revision, the image alone is put back. Annotations stay.
  - Refuses when the migration history has changed since the run began.
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
    description: The upgrade to go back from. Empty means the latest.
    type: str
    default: ''
  apply:
    description: V(kubectl) changes the Deployment; V(gitops) waits until Git has brought the recorded image.
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
- name: Go back to the recorded image on the same schema
  ampora.upgrades.undo:
    cluster: "{{ ampora__cluster }}"
    database: "{{ ampora__database }}"
"""

RETURN = r"""
image:
  description: The image that runs again.
  returned: success
  type: str
version:
  description: Its version.
  returned: success and not check mode
  type: str
revision:
  description: The revision that the run recorded.
  returned: success and not check mode
  type: str
by:
  description: V(revision), V(image), V(pods) (the revision as it was; no other pod has room), or empty when it ran already.
  returned: success and not check mode
  type: str
seconds:
  description: How long the rollout took.
  returned: success and not check mode
  type: float
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import UNDO


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=UNDO, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.undo runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
