# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option `api`."""

from __future__ import annotations


class ModuleDocFragment:
    """How the product's REST API is reached."""

    DOCUMENTATION = r"""
options:
  api:
    description:
      - How Ampora's REST API is reached.
      - Its endpoints and its token are documented by the product; the form of its JSON is not, so the names in it are options here.
    type: dict
    required: true
    suboptions:
      url:
        description: Where a person opens Ampora. Empty leaves the API alone.
        type: str
        default: ''
      token:
        description: A personal access token; the role Viewer reads, Operator pauses and resumes. Empty leaves the API alone.
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
      agents_path:
        description: Where the agents are listed.
        type: str
        default: /api/agents
      rollouts_path:
        description: Where the configuration rollouts are listed, and below which they are paused and resumed.
        type: str
        default: /api/rollouts
      configurations_path:
        description: Where the configurations are listed.
        type: str
        default: /api/configurations
      page_parameter:
        description: The query parameter with the number of the page, from 1.
        type: str
        default: page
      size_parameter:
        description: The query parameter with the number of items that a page has.
        type: str
        default: pageSize
      page_size:
        description: Items to ask for on a page.
        type: int
        default: 200
      pages:
        description: Pages to read at most; a longer list is an error and not cut.
        type: int
        default: 250
      items_field:
        description: The field with the list, where the answer is not itself a list.
        type: str
        default: items
      total_field:
        description: The field with the number of all items. Without it, pages are read until one has nothing new.
        type: str
        default: total
      next_field:
        description: The field with the address of the next page, where there is one; the Link header serves as well.
        type: str
        default: next
      fields:
        description: The names of an item's fields; dots lead into objects.
        type: dict
        suboptions:
          id:
            description: What names it in the API.
            type: str
            default: id
          name:
            description: What names it for a person.
            type: str
            default: name
          version:
            description: An agent's version.
            type: str
            default: version
          last_seen:
            description: When an agent was last heard of, as ISO 8601 with a zone or as a number since 1970.
            type: str
            default: lastSeenUtc
          connected:
            description: Whether an agent is connected, as true or as a word such as Connected.
            type: str
            default: connected
          state:
            description: A configuration rollout's state.
            type: str
            default: state
"""
