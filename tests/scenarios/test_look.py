# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person would see: releases that are well by every metric and wrong on the screen, and tenants that look different."""

from __future__ import annotations

from typing import Any

from tests.scenarios.checks import check_green, check_no_secret, check_refused, check_report, check_runs, check_sessions
from tests.support.sandbox import Sandbox

PAGES = ["Dashboard", "Fleet", "Configurations"]
SECONDS = 30  # for all of the spot check


def upgrade_and_go_back(sandbox: Sandbox, *words: str, **faults: str) -> dict[str, Any]:
    """A PATCH with a fault that only the spot check sees: it goes back by itself, ends red, and nothing was lost.

    Returns the step's record in the report.
    """
    sandbox.configure(AMPORA_DOUBLE_FAULT_VERSIONS="1.4.3", **faults)
    content = sandbox.database_state()
    result = sandbox.upgrade("1.4.3", ampora_acks={})
    check_refused(result, *words, "going back by itself")
    check_runs(sandbox, "1.4.2")
    check_sessions(sandbox)
    check_report(sandbox, "rolled back")
    check_no_secret(result.output, sandbox)
    assert sandbox.vars["ampora_login_password"] not in result.output
    changed = {name for name, value in sandbox.database_state().items() if value != content[name]}
    assert changed <= {"audit_events", "users"}, "a login is recorded, and nothing else"
    step: dict[str, Any] = next(step for step in sandbox.report()["steps"] if step["name"] == "spot_check")
    assert (step["state"], step["seconds"] <= SECONDS) == ("failed", True)
    print(f"seen {step['seconds']} s after the watch: {step['message']}")
    return step


def test_footer_wrong(sandbox: Sandbox) -> None:
    step = upgrade_and_go_back(
        sandbox,
        "Dashboard, Fleet, Configurations, Settings and the pods",
        "show the version 1.4.2, not 1.4.3",
        AMPORA_DOUBLE_FOOTER_VERSION="1.4.2",
    )
    pods = step["result"]["pods"]
    assert (pods["seen"], pods["expected"]) == (3, 3)
    assert {each["version"] for each in pods["each"]} == {"1.4.2"}
    assert [page["name"] for page in step["result"]["pages"]] == PAGES
    assert len(list((sandbox.reports / "latest" / "screenshots").glob("*.png"))) == 4


def test_console_error(sandbox: Sandbox) -> None:
    upgrade_and_go_back(sandbox, "Fleet: Uncaught (in circuit): broken by a switch.", AMPORA_DOUBLE_CONSOLE_ERROR="/fleet")


def test_page_error(sandbox: Sandbox) -> None:
    upgrade_and_go_back(sandbox, "Configurations (/configurations) answers 500.", AMPORA_DOUBLE_PAGE_ERROR="/configurations")


def test_login_broken(sandbox: Sandbox) -> None:
    step = upgrade_and_go_back(
        sandbox,
        "The spot check cannot log in. The login as alice ends at",
        "/signin-oidc: the page answers 500.",
        "Most likely the identity provider does not accept the client secret.",
        "Check Authentication:Oidc:ClientSecret",
        AMPORA_DOUBLE_LOGIN_BROKEN="1",
    )
    assert "code=" not in step["message"]
    assert (sandbox.reports / "latest" / "screenshots" / "login.png").exists()


def test_another_title(sandbox: Sandbox) -> None:
    """A tenant has renamed the product and put a login wall in front; a deprecated key is in use, and the banner says so."""
    sandbox.configure(AMPORA_DOUBLE_PRODUCT_NAME="Leitstand", AMPORA_DOUBLE_LOGIN_WALL="For staff only.", OpAmp__LegacyHeartbeat="true")
    sandbox.kubectl_text("rollout", "restart", "deployment/ampora-web")
    sandbox.kubectl_text("rollout", "status", "deployment/ampora-web", "--timeout=50s")
    check_sessions(sandbox)
    result = sandbox.upgrade("1.4.3", ampora_login_accept_selectors=["[data-testid=login-wall-accept]"], ampora_spot_check="both")
    check_green(result)
    found = sandbox.report()["spot_check"]
    assert (found["problems"], [page["status"] for page in found["pages"]]) == ([], [200] * 3)
    (banner,) = found["settings_page"]["banners"]
    assert "OpAmp:LegacyHeartbeat will be removed in 2.0.0" in banner["text"]
    assert banner["logged"] >= 3, "each pod has warned when it started, and the plan has counted that"
    assert {entry["count"] for entry in found["api"] if entry["path"] == "/api/agents"} == {200}
    assert found["seconds"] <= SECONDS
    print(f"by {found['pods']['way']}: {found['pods']['text']}; {found['seconds']} s")
