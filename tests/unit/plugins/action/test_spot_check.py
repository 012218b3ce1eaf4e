# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.plugin_utils import browser as browser_module

from tests.unit.doubles.browser import FakeBrowser, Shown
from tests.unit.doubles.database import PASSWORD
from tests.unit.doubles.stage import Stage

URL = "http://ampora.example"
LOGIN = {
    "username": "alice",
    "password": PASSWORD,
    "start_selector": "#start",
    "username_selector": "#user",
    "password_selector": "#pass",
    "submit_selector": "#go",
}
ARGS: dict[str, Any] = {
    "url": URL,
    "pages": [{"name": "Agents", "path": "/agents"}, {"name": "Packages", "path": "/packages"}],
    "version_selector": "footer",
    "login": LOGIN,
    "target_version": "1.5.0",
}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeBrowser:
    found = FakeBrowser()
    monkeypatch.setattr(browser_module, "sync_playwright", found)
    return found


def test_all_is_well(stage: Stage, fake: FakeBrowser, tmp_path: Path) -> None:
    result = stage.run("spot_check", **ARGS, screenshots=str(tmp_path))
    assert (result["changed"], result["skipped_browser"]) == (False, False)
    assert [(page["name"], page["status"], page["version"]) for page in result["pages"]] == [
        ("Agents", 200, "v1.5.0"),
        ("Packages", 200, "v1.5.0"),
    ]
    assert all(Path(page["screenshot"]).parent.name == "screenshots" and Path(page["screenshot"]).exists() for page in result["pages"])
    assert stage.journals() == [("spot_check", "ended", [("spot_check", "ended")])]
    assert stage.said() == ["spot_check: logged in as alice; Agents, Packages render, and the footer says 1.5.0"]
    assert fake.acts[-1] == "close"


def test_the_password_is_nowhere_but_in_its_field(stage: Stage, fake: FakeBrowser) -> None:
    result = stage.run("spot_check", **ARGS)
    assert f"fill #pass {PASSWORD}" in fake.acts
    assert PASSWORD not in str(result) + str(stage.cluster.bodies) + str(stage.said())


@pytest.mark.parametrize("given", ["", "1.5.0"])  # on a path, the input is the end of it and not this run's hop
def test_in_a_run_the_plan_says_which_version(stage: Stage, fake: FakeBrowser, given: str) -> None:
    stage.run("journal", state="opened", plan={"target": {"version": "1.4.2"}})
    result = stage.run("spot_check", **{**ARGS, "target_version": given})
    found = ["Agents shows the version v1.5.0, not 1.4.2", "Packages shows the version v1.5.0, not 1.4.2"]
    assert (result["msg"], result["evidence"]) == (f"The spot check finds: {'; '.join(found)}.", found)
    assert stage.journals() == [("upgrade", None, [("spot_check", "failed")])]
    assert fake.acts[-1] == "close"


def test_what_is_broken_is_named(stage: Stage, fake: FakeBrowser) -> None:
    fake.pages[f"{URL}/agents"] = Shown(500)
    assert stage.run("spot_check", **ARGS)["msg"] == "The spot check finds: Agents (/agents) answers 500."


def test_no_version_to_expect(stage: Stage, fake: FakeBrowser) -> None:
    result = stage.run("spot_check", **{**ARGS, "target_version": ""})
    assert result["msg"] == ("ampora_target_version is empty and no run is open. Next: Set ampora_target_version to the version to expect.")
    assert fake.acts == []


@pytest.mark.parametrize(
    ("mode", "check", "skipped", "line"),
    [
        ("browser", True, False, "would log in and look at Agents, Packages"),
        ("none", False, True, "the browser part is skipped (ampora_spot_check is none)"),
        ("none", True, True, "the browser part is skipped (ampora_spot_check is none)"),
    ],
)
def test_without_a_browser(stage: Stage, fake: FakeBrowser, mode: str, check: bool, skipped: bool, line: str) -> None:
    result = stage.run("spot_check", check=check, **ARGS, mode=mode)
    assert (result["changed"], result["skipped_browser"], result["pages"]) == (False, skipped, [])
    assert stage.said() == [f"spot_check: {line}"]
    assert (fake.acts, stage.cluster.writes) == ([], [])
