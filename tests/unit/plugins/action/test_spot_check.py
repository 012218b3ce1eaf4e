# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.pages import PageReport
from ansible_collections.ampora.upgrades.plugins.plugin_utils.spot_check import spot_check
from ansible_collections.ampora.upgrades.plugins.plugin_utils.spot_check.browser import LoginError

from tests.unit.doubles.browser import FakeBrowser
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
    "api": {"url": URL, "token": "amp-pat.x.y"},
}
PODS = [f"ampora-web-7c9b-{number}" for number in range(3)]
FINDING = {"id": "deprecated-in-use", "evidence": ['"OpAmp:LegacyHeartbeat": 12 times: "OpAmp:LegacyHeartbeat is deprecated"']}
BANNER = "Deprecated: OpAmp:LegacyHeartbeat will be removed in 2.0.0."


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeBrowser:
    found = FakeBrowser()
    monkeypatch.setattr(spot_check, "Browser", found)
    return found


@pytest.fixture
def reachable(monkeypatch: pytest.MonkeyPatch, stage: Stage) -> None:
    """Every pod is ready and can be reached by its address."""
    for name in PODS:
        stage.cluster.objects["Pod", name]["status"]["conditions"] = [{"type": "Ready", "status": "True"}]

    @contextmanager
    def addresses(_cluster: Any, places: Any, _door: Any) -> Iterator[Any]:
        yield "pod address", {place.name: f"http://{place.name}" for place in places}

    monkeypatch.setattr(spot_check, "pod_addresses", addresses)


class Api:
    """The API's answers by its address."""

    broken: str = ""

    def __init__(self, options: dict[str, Any]) -> None:
        self.url = options["url"]

    def count(self, path: str) -> int:
        if self.broken and self.broken in self.url:
            raise UpgradeError(f"{self.url} answers GET {path} with 500.")
        return 7


@pytest.mark.usefixtures("reachable")
def test_all_is_well(stage: Stage, fake: FakeBrowser, tmp_path: Path) -> None:
    result = stage.run("spot_check", **ARGS, screenshots=str(tmp_path))
    assert (result["changed"], result["skipped_browser"], result["problems"]) == (False, False, [])
    assert [(page["name"], page["status"], page["version"], page["screenshot"]) for page in result["pages"]] == [
        ("Agents", 200, "v1.5.0", "screenshots/1-agents.png"),
        ("Packages", 200, "v1.5.0", "screenshots/2-packages.png"),
    ]
    pods = result["pods"]
    assert (pods["way"], pods["expected"], pods["seen"]) == ("pod address", 3, 3)
    assert [(each["pod"], each["version"]) for each in pods["each"]] == [(name, "v1.5.0") for name in PODS]
    assert stage.journals() == [("spot_check", "ended", [("spot_check", "ended")])]
    (line,) = stage.said()
    assert line.startswith("spot_check: logged in as alice; Agents, Packages looked at for 1.5.0; 3 of 3 pods, each by its pod address; ")
    assert fake.acts[-1] == "close"
    assert fake.options["screenshots"].is_dir()


@pytest.mark.usefixtures("reachable", "fake")
def test_the_password_is_nowhere_but_in_its_field(stage: Stage, fake: FakeBrowser) -> None:
    result = stage.run("spot_check", **ARGS)
    assert f"log in as alice with {PASSWORD}" in fake.acts
    assert PASSWORD not in str(result) + str(stage.cluster.bodies) + str(stage.said())


@pytest.mark.usefixtures("reachable")
@pytest.mark.parametrize("given", ["", "1.5.0"])  # on a path, the input is the end of it and not this run's hop
def test_in_a_run_the_plan_says_which_version(stage: Stage, fake: FakeBrowser, given: str) -> None:
    stage.run("journal", state="opened", plan={"target": {"version": "1.4.2"}})
    result = stage.run("spot_check", **{**ARGS, "target_version": given})
    found = f"Agents, Packages and the pods {', '.join(PODS[:2])} and {PODS[2]} show the version v1.5.0, not 1.4.2"
    assert result["msg"].startswith(f"The spot check finds: {found}. Next: ")
    assert result["evidence"] == [found]
    assert stage.journals() == [("upgrade", None, [("spot_check", "failed")])]
    assert fake.acts[-1] == "close"


