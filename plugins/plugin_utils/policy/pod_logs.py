# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The deprecation warnings in the logs of all pods, read line by line and never held."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.deprecations import LogFacts, Tally
from ansible_collections.ampora.upgrades.plugins.module_utils.run.timestamp import parse
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import BadRequestError, Cluster, NotFoundError

_SLACK = 60.0  # seconds; a log that begins within them of the window's start reaches back far enough


def read(cluster: Cluster, deployment: Mapping[str, Any], window: int, now: float) -> LogFacts:
    """What the application's containers wrote in the last `window` seconds; a container that has not begun has no log."""
    tally = Tally()
    short = []
    for pod in sorted(cluster.pods(dict(deployment)), key=lambda pod: str(pod["metadata"]["name"])):
        name = str(pod["metadata"]["name"])
        begins = _begin(cluster, name)
        if begins is None:
            continue
        if begins > now - window + _SLACK:
            short.append(f"the log of {name} begins at {datetime.fromtimestamp(begins, UTC):%Y-%m-%dT%H:%M:%SZ}")
        with contextlib.suppress(NotFoundError, BadRequestError):  # a pod may go, or its container wait, while the others are read
            tally.add_all(cluster.log_lines(name, cluster.container_name, since_seconds=window))
    return LogFacts(tally, window, tuple(short))


def _begin(cluster: Cluster, pod: str) -> float | None:
    """When the oldest line was written that is still there: pods are young after a rollout, and the kubelet rotates logs away."""
    moment = parse(cluster.log_head(pod, cluster.container_name).split(" ", 1)[0])
    return moment.timestamp() if moment else None
