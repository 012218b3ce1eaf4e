# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.pin; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: pin
short_description: Pin an overlay to a digest
version_added: 0.1.0
description:
  - Writes the digest of the target's image index into the overlay's C(kustomization.yaml) and leaves every other byte as it was.
author: the ampora.upgrades authors (@ampora)
extends_documentation_fragment:
  - ampora.upgrades.cluster
  - ampora.upgrades.overlay
  - ampora.upgrades.registry
  - ampora.upgrades.overlay_git
  - ampora.upgrades.signature
  - ampora.upgrades.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  target_version:
    description: The version to pin; in a run, its plan decides.
    type: str
    default: ''
  digest:
    description: A digest to pin as it is, without asking the registry.
    type: str
    default: ''
seealso:
  - name: The upgrade guide
    description: How the actions make an upgrade.
    link: https://doc.ampora.huberit.ch/operator/operations/upgrades/
"""

EXAMPLES = r"""
---
- name: Pin an overlay to a digest
  ampora.upgrades.pin:
    cluster: "{{ ampora__cluster }}"
    overlay: "{{ ampora__overlay }}"
    registry: "{{ ampora__registry }}"
    target_version: 1.5.0
"""

RETURN = r"""
image:
  description: The pinned image.
  returned: success
  type: str
  sample: registry.example/ampora/ampora-web@sha256:0123
version:
  description: The version that the digest stands for.
  returned: success
  type: str
  sample: 1.5.0
digest:
  description: The digest.
  returned: success
  type: str
  sample: sha256:0123
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import PIN


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=PIN, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.pin runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
