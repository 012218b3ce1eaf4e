# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ampora.upgrades.plan; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: plan
short_description: Decide whether an upgrade may go
version_added: 0.1.0
description:
  - Reads the deployment, the registry, the release notes, the database, Prometheus and the overlay, and decides by the version policy.
  - Changes nothing, and does not fail when the upgrade may not go. The role
    P(ampora.upgrades.preflight#role) fails with RV(refusal).
author: the ampora.upgrades authors (@ampora)
extends_documentation_fragment:
  - ampora.upgrades.cluster
  - ampora.upgrades.api
  - ampora.upgrades.database
  - ampora.upgrades.master_key
  - ampora.upgrades.registry
  - ampora.upgrades.overlay_git
  - ampora.upgrades.signature
  - ampora.upgrades.prometheus
  - ampora.upgrades.overlay
  - ampora.upgrades.snapshot
  - ampora.upgrades.signals
  - ampora.upgrades.notify
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
  target_version:
    description: The version to go to.
    type: str
    required: true
  current_version:
    description: The version that runs, where neither tag nor label tells.
    type: str
    default: ''
  change:
    description: Which change is asked for.
    type: str
    default: upgrade
    choices: [upgrade, downgrade]
  release_notes:
    description:
      - A directory with a C(VERSION.md) for each release, one changelog (a file or an address), or the releases endpoint of a
        GitHub or GitLab project.
    type: str
    required: true
  release_notes_token:
    description: Bearer token for the release notes, when they are at an address.
    type: str
    default: ''
  watch_seconds:
    description: How long each hop is watched, for the forecast.
    type: int
    default: 0
  upgrade_graph:
    description: Known-bad versions and forbidden or conditional hops; a file or an address.
    type: str
    default: ''
  advisories:
    description: Security advisories.
    type: dict
    suboptions:
      location:
        description: A directory, a file or an address with documents in the forms of OSV, CSAF 2.0 or GitLab.
        type: str
        default: ''
      package:
        description: The product's name in them.
        type: str
        default: ampora
  windows:
    description: When upgrades may be made; without an entry at any time.
    type: list
    elements: dict
    default: []
    suboptions:
      start:
        description: The first window's begin, local date and time in ISO 8601.
        type: str
        required: true
      duration:
        description: How long a window lasts, e.g. V(2h).
        type: str
        required: true
      rrule:
        description: When it comes again (RFC 5545); empty means once.
        type: str
        default: ''
      timezone:
        description: The zone of the begin.
        type: str
        default: UTC
  field_managers:
    description: Field managers that may own the container's image, beside kubectl and this collection.
    type: list
    elements: str
    default: []
  log_window:
    description: How far back the logs are searched for deprecated features in use, e.g. V(24h); V(0) leaves the search out.
    type: str
    default: '0'
  loki:
    description: Loki, asked instead of the pods' logs when it has an address.
    type: dict
    suboptions:
      url:
        description: Its address.
        type: str
        default: ''
      selector:
        description: The label selector of the application's streams.
        type: str
        default: ''
      username:
        description: For basic authentication.
        type: str
        default: ''
      password:
        description: For basic authentication.
        type: str
        default: ''
      token:
        description: Bearer token; it wins over basic authentication.
        type: str
        default: ''
      tenant:
        description: The tenant (C(X-Scope-OrgID)).
        type: str
        default: ''
      ca_file:
        description: Its certificate authority, when the system does not know it.
        type: path
        default: ''
      timeout:
        description: Seconds that a call may take.
        type: int
        default: 10
  agents:
    description: How the agents are judged.
    type: dict
    suboptions:
      skew:
        description: Whether an agent's version is comparable with the server's.
        type: str
        default: product
        choices: [product, none]
      stale_days:
        description: Agents that were not seen for this many days do not count.
        type: int
        default: 30
  pause_rollouts:
    description: Whether configuration rollouts in progress will be paused; else they block.
    type: bool
    default: false
  path:
    description:
      - Whether the target must be one hop away, or is reached by as many hops as it takes.
    type: str
    default: direct
    choices: [direct, auto]
  acks:
    description: Answers to findings, C(ack-VERSION-FINDING) with the exact value V("true").
    type: dict
    default: {}
  overrides:
    description: Rules switched off for this run, each with its reason.
    type: list
    elements: dict
    default: []
    suboptions:
      rule:
        description: The finding's id.
        type: str
        required: true
      reason:
        description: Why; it lands in the journal and in the report.
        type: str
        required: true
      until:
        description: An ISO date or date and time after which the rule counts again; empty for no end.
        type: str
        default: ''
  rules:
    description: The site's own rules over the plan.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: The finding's id.
        type: str
        required: true
      when:
        description: A JMESPath expression over the plan that is true or false.
        type: str
        required: true
      severity:
        description: What the finding does.
        type: str
        default: block
        choices: [info, ack, block]
      text:
        description: The finding's text.
        type: str
        required: true
  migrate:
    description: Who brings the schema forward.
    type: str
    default: startup
    choices: [startup, job, external]
  migrate_job:
    description: The file with the migration Job.
    type: path
    default: ''
  spot_check:
    description: How the application will be looked at.
    type: str
    default: browser
    choices: [browser, api, both, none]
  minimum_server_version:
    description: The oldest PostgreSQL that the application accepts, as C(server_version_num).
    type: int
    required: true
  placeholder_annotation:
    description: The annotation by which the product marks a Secret that must be replaced.
    type: str
    default: ''
seealso:
  - name: The upgrade guide
    description: How the actions make an upgrade.
    link: https://doc.ampora.huberit.ch/operator/operations/upgrades/
"""

EXAMPLES = r"""
---
- name: Decide whether an upgrade may go
  ampora.upgrades.plan:
    cluster: "{{ ampora__cluster }}"
    database: "{{ ampora__database }}"
    master_key: "{{ ampora__master_key }}"
    registry: "{{ ampora__registry }}"
    prometheus: "{{ ampora__prometheus }}"
    overlay: "{{ ampora__overlay }}"
    snapshot: "{{ ampora__snapshot }}"
    signals: "{{ ampora_signals }}"
    target_version: 1.5.0
    release_notes: release-notes
    minimum_server_version: 160000
"""

RETURN = r"""
plan:
  description: Everything that a run would do and find, in the form of docs/schemas/plan.json.
  returned: always
  type: dict
  sample: {decision: go, change: minor}
refusal:
  description: All reasons why the upgrade may not go, in one message; empty when it may.
  returned: always
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import PLAN


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=PLAN, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.plan runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
