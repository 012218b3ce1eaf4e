# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option `database`."""

from __future__ import annotations


class ModuleDocFragment:
    """How the database is reached."""

    DOCUMENTATION = r"""
options:
  database:
    description: How the deployment's PostgreSQL database is reached.
    type: dict
    required: true
    suboptions:
      env:
        description: The variable of the application's container that holds the connection string (Npgsql form or a libpq URL).
        type: str
        default: ''
      connection_string:
        description: The connection string itself; it wins over O(database.env).
        type: str
        default: ''
      hostaddr:
        description: The address to dial when the host name does not resolve here.
        type: str
        default: ''
      root_certificate:
        description:
          - The certificates of the authority that the server's own is checked against, a file on the controller.
          - Empty means the connection string's own, whose path may be one of the container when a ConfigMap or a Secret is mounted there.
        type: path
        default: ''
      history_query:
        description: The query that lists the applied migrations, one id a row.
        type: str
        required: true
      timeout:
        description: Seconds that a connection may take.
        type: int
        default: 10
"""
