# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page's procedure typed by a script: the same waits and the same watch, and nothing proven. The baseline of `make bench`."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from playwright.sync_api import sync_playwright

from tests.support.sandbox import STATE, Sandbox

DUMP = "rm -rf /tmp/page && PGPASSWORD={password} pg_dump --host=127.0.0.1 --username=ampora -Fd -j2 -Z1 --file=/tmp/page ampora"


class PageScript:
    """The commands of the Upgrades page, by hand."""

    def __init__(self, sandbox: Sandbox, variables: Mapping[str, Any]) -> None:
        self._sandbox = sandbox
        self._vars = {**sandbox.vars, **variables}

    def run(self, target: str) -> dict[str, float]:
        """Seconds of each part."""
        spent = {}
        for name, part in (("dump", self._dump), ("apply", self._apply), ("watch", self._watch), ("look", self._look)):
            started = time.monotonic()
            part(target)
            spent[name] = time.monotonic() - started
        return spent

    def _kubectl(self, *arguments: str) -> None:
        argv = [str(STATE / "bin" / "kubectl"), f"--kubeconfig={self._sandbox.env['KUBECONFIG']}", *arguments]
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, timeout=300)

    def _dump(self, target: str) -> None:
        del target
        password = urlsplit(self._sandbox.env["AMPORA_SANDBOX_DATABASE_URL"]).password
        self._kubectl("--namespace=ampora-db", "exec", "pg-0", "--", "sh", "-c", DUMP.format(password=password))

    def _apply(self, target: str) -> None:
        file = self._sandbox.overlay / "kustomization.yaml"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace('newTag: "1.4.2"', f"digest: {self._sandbox.digest(target)}"), encoding="utf-8")
        self._kubectl("apply", "--kustomize", str(self._sandbox.overlay))
        self._kubectl("--namespace=ampora", "rollout", "status", "deployment/ampora-web")

    def _watch(self, target: str) -> None:
        del target
        time.sleep(self._vars["ampora_watch_settle"])
        begun = time.monotonic()
        interval = self._vars["ampora_watch_interval"]
        for number in range(self._vars["ampora_watch_duration"] // interval):
            time.sleep(max(0.0, begun + number * interval - time.monotonic()))
            for query in ("sum(ampora_opamp_active_sessions)", "sum(ampora_dispatch_no_session_total)", 'sum(up{job="ampora-web"})'):
                requests.get(f"{self._vars['ampora_prometheus_url']}/api/v1/query", params={"query": query}, timeout=5).raise_for_status()

    def _look(self, target: str) -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=self._vars["ampora_browser_path"], args=["--no-sandbox"])
            page = browser.new_page()
            page.goto(self._sandbox.url)
            page.click("text=Log in")
            page.fill("input[name=login]", self._vars["ampora_login_username"])
            page.fill("input[name=password]", self._vars["ampora_login_password"])
            page.click("button[type=submit]")
            for path in ("/", "/fleet", "/configurations"):
                page.goto(self._sandbox.url + path)
                assert page.locator("footer [data-testid=version]").inner_text() == target
            browser.close()


def table(tool: Mapping[str, float], script: Mapping[str, float]) -> str:
    """Both, part by part, in seconds."""
    return json.dumps({"tool": {k: round(v, 1) for k, v in tool.items()}, "script": {k: round(v, 1) for k, v in script.items()}}, indent=2)


def steps(report: Mapping[str, Any]) -> dict[str, float]:
    return {step["name"]: float(step["seconds"]) for step in report["steps"]}
