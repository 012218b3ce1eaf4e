# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One reading of the world: where from, by which options, and the facts found so far."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.facts import Facts
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster, Object
from ansible_collections.ampora.upgrades.plugins.plugin_utils.database import Database
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import Deployed
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import Overlay


@dataclass
class World:
    """`args` are the options of the action `plan`; `facts` grow as the parts are read; `closing` ends what they keep open."""

    cluster: Cluster
    overlay: Overlay
    args: Mapping[str, Any]
    deployed: Deployed
    facts: Facts
    database: Database | None = None  # none when it cannot be read
    rendered: Sequence[Object] = ()  # the overlay's objects; none when it cannot be rendered
    journals: Sequence[Journal] = field(default_factory=list)
    closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
