# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.spot_check; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: spot_check
short_description: Look at the application as a person would
version_added: 0.1.0
description:
  - Logs in over OIDC in a browser, opens the pages, reads the version on each, and takes screenshots.
  - Needs the Python package playwright on the controller.
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
  mode:
    description: V(none) skips the browser and says so.
    type: str
    default: browser
    choices: [browser, none]
  url:
    description: Where a person opens the application.
    type: str
    required: true
  pages:
    description: The pages that must render.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The page's name in messages.
        type: str
        required: true
      path:
        description: Its path below O(url).
        type: str
        required: true
  version_selector:
    description: The selector of the element that shows the version.
    type: str
    required: true
  target_version:
    description: The version that every page must show; in a run, its plan decides.
    type: str
    default: ''
  login:
    description: How to log in.
    type: dict
    required: true
    suboptions:
      username:
        description: The user.
        type: str
        required: true
      password:
        description: The password; it is only typed into its field.
        type: str
        required: true
      start_selector:
        description: What to click on the start page.
        type: str
        required: true
      username_selector:
        description: The field for the user.
        type: str
        required: true
      password_selector:
        description: The field for the password.
        type: str
        required: true
      submit_selector:
        description: The button.
        type: str
        required: true
  browser_path:
    description: The Chromium to use. Empty means the one that playwright brings.
    type: path
    default: ''
  screenshots:
    description: The directory of the reports; empty takes no screenshots.
    type: path
    default: ''
  timeout:
    description: Seconds that each wait may take.
    type: int
    default: 30
seealso:
  - name: The upgrade guide
    description: How the actions make an upgrade.
    link: https://doc.ampora.huberit.ch/operator/operations/upgrades/
"""

EXAMPLES = r"""
---
- name: Look at the application as a person would
  ampora.upgrades.spot_check:
    cluster: "{{ ampora__cluster }}"
    url: https://ampora.example
    pages:
      - {name: Dashboard, path: /}
    version_selector: footer [data-testid=version]
    login: "{{ my_login }}"
"""

RETURN = r"""
pages:
  description: What each page showed.
  returned: success
  type: list
  elements: dict
skipped_browser:
  description: Whether the browser part was skipped.
  returned: success
  type: bool
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import SPOT_CHECK


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=SPOT_CHECK, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.spot_check runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
