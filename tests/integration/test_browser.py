# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The browser port with a real Chromium: every form of login that people meet, broken pages, and what a screenshot may show."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.oidc import diagnose
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.pages import problems
from ansible_collections.ampora.upgrades.plugins.plugin_utils.spot_check.browser import Browser, LoginError

from tests.sandbox.packages import CHROMIUM
from tests.support.site import PASSWORD, SCRIPT, USER, Site, serve

LOGIN: dict[str, Any] = {
    "username": USER,
    "password": PASSWORD,
    "start_selector": "text=Log in",
    "username_selector": "input[name=login]:visible",
    "password_selector": "input[name=password]",
    "submit_selector": "button[type=submit]",
    "accept_selectors": [],
    "error_selector": "[role=alert]",
}
SELECTORS = {"version": "footer [data-testid=version]", "error": "#blazor-error-ui", "start": "text=Log in"}

Open = Callable[..., Browser]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    sessions: list[AbstractContextManager[Browser]] = []

    def start(site: Site, seconds: float = 30, **more: Any) -> Browser:
        close()  # playwright has one browser at a time
        options: dict[str, Any] = {
            "url": site.home,
            "executable": CHROMIUM,
            "seconds": seconds,
            "screenshots": tmp_path,
            "selectors": SELECTORS,
        }
        session = Browser(**(options | more)).session()
        sessions.append(session)
        return session.__enter__()

    def close() -> None:
        while sessions:
            sessions.pop().__exit__(None, None, None)

    yield start
    close()


@pytest.mark.parametrize(
    ("site", "login"),
    [
        (Site(), {}),
        (Site(two_pages=True), {}),
        (Site(wall=True, consent=True), {"accept_selectors": ["#agree", "#yes"]}),
        (Site(title="Leitstand Süd"), {}),
    ],
    ids=["plain", "two pages", "login wall and consent", "another title"],
)
def test_a_person_gets_in(site: Site, login: dict[str, Any], opened: Open, tmp_path: Path) -> None:
    with serve(site):
        browser = opened(site)
        browser.log_in(LOGIN | login)
        report = browser.look("Fleet", "/fleet", screenshot="fleet")
        assert (report.status, report.version, report.errors, report.landed) == (200, "1.5.0", [], "")
        assert problems([report], "1.5.0") == []
        assert (tmp_path / "fleet.png").read_bytes().startswith(b"\x89PNG")
        # The same person at another address of the same application.
        again = browser.look_at(site.home, "pod-1", "Dashboard", "/")
        assert (again.status, again.version, again.errors) == (200, "1.5.0", [])


@pytest.mark.parametrize(
    ("site", "login", "words", "fault"),
    [
        (Site(), {"password": "not-it"}, "Invalid username or password", "does not accept the user or the password"),
        (Site(refuse="Invalid parameter: redirect_uri"), {}, "the page answers 400", "does not know the redirect URI"),
        (Site(callback_status=500), {}, "/signin-oidc: the page answers 500", ""),
        (Site(consent=True), {}, "it does not come back", ""),
        (Site(), {"start_selector": "text=Enter"}, "there is nothing to log in with", ""),
    ],
    ids=["password", "redirect", "callback", "consent", "no start"],
)
def test_a_login_that_fails_says_where_and_why(
    site: Site, login: dict[str, Any], words: str, fault: str, opened: Open, tmp_path: Path
) -> None:
    given = LOGIN | login
    with serve(site), pytest.raises(LoginError) as error:
        opened(site, seconds=6).log_in(given)
    text = str(error.value)
    assert words in text
    assert "s3cr3t" not in text and given["password"] not in text
    found = diagnose([*error.value.said, error.value.page])
    assert fault in found.text if found else not fault, found
    assert (tmp_path / "login.png").exists(), "what a person would look at first"


# The largest difference of a colour between two pictures, 0 to 255.
DIFFERENCE = """async pictures => {
  const colours = async text => {
    const image = new Image()
    image.src = `data:image/png;base64,${text}`
    await image.decode()
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d')
    context.drawImage(image, 0, 0)
    return context.getImageData(0, 0, image.width, image.height).data
  }
  const [one, other] = [await colours(pictures[0]), await colours(pictures[1])]
  return one.length === other.length ? one.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at])), 0) : 255
}"""
ONE_SHADE = 2  # of 255: a rounded corner is not drawn the same each time


