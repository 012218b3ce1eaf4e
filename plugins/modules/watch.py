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
  - Samples the signals after the rollout and judges them against the window before it, and against what the same clock times made of it
    a day earlier. Looks for new alerts and for restarts as well.
  - Ends early once it can no longer pass. Everything but the verdict V(pass) fails the task.
  - Changes nothing but the record of the run, and can be used alone for what something else has upgraded.
author: the ampora.upgrades authors (@ampora)
extends_documentation_fragment:
  - ampora.upgrades.cluster
  - ampora.upgrades.notify
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
  state:
    description:
      - V(watched) watches now.
      - V(measured) measures the reference before a rollout, which only needs to be done where there is no Prometheus.
      - V(judged) judges a stored O(run) or a O(window) of the past again, with these bounds.
    type: str
    default: watched
    choices: [watched, measured, judged]
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
  compare:
    description: What else to compare with, the same clock times a day or a week earlier where there is such history, or nothing.
    type: str
    default: day
    choices: [before, day, week]
  alerts:
    description: The selector of the alerts of which no new one may fire; C({namespace}) is the namespace. Empty looks for none.
    type: str
    default: ''
  restarts:
    description: How many restarts of the pods' containers are allowed while watching.
    type: int
    default: 0
  run:
    description: The run whose stored samples are judged again.
    type: str
    default: ''
  window:
    description: The window of the past that is judged; what it is compared with ends where it starts.
    type: dict
    suboptions:
      start:
        description: Its start, with the time zone.
        type: str
        default: ''
      end:
        description: Its end, with the time zone.
        type: str
        default: ''
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
source:
  description: Who was asked for the values, V(prometheus) or the V(pods) themselves.
  returned: when watched or judged
  type: str
  sample: prometheus
marks:
  description:
    - C(rollout_began), C(first_pod_ready), C(rollout_ended), C(watch_began) and C(watch_ended) in unix seconds; null where nothing tells.
  returned: when watched or judged
  type: dict
compare:
  description: What was compared with besides the time before the rollout.
  returned: when watched or judged
  type: str
  sample: day
compare_seconds:
  description: How much earlier that was.
  returned: when watched or judged
  type: float
  sample: 86400.0
stored_every:
  description: The n of "every n-th sample is stored"; 1 unless the watch was very long.
  returned: when watched or judged
  type: int
  sample: 1
signals:
  description: Each signal, and besides them C(alerts) and C(restarts).
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The signal's name, C(alerts) or C(restarts).
      type: str
      returned: always
    kind:
      description: V(level), V(recovery), V(growth), V(alerts) or V(restarts).
      type: str
      returned: always
    verdict:
      description: As the overall one.
      type: str
      returned: always
    text:
      description: Why, in words.
      type: str
      returned: always
    reference:
      description: What was usual before the rollout.
      type: float
      returned: always
    last:
      description: The value that was judged.
      type: float
      returned: always
    low:
      description: The least it may be.
      type: float
      returned: always
    high:
      description: The most it may be.
      type: float
      returned: always
    earlier_reference:
      description:
        - What is to be expected by the course of the same clock times a day earlier; C(earlier_low) and C(earlier_high) are its bounds.
      type: float
      returned: always
    first_seen_at:
      description: The unix time of the first sample that was out of bounds.
      type: float
      returned: always
    lowest:
      description: The lowest value since the rollout began.
      type: float
      returned: for a signal
    recovery_seconds:
      description:
        - Seconds from the rollout's begin until all samples were within the bounds; 0 when none was outside, null when the last still is.
      type: float
      returned: for a signal
    samples:
      description: Pairs of a unix time and a value, null when absent.
      type: list
      elements: list
      returned: always
    reference_samples:
      description: The same of the time before the rollout.
      type: list
      elements: list
      returned: for a signal
    rollout_samples:
      description: The same from the rollout's begin to the watch's.
      type: list
      elements: list
      returned: for a signal
    earlier_reference_samples:
      description: The same of the reference's clock times, C(compare_seconds) earlier.
      type: list
      elements: list
      returned: for a signal
    earlier_samples:
      description: The same of the watch's clock times, C(compare_seconds) earlier.
      type: list
      elements: list
      returned: for a signal
    firing_before:
      description: The alerts that fired before the rollout already, and are ignored.
      type: list
      elements: str
      returned: for C(alerts)
    new:
      description: The alerts that fired and did not before.
      type: list
      elements: str
      returned: for C(alerts)
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import WATCH


def main() -> None:
    """Say where the work is done; reached only when the action plugin is not."""
    module = AnsibleModule(argument_spec=WATCH, supports_check_mode=True)
    module.fail_json(msg="ampora.upgrades.watch runs on the controller, as an action plugin.")


if __name__ == "__main__":
    main()
