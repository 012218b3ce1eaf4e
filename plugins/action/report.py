# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the account of a run: report.json, report.html, summary.md, its plan, a history of the last runs, and the terminal's summary."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import REPORT
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan import FORMAT
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan_markdown import markdown
from ansible_collections.ampora.upgrades.plugins.module_utils.run import report as reporting
from ansible_collections.ampora.upgrades.plugins.module_utils.run import report_html, report_markdown
from ansible_collections.ampora.upgrades.plugins.module_utils.run.history import history
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import STEPS, Journal, run_id
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import RunRecord, now

MAX_SCREENSHOT = 2 * 1024 * 1024


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.report."""

    spec = REPORT

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        cluster = self.cluster(args).remembering()
        record = self.record(cluster)
        journal = (
            record.find(args["run"], ()) if args["run"] else _of_this_playbook(record) or self._unopened(cluster, record, args["plan"])
        )
        # What the journal keeps of the plan is short: the whole one is better where it is that of this run.
        whole = args["plan"] if args["plan"].get("format") == FORMAT and _is_of(args["plan"], journal) else {}
        report = reporting.build(journal, now=now(), whole_plan=whole)
        for line in reporting.summary_lines(report):
            self.say(line)
        stats = _stats(reporting.stats(report))
        if self.check_mode and not args["plan"]:
            return {"changed": False, "report": "", **stats}
        directory = _write(Path(args["directory"]), report, whole or journal.plan)
        _write_history(Path(args["directory"]), record.journals(), cluster.deployment_name)
        self.say(f"report {directory / 'report.html'}")
        # A report describes the deployment and does not change it: a second run stays green and unchanged.
        return {"changed": False, "report": str(directory / "report.json"), **stats}

    def _unopened(self, cluster: Cluster, record: RunRecord, plan: dict[str, Any]) -> Journal:
        """The account of a run that never began: refused by its plan, or nothing to do; without a plan, the newest run."""
        if not plan:
            return record.find("", ("upgrade", "downgrade", "rollback"))
        journal = Journal.new(
            run=run_id(now(), secrets.token_hex(3)),
            deployment={"namespace": cluster.namespace, "name": cluster.deployment_name},
            kind="upgrade",
            started_at=now(),
            actor=self.actor(),
            plan=plan,
        )
        outcome = "planned" if self.check_mode else "unchanged"
        return journal.close(now(), "refused" if plan.get("decision") != "go" else outcome)


def _stats(stats: dict[str, Any]) -> dict[str, Any]:
    """For the play, and for AWX as `set_stats` hands it on: a task of its own would cost each host of a large plan a process."""
    return {"stats": stats, "ansible_stats": {"data": {"ampora_upgrade": stats}, "per_host": False, "aggregate": True}}


def _of_this_playbook(record: RunRecord) -> Journal | None:
    mine, alone = record.mine(), record.alone()
    return reporting.combined(alone) if mine is not None and mine.kind in STEPS and len(alone) > 1 else mine


@contextlib.contextmanager
def _writing(base: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UpgradeError(
            f"The report cannot be written to {base} (ampora_report_dir): {error.strerror}.",
            next_step="Name a directory that this user can write.",
        ) from error


def _write(base: Path, report: dict[str, Any], plan: dict[str, Any]) -> Path:
    """The plan is the whole one where it is at hand, and else what the journal keeps of it."""
    directory = base / str(report["run"])
    with _writing(base):
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "report.json").write_text(_json(report), encoding="utf-8")
        if plan.get("format") == FORMAT:
            (directory / "plan.json").write_text(_json(plan), encoding="utf-8")
            (directory / "plan.md").write_text(markdown(plan), encoding="utf-8")
        (directory / "summary.md").write_text(report_markdown.markdown(report), encoding="utf-8")
        (directory / "report.html").write_text(report_html.render(report, _screenshots(directory)), encoding="utf-8")
        latest = base / "latest"
        fresh = base / f".latest-{report['run']}"
        fresh.unlink(missing_ok=True)  # left by a run that was killed right here
        fresh.symlink_to(directory.name)
        fresh.replace(latest)
    return directory


def _write_history(base: Path, journals: list[Journal], deployment: str) -> None:
    with _writing(base):
        rows = history(journals, now=now(), has_report=lambda run: (base / run / "report.html").is_file())
        (base / "history.html").write_text(report_html.render_history(f"Runs of {deployment}", rows, len(journals)), encoding="utf-8")


def _is_of(plan: dict[str, Any], journal: Journal) -> bool:
    """A path has a plan for each hop, and a run that goes on has that of its begin: only the same versions are the same plan."""
    ends = [((plan.get(side) or {}).get("version"), (journal.plan.get(side) or {}).get("version")) for side in ("current", "target")]
    return all(mine == other for mine, other in ends)


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def _screenshots(directory: Path) -> dict[str, bytes]:
    files = sorted((directory / "screenshots").glob("*.png"))
    return {file.stem: file.read_bytes() for file in files if file.stat().st_size <= MAX_SCREENSHOT}