@pytest.mark.usefixtures("reachable")
def test_what_was_seen_until_it_failed_stays_in_the_journal(stage: Stage, fake: FakeBrowser) -> None:
    fake.pages[f"{URL}/agents"] = PageReport("", "", 500)
    assert "The spot check finds: Agents (/agents) answers 500." in stage.run("spot_check", **ARGS)["msg"]
    written = str(stage.cluster.bodies[-2:])
    assert '"status": 500' in written and '"problems": ["Agents (/agents) answers 500"]' in written


@pytest.mark.usefixtures("reachable")
def test_one_pod_that_shows_another_version(stage: Stage, fake: FakeBrowser) -> None:
    fake.pages[f"http://{PODS[1]}/agents"] = PageReport("", "", 200, "v1.4.2")
    assert stage.run("spot_check", **ARGS)["evidence"] == [f"the pod {PODS[1]} shows the version v1.4.2, not 1.5.0"]


def test_pods_that_are_not_ready(stage: Stage, fake: FakeBrowser) -> None:
    """And cannot be reached: the Service is asked instead, which does not say who answers."""
    result = stage.run("spot_check", **ARGS)
    assert result["evidence"] == [f"the pod {name} is not ready" for name in PODS]
    assert fake.acts.count(f"look {URL}/agents") == 1 + 12


@pytest.mark.usefixtures("reachable")
def test_a_pod_that_leads_to_the_public_address(stage: Stage, fake: FakeBrowser) -> None:
    fake.pages[f"http://{PODS[0]}/agents"] = PageReport("", "", 200, landed=f"{URL}/agents")
    pods = stage.run("spot_check", **ARGS)["pods"]
    assert (pods["way"], pods["seen"]) == ("Service", 12)
    assert "does not say which of them answered" in pods["text"]


@pytest.mark.usefixtures("reachable")
def test_banners_beside_what_the_logs_counted(stage: Stage, fake: FakeBrowser) -> None:
    fake.banners = [BANNER]
    stage.run("journal", state="opened", plan={"target": {"version": "1.5.0"}, "findings": [FINDING]})
    found = stage.run("spot_check", **ARGS, settings_path="/settings", deprecation_selector=".banner")["settings_page"]
    assert found == {"page": "/settings", "readable": True, "banners": [{"text": BANNER, "logged": 12}], "only_in_logs": {}}


@pytest.mark.usefixtures("reachable")
@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (PageReport("", "", 403), "it answers 403 to this user"),
        (PageReport("", "", 200, landed=f"{URL}/AccessDenied"), f"it leads to {URL}/AccessDenied"),
    ],
)
def test_a_user_who_may_not_see_the_settings(stage: Stage, fake: FakeBrowser, report: PageReport, reason: str) -> None:
    fake.pages[f"{URL}/settings"] = report
    result = stage.run("spot_check", **ARGS, settings_path="/settings")
    assert (result["problems"], result["settings_page"]["readable"], result["settings_page"]["reason"]) == ([], False, reason)


@pytest.mark.usefixtures("reachable")
def test_settings_that_are_broken(stage: Stage, fake: FakeBrowser) -> None:
    fake.pages[f"{URL}/settings"] = PageReport("", "", 500)
    assert stage.run("spot_check", **ARGS, settings_path="/settings")["evidence"] == ["Settings (/settings) answers 500"]


