# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The spot check as a whole: in a browser over the Service and at every pod, by the API, or both.

What is found goes into the step's result as it is found, so that a check that ends early still says what it saw.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.banners import compare, counted
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.oidc import diagnose
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.pages import PageReport, problems
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.pods import Door, Place, Way, door, not_ready, serving, told
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.agents_api import AmporaApi
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.spot_check.browser import Browser, LoginError, slug
from ansible_collections.ampora.upgrades.plugins.plugin_utils.spot_check.pod_access import pod_addresses
from ansible_collections.ampora.upgrades.plugins.plugin_utils.web import Http

LEFT_OUT = {"browser": ["api"], "api": ["browser"], "both": [], "none": ["browser", "api"]}
# Without a way to each pod the Service is asked this often for each, and at most so often in all.
ASKED_PER_POD, MOST_ASKED = 4, 12
MOST_LOG_LINES = 200
NOT_SHOWN = (401, 403, 404)  # of the Settings page: this user may not see it


class SpotCheck:
    """`args` are those of the action; `result` becomes the step's."""

    def __init__(self, args: Mapping[str, Any], cluster: Cluster, wanted: str, safe_point: SafePoint) -> None:
        self._args = args
        self._cluster = cluster
        self._wanted = wanted
        self._safe_point = safe_point
        self._began = time.monotonic()
        self._reports: list[PageReport] = []
        self.problems: list[str] = []
        self.result: dict[str, Any] = {"mode": args["mode"], "version": wanted, "left_out": LEFT_OUT[args["mode"]]}

    def run(self, findings: Sequence[Mapping[str, Any]], directory: Path | None) -> None:
        """Look at everything; what is wrong is then in `problems`."""
        deployment = self._cluster.deployment()
        places = serving(self._cluster.pods(deployment))
        entrance = door(self._cluster.container(deployment))
        self.problems += not_ready(places)
        self.result["pods"] = {"way": "", "expected": len(places), "seen": 0, "each": []}
        with pod_addresses(self._cluster, places, entrance) as (way, addresses):
            if "browser" not in self.result["left_out"]:
                self._in_browser(findings, directory, places, way, addresses)
            if "api" not in self.result["left_out"]:
                self._by_api(places, entrance, way, addresses)
        self.problems += problems(self._reports, self._wanted)
        self.result["seconds"] = round(time.monotonic() - self._began, 1)
        self.result["problems"] = self.problems

    def summary(self) -> str:
        """One line: what was looked at."""
        found = self.result
        parts = []
        if "login" in found:
            parts.append(f"logged in as {found['login']['user']}")
        if "pages" in found:
            parts.append(", ".join(page["name"] for page in found["pages"]) + f" looked at for {self._wanted}")
        if "api" in found:
            parts.append(f"{len(found['api'])} questions to the API")
        parts.append(found["pods"].get("text", ""))
        skipped = [f"the {part} part is skipped (ampora_spot_check is {found['mode']})" for part in found["left_out"] if part == "browser"]
        return f"{'; '.join([*parts, *skipped])}; {found['seconds']} s"

    # --- browser

    def _in_browser(
        self, findings: Sequence[Mapping[str, Any]], directory: Path | None, places: Sequence[Place], way: Way, addresses: Mapping[str, str]
    ) -> None:
        args = self._args
        selectors = {"version": args["version_selector"], "error": args["error_selector"] or "none", "start": ""}
        if args["login"]["username"]:
            selectors["start"] = args["login"]["start_selector"]
        browser = Browser(
            url=args["url"],
            executable=args["browser_path"],
            seconds=args["timeout"],
            screenshots=directory,
            selectors=selectors,
            ignore=args["ignore"],
        )
        with browser.session():
            self._log_in(browser)
            self.result["pages"] = []
            for number, page in enumerate(args["pages"], 1):
                self._safe_point()
                self._reports.append(browser.look(page["name"], page["path"], screenshot=f"{number}-{slug(page['name'])}"))
                self.result["pages"].append(self._reports[-1].to_dict())
            self._settings(browser, findings)
            self._every_pod(browser, places, way, addresses)

    def _log_in(self, browser: Browser) -> None:
        login = self._args["login"]
        if not login["username"]:
            return
        try:
            browser.log_in(login)
        except LoginError as error:
            logs = list(self._errors_in_logs())
            fault = diagnose([*error.said, *logs, error.page])
            words = f" Most likely {fault.text}." if fault else ""
            complaint = f" It says: {quote(error.said[0], 200)}." if error.said else ""
            raise UpgradeError(
                f"The spot check cannot log in. {error.message}{complaint}{words}",
                next_step=fault.next_step.format(home=browser.url) if fault else "Check the identity provider and ampora_login_*.",
                evidence=[quote(line, 300) for line in logs[:5]],
            ) from error
        self.result["login"] = {"user": login["username"], "seconds": round(time.monotonic() - self._began, 1)}

    def _errors_in_logs(self) -> Iterator[str]:
        """What the pods have logged as a warning or worse since this began; the page shows only that something failed."""
        since = max(5, round(time.monotonic() - self._began) + 5)
        for pod in self._cluster.pods(self._cluster.deployment()):
            with contextlib.suppress(UpgradeError):
                lines = self._cluster.log_lines(str(pod["metadata"]["name"]), self._cluster.container_name, since_seconds=since)
                told_lines = (line.decode(errors="replace") for line in lines if any(word in line for word in _LEVELS))
                yield from (line for line, _number in zip(told_lines, range(MOST_LOG_LINES), strict=False))

    def _settings(self, browser: Browser, findings: Sequence[Mapping[str, Any]]) -> None:
        """The deprecation banners, where this user may see that page."""
        path = self._args["settings_path"]
        if not path:
            return
        report = browser.look("Settings", path, screenshot="settings")
        readable = report.status == 200 and not report.landed
        found: dict[str, Any] = {"page": path, "readable": readable}
        if readable:
            found |= compare(browser.texts(self._args["deprecation_selector"] or "none"), counted(findings))
        else:
            found["reason"] = f"it leads to {report.landed}" if report.landed else f"it answers {report.status} to this user"
        self.result["settings_page"] = found
        if readable or (report.status not in NOT_SHOWN and not report.landed):
            self._reports.append(report)

    def _every_pod(self, browser: Browser, places: Sequence[Place], way: Way, addresses: Mapping[str, str]) -> None:
        page = self._args["pages"][0]
        reports = []
        for pod, base in addresses.items():
            self._safe_point()
            reports.append(browser.look_at(base, pod, page["name"], page["path"]))
        if not reports or any(report.landed for report in reports):
            # A pod that sends browsers to its public address cannot be looked at by itself.
            way = "Service"
            reports = [self._ask_service(browser, page, number) for number in range(1, min(MOST_ASKED, ASKED_PER_POD * len(places)) + 1)]
        self._reports += reports
        each = [{"pod": report.pod, "version": report.version, "status": report.status, "seconds": report.seconds} for report in reports]
        seen = sum(report.status > 0 for report in reports)
        self.result["pods"] |= {"way": way, "seen": seen, "each": each, "text": told(way, seen, places)}

    def _ask_service(self, browser: Browser, page: Mapping[str, Any], number: int) -> PageReport:
        self._safe_point()
        return browser.look_at(browser.url, "", f"{page['name']} by connection {number} to the Service", page["path"])

    # --- API

    def _by_api(self, places: Sequence[Place], entrance: Door, way: Way, addresses: Mapping[str, str]) -> None:
        options = self._args["api"]
        if not options["token"].strip():
            raise UpgradeError(
                f"ampora_spot_check is {self._args['mode']} and ampora_api_token is empty.",
                next_step="Issue a token with the role Viewer (Settings, Tokens) and set ampora_api_token.",
            )
        self.result["api"] = []
        for pod, base in [("", options["url"] or self._args["url"]), *addresses.items()]:
            self._safe_point()
            self._ask_api({**options, "url": base}, pod)
        ready = [self._ready(pod, base, entrance) for pod, base in addresses.items()] if entrance.ready_path else []
        seen = len(addresses)
        self.result["pods"] |= {"way": way, "seen": max(seen, self.result["pods"]["seen"]), "ready": ready}
        self.result["pods"].setdefault("text", told(way, seen or 1, places))

    def _ask_api(self, options: Mapping[str, Any], pod: str) -> None:
        api = AmporaApi(options)
        for path in (options["agents_path"], options["configurations_path"]):
            entry: dict[str, Any] = {"pod": pod, "path": path}
            try:
                entry["count"] = api.count(path)
            except UpgradeError as error:
                entry["error"] = error.message
                self.problems.append(f"the pod {pod}: {error.message}" if pod else error.message)
            self.result["api"].append(entry)

    def _ready(self, pod: str, base: str, entrance: Door) -> dict[str, Any]:
        """What the pod's own readiness probe would get now."""
        status = 0
        with contextlib.suppress(UpgradeError):
            status = Http(f"The pod {pod}", timeout=self._args["api"]["timeout"], next_step="").get(base + entrance.ready_path).status_code
        if not 200 <= status < 400:
            self.problems.append(f"the pod {pod} answers {entrance.ready_path} with {status or 'nothing'}")
        return {"pod": pod, "status": status}


_LEVELS = (b"Error", b"Warning", b"Critical", b"fail:", b"warn:", b"crit:")
