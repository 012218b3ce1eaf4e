# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option `prometheus`."""

from __future__ import annotations


class ModuleDocFragment:
    """How Prometheus is reached."""

    DOCUMENTATION = r"""
options:
  prometheus:
    description: How Prometheus, or anything with its query API, is reached.
    type: dict
    required: true
    suboptions:
      url:
        description: Its base URL. When it is empty, the pods themselves are asked through the API server.
        type: str
        default: ''
      username:
        description: User for basic authentication.
        type: str
        default: ''
      password:
        description: Password for basic authentication.
        type: str
        default: ''
      token:
        description: Bearer token; it wins over basic authentication.
        type: str
        default: ''
      tenant:
        description: The tenant, sent as X-Scope-OrgID, for Mimir, Thanos or Cortex.
        type: str
        default: ''
      ca_file:
        description: Its certificate authority, when the system does not know it.
        type: path
        default: ''
      client_cert:
        description: The file of our own certificate, where the server asks for one.
        type: path
        default: ''
      client_key:
        description: The file of that certificate's key, without a passphrase.
        type: path
        default: ''
      timeout:
        description: Seconds that a query may take.
        type: int
        default: 5
  pod_metrics:
    description: Where the pods show their metrics, for when there is no Prometheus.
    type: dict
    suboptions:
      port:
        description: The port; by default that of the annotation prometheus.io/port, else the container's first.
        type: str
        default: ''
      path:
        description: The path; by default that of the annotation prometheus.io/path, else /metrics.
        type: str
        default: ''
"""
