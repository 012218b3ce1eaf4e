# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transaction that is saved: its snapshot is exported to the dump, and it says of itself what the manifest needs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.facts import (
    BEGIN,
    COUNTING_QUERY,
    DatabaseFacts,
    facts_query,
    read_facts,
)
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.snapshot_methods.method import Tools


@contextlib.contextmanager
def exporting(tools: Tools) -> Iterator[tuple[str, Callable[[], DatabaseFacts]]]:
    """The exported snapshot's id, good as long as the block runs, and a function that reads the facts of what it shows."""
    with tools.database.session() as connection:
        for statement in BEGIN:
            connection.execute(statement)

        def facts() -> DatabaseFacts:
            counting = connection.execute(COUNTING_QUERY).fetchone()[0]
            return read_facts(connection.execute(facts_query(tools.history_query, counting, tools.audit_query)).fetchone()[0])

        yield str(connection.execute("SELECT pg_export_snapshot()").fetchone()[0]), facts
