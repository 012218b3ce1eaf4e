# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at the application as a person would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import SPOT_CHECK
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.run_record import Step
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint, safe_points
from ansible_collections.ampora.upgrades.plugins.plugin_utils.spot_check.spot_check import LEFT_OUT, SpotCheck


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.spot_check."""

    spec = SPOT_CHECK
    positive = ("timeout",)

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        left_out = LEFT_OUT[args["mode"]]
        if self.check_mode or args["mode"] == "none":
            self.say(_would(args) if args["mode"] != "none" else "the spot check is skipped (ampora_spot_check is none)")
            return {"changed": False, "left_out": left_out, "skipped_browser": "browser" in left_out, "pages": []}
        record = self.record(self.cluster(args))
        with safe_points() as safe_point, record.step("spot_check") as step:
            self._look(args, step, safe_point)
        return {"changed": False, "skipped_browser": "browser" in left_out, "pages": [], **step.result}

    def _look(self, args: dict[str, Any], step: Step, safe_point: SafePoint) -> None:
        wanted = str((step.journal.plan.get("target") or {}).get("version", "")) or args["target_version"]
        if not wanted:
            raise UpgradeError(
                "ampora_target_version is empty and no run is open.", next_step="Set ampora_target_version to the version to expect."
            )
        findings = step.journal.plan.get("findings") or []
        check = SpotCheck(args, self.cluster(args), wanted, safe_point)
        step.result = check.result
        check.run(findings, _directory(args["screenshots"], step.run))
        self.say(check.summary())
        if check.problems:
            raise UpgradeError(
                f"The spot check finds: {'; '.join(check.problems)}.",
                next_step="Look at the screenshots in the report and at the pods' logs.",
                evidence=check.problems,
            )


def _would(args: dict[str, Any]) -> str:
    names = ", ".join(page["name"] for page in args["pages"])
    parts = {"browser": f"log in and look at {names}, and at every pod", "api": "ask the API and every pod with the access token"}
    return f"would {' and '.join(text for part, text in parts.items() if part not in LEFT_OUT[args['mode']])}"


def _directory(reports: str, run: str) -> Path | None:
    if not reports:
        return None
    directory = Path(reports) / run / "screenshots"
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UpgradeError(
            f"The screenshots cannot be written to {reports} (ampora_report_dir): {error.strerror}.",
            next_step="Name a directory that this user can write.",
        ) from error
    return directory
