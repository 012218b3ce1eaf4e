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
  - Logs in over OIDC in a browser, opens the pages, reads the version on each and of every pod, and takes screenshots.
    This part needs the Python package playwright on the controller.
  - Without a browser, asks the API with an access token, and every pod too.
  - Each pod is reached by its own address where the controller can, else by a port-forward; where neither is possible, the
    Service is asked by several new connections, and the result says so.
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
  mode:
    description: V(api) leaves the browser out, V(none) everything; the result says so.
    type: str
    default: browser
    choices: [browser, api, both, none]
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
  error_selector:
    description: What a page shows, visibly, when it has failed although it was answered.
    type: str
    default: ''
  settings_path:
    description: The page whose deprecation banners are read. Empty leaves it out.
    type: str
    default: ''
  deprecation_selector:
    description: The banners on that page.
    type: str
    default: ''
  ignore:
    description: Regular expressions of errors in the browser that are known and do not count.
    type: list
    elements: str
    default: []
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
        description: The user; empty looks at the pages without a login.
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
      accept_selectors:
        description: What to click wherever it shows, such as the button of a login wall or of a consent page.
        type: list
        elements: str
        default: []
      error_selector:
        description: Where the identity provider complains.
        type: str
        default: ''
  browser_path:
    description: The Chromium to use. Empty means the one that playwright brings.
    type: path
    default: ''
  screenshots:
    description: The directory of the reports; empty takes no screenshots.
    type: path
    default: ''
  timeout:
    description: Seconds that the browser's part may take in all.
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
    api: "{{ ampora__api }}"
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
pods:
  description: How the pods were reached (C(way)), how many were expected and seen, and what each showed.
  returned: success, not in check mode
  type: dict
settings_page:
  description: The banners of the Settings page, each with what the logs counted of it for the plan.
  returned: success, not in check mode, with the browser
  type: dict
problems:
  description: What is wrong, in words.
  returned: success, not in check mode
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import SPOT_CHECK


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=SPOT_CHECK, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.spot_check runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
