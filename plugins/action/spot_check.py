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
from ansible_collections.ampora.upgrades.plugins.plugin_utils.browser import Browser, PageReport, problems
from ansible_collections.ampora.upgrades.plugins.plugin_utils.safe_point import safe_points


class ActionModule(UpgradeAction):
    """Action ampora.upgrades.spot_check."""

    spec = SPOT_CHECK

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        names = ", ".join(page["name"] for page in args["pages"])
        if self.check_mode or args["mode"] == "none":
            self.say(
                f"would log in and look at {names}"
                if args["mode"] == "browser"
                else "the browser part is skipped (ampora_spot_check is none)"
            )
            return {"changed": False, "skipped_browser": args["mode"] == "none", "pages": []}
        record = self.record(self.cluster(args))
        with safe_points() as safe_point, record.step("spot_check") as step:
            wanted = str((step.journal.plan.get("target") or {}).get("version", "")) or args["target_version"]
            if not wanted:
                raise UpgradeError(
                    "ampora_target_version is empty and no run is open.", next_step="Set ampora_target_version to the version to expect."
                )
            safe_point()
            reports = _look(args, step.run)
            step.result = {"version": wanted, "pages": [report.to_dict() for report in reports]}
            if found := problems(reports, wanted):
                raise UpgradeError(f"The spot check finds: {'; '.join(found)}.", evidence=found)
        self.say(f"logged in as {args['login']['username']}; {names} render, and the footer says {wanted}")
        return {"changed": False, "skipped_browser": False, "pages": step.result["pages"]}


def _look(args: dict[str, Any], run: str) -> list[PageReport]:
    directory = Path(args["screenshots"]) / run / "screenshots" if args["screenshots"] else None
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
    browser = Browser(url=args["url"], executable=args["browser_path"], timeout=args["timeout"], screenshots=directory)
    with browser.session():
        browser.log_in(args["login"])
        return [browser.look(page["name"], page["path"], args["version_selector"]) for page in args["pages"]]