def test_no_screenshot_has_the_password(opened: Open, tmp_path: Path) -> None:
    """The field is emptied and covered, so that the same page looks the same whatever was typed."""
    shots = []
    for number, (password, site) in enumerate(
        [("a", Site()), ("a-much-longer-password-than-that", Site()), ("a", Site(refuse="Invalid parameter: redirect_uri"))]
    ):
        with serve(site), pytest.raises(LoginError):
            browser = opened(site, screenshots=tmp_path / str(number))
            browser.log_in(LOGIN | {"password": password})
        shots.append(base64.b64encode((tmp_path / str(number) / "login.png").read_bytes()).decode())
    page = browser._browser.new_page()
    assert page.evaluate(DIFFERENCE, shots[:2]) <= ONE_SHADE
    assert page.evaluate(DIFFERENCE, shots[1:]) > ONE_SHADE, "another page looks another way"


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        (Site(version="1.4.2"), ["Fleet shows the version 1.4.2, not 1.5.0"]),
        (Site(footer="<footer>{title} v{version}+build.7</footer>"), ["Fleet shows the version nowhere, not 1.5.0"]),
        (Site(status={"/fleet": 500}), ["Fleet (/fleet) answers 500"]),
        (Site(extra={"/fleet": SCRIPT.format("console.error('broken?token=abc')")}), ["Fleet: broken?token=abc"]),
        (Site(extra={"/fleet": SCRIPT.format("null.x")}), ["Fleet: Cannot read properties of null (reading 'x')"]),
        (
            Site(extra={"/fleet": '<img src="/gone.png?token=abc" alt="">'}, status={"/gone.png": 404}),
            ["Fleet: GET {home}/gone.png answers 404"],
        ),
        (
            Site(extra={"/fleet": '<div id="blazor-error-ui">An unhandled error has occurred.</div>'}),
            ["Fleet: it shows an error: An unhandled error has occurred."],
        ),
        (Site(extra={"/fleet": '<div id="blazor-error-ui" style="display:none">hidden</div>'}), []),
        (Site(extra={"/fleet": '<img src="http://127.0.0.1:9/elsewhere.png" alt="">'}), []),
        (Site(extra={"/fleet": "<script>location = '/login'</script>"}), None),
    ],
)
def test_what_a_page_does_wrong(site: Site, expected: list[str] | None, opened: Open) -> None:
    with serve(site):
        browser = opened(site)
        browser.log_in(LOGIN)
        report = browser.look("Fleet", "/fleet")
        found = problems([report], "1.5.0")
    if expected is None:
        assert found != []
    else:
        assert found == [text.format(home=site.home) for text in expected]


def test_what_a_person_expects_does_not_count(opened: Open) -> None:
    site = Site(extra={"/fleet": SCRIPT.format("console.error('ResizeObserver loop')")})
    with serve(site):
        browser = opened(site, ignore=["^ResizeObserver"])
        browser.log_in(LOGIN)
        assert browser.look("Fleet", "/fleet").errors == []


def test_a_page_that_renders_late(opened: Open) -> None:
    """Blazor renders after the page has loaded, and so do errors."""
    late = "setTimeout(() => { document.querySelector('footer').innerHTML = '<b data-testid=version>v1.5.0</b>' }, 700)"
    site = Site(footer="<footer></footer>", extra={"/fleet": ""})
    site.footer = f"<footer></footer>{SCRIPT.format(late)}".replace("{", "{{").replace("}", "}}")
    with serve(site):
        browser = opened(site)
        browser.log_in(LOGIN)
        report = browser.look("Fleet", "/fleet")
    assert (report.version, problems([report], "1.5.0")) == ("v1.5.0", [])


def test_all_of_it_ends_in_time(opened: Open) -> None:
    site = Site(extra={"/fleet": "<script>while (true) {}</script>"})
    with serve(site):
        browser = opened(site, seconds=5)
        browser.log_in(LOGIN)
        reports = [browser.look(name, f"/{name}") for name in ("fleet", "configurations")]
    assert problems(reports, "1.5.0") == [
        "fleet: it is not there in time (ampora_browser_timeout)",
        "configurations: there was no time left for it (ampora_browser_timeout)",
    ]
