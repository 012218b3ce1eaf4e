# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last runs of a deployment, for history.html: from the journals in the cluster, so a fresh pod knows them too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.run.report import build

MOST_RUNS = 50


def history(journals: Sequence[Journal], *, now: datetime, has_report: Callable[[str], bool]) -> list[dict[str, Any]]:
    """A row for each of the newest runs; `has_report` tells of a run whether its report lies beside the page."""
    newest = sorted(journals, key=lambda journal: journal.started_at, reverse=True)[:MOST_RUNS]
    return [_row(build(journal, now=now), has_report) for journal in newest]


def _row(report: dict[str, Any], has_report: Callable[[str], bool]) -> dict[str, Any]:
    kept = ("run", "kind", "outcome", "started_at", "seconds", "verdict", "reason")
    return {
        **{name: report[name] for name in kept},
        "from": report["from"]["version"],
        "to": report["to"]["version"],
        "who": str(report["actor"].get("user") or ""),
        "report": f"{report['run']}/report.html" if has_report(report["run"]) else "",
    }
