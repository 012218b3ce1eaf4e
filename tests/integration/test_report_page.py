# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's pages in a real browser: valid HTML, no fault that axe-core knows, and readable however wide, dark or printed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.sandbox.build import npm_package
from tests.sandbox.packages import CHROMIUM
from tests.support import reports
from tests.support.playbook import ROOT

PAGES = reports.pages()
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage"]


@pytest.fixture(scope="module")
def tools() -> Path:
    return npm_package(ROOT / "tests" / "integration" / "page") / "node_modules"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    found = {name: folder / f"{name.replace(' ', '-')}.html" for name in PAGES}
    for name, file in found.items():
        file.write_text(PAGES[name], encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


def validate(tools: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    config = files[0].parent / ".htmlvalidate.json"
    config.write_text(json.dumps({"root": True, "extends": ["html-validate:recommended"]}), encoding="utf-8")
    program = tools / "html-validate" / "bin" / "html-validate.js"
    argv = ["node", str(program), f"--config={config}", "--formatter=text", *map(str, files)]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)


def test_the_html_is_valid(tools: Path, files: dict[str, Path], tmp_path: Path) -> None:
    done = validate(tools, *files.values())
    assert (done.returncode, done.stdout) == (0, ""), done.stdout[:5000] + done.stderr
    wrong = tmp_path / "wrong.html"
    wrong.write_text(PAGES["empty"].replace("</main>", '<p id="findings"><div></div></p></main>'), encoding="utf-8")
    assert "no-dup-id" in validate(tools, wrong).stdout, "the validator is at work"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(tools: Path, files: dict[str, Path], browser: Any, scheme: str) -> None:
    """With every part opened. bypass_csp lets the test's own script in, which the page's policy would refuse."""
    axe = (tools / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    found = []
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    for name, file in files.items():
        page = context.new_page()
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
        page.evaluate(axe)
        violations = page.evaluate("axe.run().then(found => found.violations)")
        assert page.evaluate("axe.run().then(found => found.passes.length)") > 10, "the rules are at work"
        found += [f"{name}: {item['id']}: {item['nodes'][0]['html'][:200]}" for item in violations]
        page.close()
    context.close()
    assert found == []


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(files: dict[str, Path], browser: Any, width: int) -> None:
    for name, file in files.items():
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, name
        page.close()


def test_hostile_text_runs_nothing_and_loads_nothing(files: dict[str, Path], browser: Any) -> None:
    said: list[str] = []
    page: Page = browser.new_page()
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: said.append(request.url) if not request.url.startswith(("file:", "data:")) else None)
    page.on("console", lambda message: said.append(message.text))
    page.goto(files["hostile"].as_uri())
    assert said == []
    assert page.locator("script").count() == 0
    assert "{{ 7 * 7 }}" in page.inner_text("main") and "49" not in page.inner_text("header")
    page.close()


def test_all_of_it_can_be_reached_by_the_keyboard(files: dict[str, Path], browser: Any) -> None:
    page: Page = browser.new_page()
    page.goto(files["upgraded"].as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the findings"
    closed = page.locator("details:not([open]) > summary").first
    closed.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open") is True
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", "where one is can be seen"
    page.close()


def test_the_next_command_is_marked_as_a_whole(files: dict[str, Path], browser: Any) -> None:
    page: Page = browser.new_page()
    page.goto(files["held"].as_uri())
    page.click("code.command")
    assert page.evaluate("getSelection().toString().trim()").startswith("ansible-playbook ampora.upgrades.rollback -e ampora_run_id=")
    page.close()


def test_print_shows_the_evidence_and_leaves_the_rest_out(files: dict[str, Path], browser: Any) -> None:
    page: Page = browser.new_page()
    page.goto(files["refused"].as_uri())
    page.emulate_media(media="print")
    closed = page.locator("details.evidence:not([open]) li").first
    assert closed.is_visible()
    assert not page.locator("nav").is_visible()
    page.goto(files["upgraded"].as_uri())
    assert not page.locator("details.more summary").first.is_visible()
    page.close()
