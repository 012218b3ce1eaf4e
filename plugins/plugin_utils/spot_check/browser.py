# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The browser port: log in over OIDC as a person does, look at pages, read the version, take screenshots.

playwright is an optional package; the browser is the system's own (`ampora_browser_path`) or playwright's. The password
is typed into its field and is nowhere else: no screenshot is taken while it is there, and it is covered besides.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

try:
    from playwright.sync_api import Error as PlaywrightError
    from playwright.sync_api import TimeoutError as PlaywrightTimeout
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None  # type: ignore[assignment]

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.login import MOST_MOVES, Given, Move, Seen, next_move
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.pages import (
    PageReport,
    led_astray,
    wanted_words,
    without_query,
)

# Without these the browser asks its maker's servers for updates while it checks ours.
FLAGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
VIEWPORT = {"width": 1280, "height": 800}
VERSION_MILLISECONDS = 5000  # a page that renders in the browser may show its footer after it has loaded
QUIET_MILLISECONDS = 250  # for what a page says once it is there
POLL_MILLISECONDS = 100
# A request that the browser itself gave up, mostly because the next page was opened.
ABORTED = "net::ERR_ABORTED"
# The console's own line about a request that failed, which is recorded with its address.
LOADING = "Failed to load resource:"
TIME_IS_UP = "there was no time left for it (ampora_browser_timeout)"


class LoginError(UpgradeError):
    """The login did not succeed; `said` is what the identity provider complains of, `page` all that the last page shows."""

    def __init__(self, message: str, said: Sequence[str], page: str) -> None:
        super().__init__(message)
        self.said = tuple(text for text in said if text)
        self.page = page


