# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What needs no browser; everything else is asked of a real one in tests/integration/test_browser.py."""

from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.spot_check import browser as browser_module
from ansible_collections.ampora.upgrades.plugins.plugin_utils.spot_check.browser import Browser, slug

SELECTORS = {"version": "footer", "error": "none", "start": ""}


def browser(executable: str = "") -> Browser:
    return Browser(url="https://ampora.example/", executable=executable, seconds=20, screenshots=None, selectors=SELECTORS)


def test_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_module, "sync_playwright", None)
    with pytest.raises(UpgradeError) as error:
        browser()
    assert str(error.value) == (
        "ampora_spot_check wants a browser, and the Python package playwright is not installed on the controller."
        " Next: Install playwright, or set ampora_spot_check to api or none."
    )


def test_no_browser() -> None:
    with pytest.raises(UpgradeError) as error, browser("/nowhere/chromium").session():
        pytest.fail("there is no session")
    assert "The browser cannot do the spot check: " in str(error.value)
    assert "/nowhere/chromium" in str(error.value)
    assert str(error.value).endswith(". Next: Check ampora_url and ampora_browser_path.")


def test_names_of_files() -> None:
    assert slug("All agents / Süd") == "all-agents---süd"
    assert len(slug("x" * 100)) == 40
