# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The spot check through Keycloak's own login form, which is what users run: by variables alone, and its faults in words."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.checks import check_green, check_refused
from tests.support.playbook import Result, command, run
from tests.support.sandbox import Sandbox

PLAYBOOK = """
- name: Log in through Keycloak
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Look
      ansible.builtin.include_role:
        name: ampora.upgrades.spot_check
      vars:
        spot_check_version: 1.4.2
"""
FORM = {
    "ampora_login_username_selector": "#username",
    "ampora_login_password_selector": "#password",
    "ampora_login_submit_selector": "#kc-login",
}


@pytest.fixture
def keycloak(part: Callable[[str], None]) -> Iterator[Sandbox]:
    """The deployment with Keycloak as its authority; as it was afterwards."""
    part("keycloak")
    sandbox = Sandbox()
    sandbox.reset()
    use(sandbox, os.environ["AMPORA_SANDBOX_KEYCLOAK_ISSUER"])
    yield sandbox
    sandbox.reset()


def use(sandbox: Sandbox, authority: str) -> None:
    sandbox.configure(Authentication__Oidc__Authority=authority)
    sandbox.kubectl_text("rollout", "restart", "deployment/ampora-web")
    sandbox.kubectl_text("rollout", "status", "deployment/ampora-web", "--timeout=55s")


def look(sandbox: Sandbox, folder: Path, **variables: Any) -> Result:
    (folder / "site.yml").write_text(PLAYBOOK, encoding="utf-8")
    return run(command(str(folder / "site.yml"), {**FORM, **variables}, files=(sandbox.vars_file,)), folder)


def test_login(keycloak: Sandbox, tmp_path: Path) -> None:
    result = look(keycloak, tmp_path)
    check_green(result)
    found = keycloak.runs()[-1]["steps"][-1]["result"]
    assert (found["pods"]["seen"], found["problems"]) == (3, [])
    assert found["seconds"] <= 30
    print(f"through Keycloak: logged in after {found['login']['seconds']} s, all of it {found['seconds']} s")

    # Operator: the pages are there, the Settings are not, and the report says so.
    check_green(look(keycloak, tmp_path, ampora_login_username="bob", ampora_login_password="bob-password"))
    assert keycloak.runs()[-1]["steps"][-1]["result"]["settings_page"]["reason"] == "it answers 403 to this user"

    wrong = look(keycloak, tmp_path, ampora_login_password="not-this-one")
    check_refused(wrong, 'It says: "Invalid username or password."', "does not accept the user or the password", "ampora_login_password")
    assert "not-this-one" not in wrong.output

    # The address of a pod: an address that Keycloak's client does not allow to come back to.
    pod = keycloak.kubectl("get", "pods", "--selector=app.kubernetes.io/name=ampora-web")["items"][0]["status"]["podIP"]
    other = look(keycloak, tmp_path, ampora_url=f"http://{pod}:8080")
    check_refused(other, "does not know the redirect URI", f"Allow http://{pod}:8080/signin-oidc")

    use(keycloak, os.environ["AMPORA_SANDBOX_KEYCLOAK_ISSUER"] + "/")
    slash = look(keycloak, tmp_path)
    check_refused(slash, "the issuer is not the one that is configured", "to the last slash")
