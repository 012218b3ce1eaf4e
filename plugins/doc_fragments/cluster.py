# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option `cluster`."""

from __future__ import annotations


class ModuleDocFragment:
    """Where the deployment is."""

    DOCUMENTATION = r"""
options:
  cluster:
    description: Where the deployment is, and how it is reached.
    type: dict
    required: true
    suboptions:
      kubeconfig:
        description: The kubeconfig file. Empty means E(K8S_AUTH_KUBECONFIG), E(K8S_AUTH_HOST), the user's own or the pod's
          service account.
        type: path
        default: ''
      context:
        description: The context in the kubeconfig. Empty means its current one.
        type: str
        default: ''
      namespace:
        description: The namespace of the deployment.
        type: str
        required: true
      deployment:
        description: The name of the Deployment.
        type: str
        required: true
      container:
        description: The name of the application's container.
        type: str
        required: true
"""
