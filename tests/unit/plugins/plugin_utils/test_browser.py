# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils import browser as browser_module
from ansible_collections.ampora.upgrades.plugins.plugin_utils.browser import Browser, PageReport, problems

from tests.unit.doubles.browser import FakeBrowser, Shown

URL = "https://ampora.example"
PASSWORD = "s3cret-pass"
LOGIN = {
    "username": "alice",
    "password": PASSWORD,
    "start_selector": "#start",
    "username_selector": "#user",
    "password_selector": "#pass",
    "submit_selector": "#go",
}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeBrowser:
    found = FakeBrowser()
    monkeypatch.setattr(browser_module, "sync_playwright", found)
    return found


def browser(screenshots: Path | None = None, executable: str = "") -> Browser:
    return Browser(url=f"{URL}/", executable=executable, timeout=30, screenshots=screenshots)


def look(fake: FakeBrowser, shown: Shown, screenshots: Path | None = None) -> PageReport:
    fake.pages[f"{URL}/agents"] = shown
    with browser(screenshots).session() as found:
        return found.look("All agents", "/agents", "footer .version")


# --- the judgement


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (PageReport("Agents", "/agents", 200, "1.5.0"), []),
        (PageReport("Agents", "/agents", 200, "v1.5.0"), []),
        (PageReport("Agents", "/agents", 200, "1.4.2"), ["Agents shows the version 1.4.2, not 1.5.0"]),
        (PageReport("Agents", "/agents", 200, ""), ["Agents shows the version nowhere, not 1.5.0"]),
        (PageReport("Agents", "/agents", 500, "1.4.2"), ["Agents (/agents) answers 500"]),
        (PageReport("Agents", "/agents", 0), ["Agents (/agents) answers 0"]),
        (PageReport("Agents", "/agents", 200, "1.5.0", ["x" * 300]), [f"Agents: {'x' * 200}"]),
        (PageReport("Agents", "/agents", 404, "", ["a", "b"]), ["Agents (/agents) answers 404", "Agents: a", "Agents: b"]),
    ],
)
def test_problems(report: PageReport, expected: list[str]) -> None:
    assert problems([report], "1.5.0") == expected


def test_problems_of_all_pages_come_together() -> None:
    reports = [PageReport("A", "/a", 500), PageReport("B", "/b", 200, "1.5.0"), PageReport("C", "/c", 200, "1.4.2")]
    assert problems(reports, "1.5.0") == ["A (/a) answers 500", "C shows the version 1.4.2, not 1.5.0"]
    assert problems([], "1.5.0") == []


# --- the browser


def test_a_login_as_a_person_does_it(fake: FakeBrowser) -> None:
    with browser(executable="/usr/bin/chromium").session() as found:
        found.log_in(LOGIN)
    assert fake.acts == [
        f"open {URL}/",
        "click #start",
        "fill #user alice",
        f"fill #pass {PASSWORD}",
        "click #go",
        f"wait for {URL}/**",
        "close",
    ]
    assert (fake.launched["executable_path"], fake.launched["timeout"], fake.launched["default"]) == ("/usr/bin/chromium", 30000, 30000)
    assert fake.launched["ignore_https_errors"] is False
    assert "--disable-component-update" in fake.launched["args"]


def test_a_login_that_does_not_come_back(fake: FakeBrowser) -> None:
    fake.login_error = "Timeout 30000ms exceeded.\nCall log: ..."
    with pytest.raises(UpgradeError) as error, browser().session() as found:
        found.log_in(LOGIN)
    assert str(error.value) == (
        f"The login as alice does not come back to {URL}; it ends at https://id.example/login: Timeout 30000ms exceeded."
        " Next: Check the identity provider, ampora_login_* and the redirect URI."
    )
    assert fake.acts[-1] == "close"
    assert PASSWORD not in str(error.value)


@pytest.mark.parametrize("words", ["Executable doesn't exist.\nmore", "Executable doesn't exist"])
def test_a_browser_that_does_not_start(fake: FakeBrowser, words: str) -> None:
    fake.launch_error = words
    with pytest.raises(UpgradeError) as error, browser().session():
        pytest.fail("there is no session")
    assert str(error.value) == (
        "The browser cannot do the spot check: Executable doesn't exist. Next: Check ampora_url and ampora_browser_path."
    )


def test_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_module, "sync_playwright", None)
    with pytest.raises(UpgradeError) as error:
        browser()
    assert str(error.value) == (
        "ampora_spot_check is browser, and the Python package playwright is not installed on the controller."
        " Next: Install playwright, or set ampora_spot_check to none."
    )


def test_a_page(fake: FakeBrowser, tmp_path: Path) -> None:
    report = look(fake, Shown(), tmp_path)
    file = str(tmp_path / "all-agents.png")
    assert report.to_dict() == {
        "name": "All agents",
        "path": "/agents",
        "status": 200,
        "version": "v1.5.0",
        "errors": [],
        "screenshot": file,
    }
    assert Path(file).exists()


@pytest.mark.parametrize(
    ("shown", "status", "version", "errors"),
    [
        (Shown(500, None), 500, "", []),
        (Shown(0), 0, "v1.5.0", []),
        (Shown(console=[("error", "a"), ("warning", "b"), ("pageerror", "c")]), 200, "v1.5.0", ["a", "c"]),
        (Shown(error="net::ERR_CONNECTION_REFUSED.\nCall log"), 0, "", ["net::ERR_CONNECTION_REFUSED"]),
        (Shown(error=""), 200, "v1.5.0", []),
    ],
)
def test_what_a_page_shows(fake: FakeBrowser, shown: Shown, status: int, version: str, errors: list[str]) -> None:
    report = look(fake, shown)
    assert (report.status, report.version, report.errors, report.screenshot) == (status, version, errors, "")


def test_the_errors_of_one_page_are_not_those_of_the_next(fake: FakeBrowser) -> None:
    fake.pages[f"{URL}/a"] = Shown(console=[("error", "broken")])
    with browser().session() as found:
        reports = [found.look(name, f"/{name}", "footer") for name in ("a", "b")]
    assert [report.errors for report in reports] == [["broken"], []]
