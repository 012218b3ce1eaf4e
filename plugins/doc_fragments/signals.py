# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option `signals`."""

from __future__ import annotations


class ModuleDocFragment:
    """What is watched."""

    DOCUMENTATION = r"""
options:
  signals:
    description: What is watched. Each query must give exactly one series.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The signal's name.
        type: str
        required: true
      promql:
        description: The query; needed where there is a Prometheus.
        type: str
        default: ''
      kind:
        description: How it is judged, by its value, by its recovery to the reference, or by its growth above the reference.
        type: str
        required: true
        choices: [level, recovery, growth]
      min:
        description: The least value (level) or ratio to the reference (recovery); C({replicas}) is the number of replicas.
        type: raw
      max:
        description: The greatest value (level), ratio (recovery) or increase above the reference (growth).
        type: raw
      absent:
        description: What no data means. It never passes unless it rightly means zero.
        type: str
        default: fail
        choices: [fail, zero]
      slack:
        description: By how much a recovery may always differ from its reference, in the signal's own unit; of ten agents one is 10 %.
        type: float
        default: 0.0
      metric:
        description: Without a Prometheus, the metric of the pods; V(up) counts the pods that answer.
        type: str
        default: ''
      labels:
        description: Without a Prometheus, the labels that a sample of the metric must have.
        type: dict
        default: {}
      aggregate:
        description:
          - Without a Prometheus, how the samples of all pods become one value; V(increase) is the sum of what counters grow in a minute.
        type: str
        default: sum
        choices: [sum, max, min, increase]
"""
