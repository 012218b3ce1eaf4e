# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The upgrade graph's document from a file or an address, in JSON or YAML."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.graph import Graph, read
from ansible_collections.ampora.upgrades.plugins.plugin_utils.web import Http

MAX_BYTES = 4 * 1024 * 1024
NEXT_STEP = "Name a file or an address with a document as in docs/upgrade-graph.md in ampora_upgrade_graph, or leave it empty."
TIMEOUT = 10


def read_graph(location: str) -> Graph:
    """The graph; the empty one when no location is given."""
    if not location:
        return Graph()
    text = _fetch(location) if location.startswith(("http://", "https://")) else _read(Path(location).expanduser())
    try:
        document = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())[:300]
        raise UpgradeError(f"The upgrade graph {location} is neither JSON nor YAML: {reason}.", next_step=NEXT_STEP) from error
    return read(document, location)


class _Loader(yaml.SafeLoader):
    """YAML without aliases, by which a small document can become a huge one."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not taken")
        found: yaml.Node | None = super().compose_node(parent, index)
        return found


def _fetch(location: str) -> str:
    response = Http(f"The upgrade graph at {location}", timeout=TIMEOUT, next_step=NEXT_STEP).get(location)
    if response.status_code != 200:
        raise UpgradeError(f"The upgrade graph at {location} answers {response.status_code}.", next_step=NEXT_STEP)
    return _limited(bytes(response.content), location)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return _limited(file.read(MAX_BYTES + 1), str(path))
    except OSError as error:
        raise UpgradeError(f"The upgrade graph {path} cannot be read: {error.strerror}.", next_step=NEXT_STEP) from error


def _limited(data: bytes, location: str) -> str:
    if len(data) > MAX_BYTES:
        raise UpgradeError(f"The upgrade graph {location} is larger than {MAX_BYTES} bytes.", next_step=NEXT_STEP)
    return data.decode("utf-8", errors="replace")
