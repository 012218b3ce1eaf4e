# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The browser port: log in over OIDC as a person does, look at pages, read the version, take screenshots.

playwright is an optional package; the browser is the system's own (`ampora_browser_path`) or playwright's.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

try:
    from playwright.sync_api import Error as PlaywrightError
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None  # type: ignore[assignment]

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError

# Without these the browser asks its maker's servers for updates while it checks ours.
FLAGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@dataclass
class PageReport:
    """What one page showed."""

    name: str
    path: str
    status: int = 0
    version: str = ""
    errors: list[str] = field(default_factory=list)
    screenshot: str = ""

    def to_dict(self) -> dict[str, Any]:
        return dict(vars(self))


class Browser:
    """One browser for one spot check; every wait has the same deadline (seconds)."""

    def __init__(self, *, url: str, executable: str, timeout: int, screenshots: Path | None) -> None:
        if sync_playwright is None:
            raise UpgradeError(
                "ampora_spot_check is browser, and the Python package playwright is not installed on the controller.",
                next_step="Install playwright, or set ampora_spot_check to none.",
            )
        self._url = url.rstrip("/")
        self._executable = executable or None
        self._milliseconds = timeout * 1000
        self._screenshots = screenshots
        self._page: Any = None
        self._console: list[str] = []

    @contextlib.contextmanager
    def session(self) -> Iterator[Browser]:
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=self._executable, args=list(FLAGS), timeout=self._milliseconds)
                try:
                    self._page = browser.new_page(ignore_https_errors=False)
                    self._page.set_default_timeout(self._milliseconds)
                    self._page.on("console", lambda message: self._console.append(message.text) if message.type == "error" else None)
                    self._page.on("pageerror", lambda error: self._console.append(str(error)))
                    yield self
                finally:
                    browser.close()
        except PlaywrightError as error:
            raise UpgradeError(
                f"The browser cannot do the spot check: {_first_line(error)}.", next_step="Check ampora_url and ampora_browser_path."
            ) from error

    def log_in(self, login: Mapping[str, str]) -> None:
        """From the start page through the identity provider and back; the password is only typed into its field."""
        try:
            self._page.goto(self._url + "/")
            self._page.click(login["start_selector"])
            self._page.fill(login["username_selector"], login["username"])
            self._page.fill(login["password_selector"], login["password"])
            self._page.click(login["submit_selector"])
            self._page.wait_for_url(self._url + "/**")
        except PlaywrightError as error:
            where = str(self._page.url).split("?", 1)[0]
            raise UpgradeError(
                f"The login as {login['username']} does not come back to {self._url}; it ends at {where}: {_first_line(error)}.",
                next_step="Check the identity provider, ampora_login_* and the redirect URI.",
            ) from error

    def look(self, name: str, path: str, version_selector: str) -> PageReport:
        """Open a page; its status, its errors, the version in its footer, and a screenshot."""
        report = PageReport(name, path)
        self._console.clear()
        try:
            response = self._page.goto(self._url + path, wait_until="load")
            report.status = response.status if response else 0
            found = self._page.locator(version_selector)
            report.version = found.first.inner_text().strip() if found.count() else ""
        except PlaywrightError as error:
            report.errors.append(_first_line(error))
        report.errors += self._console
        if self._screenshots is not None:
            file = self._screenshots / f"{_slug(name)}.png"
            self._page.screenshot(path=str(file))
            report.screenshot = str(file)
        return report


def problems(reports: Sequence[PageReport], wanted: str) -> list[str]:
    """What is wrong with the pages, in words; `wanted` is the version that every footer must show."""
    found = []
    for report in reports:
        if report.status != 200:
            found.append(f"{report.name} ({report.path}) answers {report.status}")
        elif report.version.removeprefix("v") != wanted:
            found.append(f"{report.name} shows the version {report.version or 'nowhere'}, not {wanted}")
        found += [f"{report.name}: {error[:200]}" for error in report.errors]
    return found


def _slug(name: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in name.lower())[:40]


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300].rstrip(".")