@dataclass
class Heard:
    """What a page has said and asked for since it was last asked."""

    home: str
    console: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    status: int = 0  # of the last document

    def listen(self, page: Any) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _said(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith(LOADING):
            self.console.append(message.text)

    def _failed(self, request: Any) -> None:
        if request.failure != ABORTED and not request.is_navigation_request() and self._own(request):
            self.failed.append(f"{request.method} {request.url} fails: {request.failure}")

    def _answered(self, response: Any) -> None:
        request = response.request
        document = request.is_navigation_request() and request.frame.parent_frame is None
        if document:
            self.status = response.status
        elif response.status >= 400 and self._own(request):
            self.failed.append(f"{request.method} {request.url} answers {response.status}")

    def _own(self, request: Any) -> bool:
        """What other places do (a font, statistics) is not the application's."""
        return bool(request.url.startswith(f"{self.home}/"))


class Browser:
    """One browser for one spot check, all of which ends after `seconds`."""

    def __init__(
        self,
        *,
        url: str,
        executable: str,
        seconds: float,
        screenshots: Path | None,
        selectors: Mapping[str, str],
        ignore: Sequence[str] = (),
    ) -> None:
        if sync_playwright is None:
            raise UpgradeError(
                "ampora_spot_check wants a browser, and the Python package playwright is not installed on the controller.",
                next_step="Install playwright, or set ampora_spot_check to api or none.",
            )
        self.url = url.rstrip("/")
        self._executable = executable or None
        self._until = time.monotonic() + seconds
        self._screenshots = screenshots
        self._selectors = selectors
        self._ignore = ignore
        self._browser: Any = None
        self._page: Any = None
        self._heard = Heard(self.url)

    @contextlib.contextmanager
    def session(self) -> Iterator[Browser]:
        try:
            with sync_playwright() as playwright:
                self._browser = playwright.chromium.launch(executable_path=self._executable, args=list(FLAGS), timeout=self._left())
                try:
                    self._page = self._browser.new_context(viewport=VIEWPORT).new_page()
                    self._heard.listen(self._page)
                    yield self
                finally:
                    self._browser.close()
        except PlaywrightError as error:
            raise UpgradeError(
                f"The browser cannot do the spot check: {_first_line(error)}.", next_step="Check ampora_url and ampora_browser_path."
            ) from error

    # --- logging in

    def log_in(self, login: Mapping[str, Any]) -> None:
        """From the start page through the identity provider and back."""
        given, before = Given(), ""
        try:
            self._page.goto(self.url + "/", timeout=self._left())
            moves = 0
            while moves < MOST_MOVES and self.time_left():
                seen, complaint = self._seen(login, before)
                move = next_move(seen, given)
                if move == "done":
                    return
                if move == "failed":
                    raise self._failure(login, complaint or f"the page answers {seen.status}", complaint)
                if move == "wait":
                    self._page.wait_for_timeout(POLL_MILLISECONDS)
                    continue
                moves += 1
                before = self._text(login["error_selector"]) if move == "password" else before
                self._make(move, login)
                given = replace(given, **{move: True}) if move != "accept" else given
        except PlaywrightError as error:
            raise self._failure(login, _words(error), "") from error
        raise self._failure(login, "it does not come back" if given.password else "there is nothing to log in with", "")

    def _seen(self, login: Mapping[str, Any], before: str) -> tuple[Seen, str]:
        """What the page shows, and its complaint; one that was there before the password was given is none."""
        self._page.wait_for_load_state("load", timeout=self._left())
        text = self._text(login["error_selector"])
        complaint = text if text != before else ""
        seen = Seen(
            home=self._page.url == self.url or self._page.url.startswith(self.url + "/"),
            status=self._heard.status,
            start=self._shown(login["start_selector"]),
            username=self._shown(login["username_selector"]),
            password=self._shown(login["password_selector"]),
            accept=any(self._shown(selector) for selector in login["accept_selectors"]),
            complaint=complaint,
        )
        return seen, complaint

    def _make(self, move: Move, login: Mapping[str, Any]) -> None:
        if move == "start":
            self._click(login["start_selector"])
        elif move == "accept":
            self._click(next(selector for selector in login["accept_selectors"] if self._shown(selector)))
        else:
            # The name again where both are asked for: some forms forget it.
            if self._shown(login["username_selector"]):
                self._page.fill(login["username_selector"], login["username"], timeout=self._left())
            if move == "password":
                self._page.fill(login["password_selector"], login["password"], timeout=self._left())
            self._click(login["submit_selector"])

    def _click(self, selector: str) -> None:
        self._page.locator(selector).first.click(timeout=self._left())

    def _failure(self, login: Mapping[str, Any], why: str, complaint: str) -> LoginError:
        """Where it ended and why; the address without its query, which may hold a code."""
        parts = urlsplit(str(self._page.url))
        answered, page = parse_qs(parts.query), ""
        with contextlib.suppress(PlaywrightError):
            page = str(self._page.locator("body").inner_text(timeout=1000))[:1000]
            self._shoot("login", login["password_selector"])
        where = f"{parts.scheme}://{parts.netloc}{parts.path}"
        said = [complaint, *answered.get("error_description", []), *answered.get("error", [])]
        return LoginError(f"The login as {login['username']} ends at {where}: {without_query(why).rstrip('.')}.", said, page)

    # --- looking

    def look(self, name: str, path: str, *, screenshot: str = "") -> PageReport:
        """Open a page: its status, its errors, the version in its footer, and a screenshot."""
        return self._look(self._page, self._heard, PageReport(name, path), self.url, screenshot)

    def look_at(self, base: str, pod: str, name: str, path: str) -> PageReport:
        """The same page from another address, as the same person, by connections of its own."""
        report = PageReport(name, path, pod=pod)
        home = urlsplit(self.url)
        headers = {"X-Forwarded-Proto": home.scheme, "X-Forwarded-Host": home.netloc} if base != self.url else {}
        context = self._browser.new_context(viewport=VIEWPORT, extra_http_headers=headers)
        try:
            context.add_cookies(
                [{"name": cookie["name"], "value": cookie["value"], "url": base} for cookie in self._page.context.cookies(self.url)]
            )
            page, heard = context.new_page(), Heard(base)
            heard.listen(page)
            return self._look(page, heard, report, base, "")
        except PlaywrightError as error:  # e.g. a cookie that the address may not have
            report.errors.append(_words(error))
            return report
        finally:
            context.close()

    def texts(self, selector: str) -> list[str]:
        """The texts of the matching elements of the page that is open."""
        try:
            return [without_query(text) for text in self._page.locator(selector).all_inner_texts() if text.strip()]
        except PlaywrightError:
            return []

    def time_left(self) -> bool:
        return self._until > time.monotonic()

    def _look(self, page: Any, heard: Heard, report: PageReport, base: str, screenshot: str) -> PageReport:
        began = time.monotonic()
        heard.console.clear()
        heard.failed.clear()
        if not self.time_left():
            report.errors.append(TIME_IS_UP)
            return report
        try:
            response = page.goto(base + report.path, wait_until="load", timeout=self._left())
            report.status = response.status if response else 0
            report.landed = led_astray(base + report.path, page.url)
            if report.status == 200 and not report.landed:
                report.version = self._version(page)
            page.wait_for_timeout(min(QUIET_MILLISECONDS, self._left()))
            shown = page.locator(self._selectors["error"])
            heard.console += [f"it shows an error: {shown.nth(n).inner_text()}" for n in range(shown.count()) if shown.nth(n).is_visible()]
            if self._selectors["start"] and not report.landed and page.locator(self._selectors["start"]).first.is_visible():
                heard.console.append("nobody is logged in there")
            report.screenshot = self._shoot(screenshot) if screenshot else ""
        except PlaywrightError as error:
            heard.console.append(_words(error))
        report.errors = wanted_words(map(without_query, heard.console), self._ignore)
        report.failed_requests = wanted_words(map(without_query, heard.failed), self._ignore)
        report.seconds = round(time.monotonic() - began, 2)
        return report

    def _version(self, page: Any) -> str:
        found = page.locator(self._selectors["version"]).first
        try:
            found.wait_for(state="attached", timeout=min(VERSION_MILLISECONDS, self._left()))
            return str(found.inner_text()).strip()
        except PlaywrightTimeout:
            return ""

    def _shoot(self, name: str, password_selector: str = "") -> str:
        """The file's name below the run's folder; a password field is emptied and covered."""
        if self._screenshots is None:
            return ""
        fields = [self._page.locator("input[type=password]")]
        if password_selector:
            fields.append(self._page.locator(password_selector))
        for locator in fields:
            for number in range(locator.count()):
                locator.nth(number).fill("", timeout=1000)
        file = self._screenshots / f"{name}.png"
        self._page.screenshot(path=str(file), mask=fields, timeout=5000)
        return f"{self._screenshots.name}/{file.name}"

    def _shown(self, selector: str) -> bool:
        return bool(selector) and bool(self._page.locator(selector).first.is_visible())

    def _text(self, selector: str) -> str:
        if not selector:
            return ""
        found = [text.strip() for text in self._page.locator(selector).all_inner_texts()]
        return " ".join(text for text in found if text)[:300]

    def _left(self) -> int:
        """Milliseconds until the end; playwright takes 0 as "without end"."""
        return max(1, round((self._until - time.monotonic()) * 1000))


def slug(name: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in name.lower())[:40]


def _words(error: Exception) -> str:
    return "it is not there in time (ampora_browser_timeout)" if isinstance(error, PlaywrightTimeout) else _first_line(error)


def _first_line(error: Exception) -> str:
    return without_query(str(error).strip().splitlines()[0]).rstrip(".")