@pytest.mark.usefixtures("reachable")
def test_a_login_that_fails_is_explained_by_the_logs(stage: Stage, fake: FakeBrowser) -> None:
    line = '{"level":"Error","exception":"oauth2: \\"invalid_client\\""}'
    stage.cluster.logs[PODS[0], "ampora-web"] = f'{{"level":"Information"}}\n{line}\n'
    fake.login_error = LoginError("The login as alice ends at http://ampora.example/signin-oidc: the page answers 500.", [], "An error")
    result = stage.run("spot_check", **ARGS)
    assert result["msg"] == (
        "The spot check cannot log in. The login as alice ends at http://ampora.example/signin-oidc: the page answers 500."
        " Most likely the identity provider does not accept the client secret."
        " Next: Check Authentication:Oidc:ClientSecret, and whether the provider wants ClientSecretBasic in ClientAuthentication."
    )
    assert len(result["evidence"]) == 1 and "invalid_client" in result["evidence"][0]


@pytest.mark.usefixtures("reachable")
def test_without_a_user_there_is_no_login(stage: Stage, fake: FakeBrowser) -> None:
    result = stage.run("spot_check", **{**ARGS, "login": {**LOGIN, "username": ""}})
    assert result["problems"] == []
    assert not any(act.startswith("log in") for act in fake.acts)
    assert fake.options["selectors"]["start"] == "", "a page that offers a login is right then"


@pytest.mark.usefixtures("reachable")
def test_by_the_api_alone(stage: Stage, fake: FakeBrowser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spot_check, "AmporaApi", Api)
    result = stage.run("spot_check", **ARGS, mode="api")
    assert (result["skipped_browser"], result["left_out"], result["pages"]) == (True, ["browser"], [])
    assert [(entry["pod"], entry["path"], entry["count"]) for entry in result["api"]] == [
        (pod, path, 7) for pod in ("", *PODS) for path in ("/api/agents", "/api/configurations")
    ]
    assert fake.acts == []
    assert "the browser part is skipped (ampora_spot_check is api)" in stage.said()[0]


@pytest.mark.usefixtures("reachable", "fake")
def test_a_pod_whose_api_is_broken(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spot_check, "AmporaApi", Api)
    monkeypatch.setattr(Api, "broken", PODS[2])
    assert stage.run("spot_check", **ARGS, mode="both")["evidence"] == [
        f"the pod {PODS[2]}: http://{PODS[2]} answers GET {path} with 500." for path in ("/api/agents", "/api/configurations")
    ]


@pytest.mark.usefixtures("reachable", "fake")
def test_the_api_wants_a_token(stage: Stage) -> None:
    result = stage.run("spot_check", **{**ARGS, "api": {"url": URL}}, mode="api")
    assert result["msg"].startswith("ampora_spot_check is api and ampora_api_token is empty. Next: Issue a token")


def test_no_version_to_expect(stage: Stage, fake: FakeBrowser) -> None:
    result = stage.run("spot_check", **{**ARGS, "target_version": ""})
    assert result["msg"] == ("ampora_target_version is empty and no run is open. Next: Set ampora_target_version to the version to expect.")
    assert fake.acts == []


@pytest.mark.parametrize(
    ("mode", "check", "skipped", "line"),
    [
        ("browser", True, False, "would log in and look at Agents, Packages, and at every pod"),
        ("api", True, True, "would ask the API and every pod with the access token"),
        ("none", False, True, "the spot check is skipped (ampora_spot_check is none)"),
        ("none", True, True, "the spot check is skipped (ampora_spot_check is none)"),
    ],
)
def test_without_looking(stage: Stage, fake: FakeBrowser, mode: str, check: bool, skipped: bool, line: str) -> None:
    result = stage.run("spot_check", check=check, **ARGS, mode=mode)
    assert (result["changed"], result["skipped_browser"], result["pages"]) == (False, skipped, [])
    assert stage.said() == [f"spot_check: {line}"]
    assert (fake.acts, stage.cluster.writes) == ([], [])
