# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all actions share: arguments, missing packages, the wording of failures, the actor, live lines."""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.ampora.upgrades.plugins.module_utils.arguments import CLUSTER
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils import action
from ansible_collections.ampora.upgrades.plugins.plugin_utils.action import RUNTIME_PACKAGES, UpgradeAction
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.overlay import Overlay

from tests.unit.doubles import stage as staging
from tests.unit.doubles.database import PASSWORD
from tests.unit.doubles.scene import deployment

GIVEN: dict[str, Any] = {"cluster": staging.CLUSTER, "number": 1, "secret": PASSWORD}


class ActionModule(UpgradeAction):
    """An action that does as it is told."""

    spec = {
        "cluster": CLUSTER,
        "number": {"type": "int", "required": True},
        "word": {"type": "str", "choices": ["a", "b"]},
        "secret": {"type": "str", "no_log": True},
        "fails": {"type": "bool", "default": False},
    }

    def act(self, args: dict[str, Any]) -> dict[str, Any]:
        if args["fails"]:
            raise UpgradeError("It is broken.", next_step="Mend it.", evidence=("seen",))
        return {"changed": False, "args": args}


def plugin(task_vars: dict[str, Any] | None = None, check: bool = False, **args: Any) -> ActionModule:
    found = staging.build(sys.modules[__name__], {**GIVEN, **args}, check=check)
    assert isinstance(found, ActionModule)
    found._vars = task_vars or {}
    return found


@pytest.fixture(autouse=True)
def no_temporary_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UpgradeAction, "_early_needs_tmp_path", lambda _self: False)


def test_arguments_arrive_with_their_defaults_as_plain_values() -> None:
    result = plugin(number="7").run(task_vars={})
    assert result["args"]["number"] == 7
    assert result["args"]["cluster"] == {**staging.CLUSTER, "kubeconfig": "", "context": ""}
    assert {type(value) for value in result["args"].values()} <= {dict, int, str, bool, type(None)}
    assert json.loads(json.dumps(result["args"])) == result["args"]


def test_all_wrong_arguments_are_named_at_once() -> None:
    with pytest.raises(AnsibleActionFail) as error:
        plugin(number="seven", word="c", cluster={"namespace": "ampora"}, unknown=1).run(task_vars={})
    text = str(error.value)
    for words in ("container, deployment found in cluster", "unknown", "'number' is of type", "value of word must be one of: a, b"):
        assert words in text
    assert PASSWORD not in text


def test_an_expected_failure_is_a_result() -> None:
    result = plugin(fails=True).run(task_vars={})
    assert {name: result[name] for name in ("failed", "msg", "next_step", "evidence")} == {
        "failed": True,
        "msg": "It is broken. Next: Mend it.",
        "next_step": "Mend it.",
        "evidence": ["seen"],
    }


def test_missing_packages_are_named_as_they_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    gone = {"psycopg", "pyromark"}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in gone else find_spec(name))
    with pytest.raises(AnsibleActionFail) as error:
        plugin().run(task_vars={})
    assert "needs these Python packages on the controller: psycopg[binary], pyromark." in str(error.value)


def test_every_package_is_one_that_the_collection_requires() -> None:
    wanted = (Path(__file__).parents[4] / "requirements" / "runtime.txt").read_text(encoding="utf-8").lower()
    assert [package for package in RUNTIME_PACKAGES.values() if package.lower().split("[")[0] not in wanted] == []


def test_an_action_without_work_is_a_mistake() -> None:
    with pytest.raises(NotImplementedError):
        UpgradeAction.act(plugin(), {})


# --- ports


def test_the_ports_get_their_own_arguments(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: dict[str, Any] = {}
    monkeypatch.setattr(action, "Cluster", lambda **options: seen.update(options) or "the cluster")
    found = plugin()
    cluster = {**staging.CLUSTER, "kubeconfig": "/k", "context": "c"}
    assert str(found.cluster({"cluster": cluster})) == "the cluster"
    assert seen == cluster
    options = {"path": str(tmp_path), "image_name": "ampora-web", "kubectl": "kubectl"}
    assert found.overlay({"cluster": cluster, "overlay": options}) == Overlay(tmp_path, "ampora-web", "kubectl", "/k", "c")


def test_the_database_is_the_deployments_own() -> None:
    cluster: Cluster = deployment(password=PASSWORD)
    given = {"env": "ConnectionStrings__Ampora", "connection_string": "", "hostaddr": "", "history_query": "", "timeout": 1}
    options = {**given, "root_certificate": ""}
    assert plugin().database(cluster, {"database": options}).parameters.host == "pg.ampora-db"


# --- who and what


def test_the_actor_of_a_local_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "ada")
    monkeypatch.setattr("socket.gethostname", lambda: "desk")
    assert plugin().actor() == {"user": "ada", "host": "desk"}


@pytest.mark.parametrize("error", [KeyError("uid not found: 12345"), OSError("No username set in the environment")])
def test_the_actor_where_the_user_has_no_name(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Containers run as any number: then the number is the name."""

    def nameless() -> str:
        raise error

    monkeypatch.setattr("getpass.getuser", nameless)
    monkeypatch.setattr("os.getuid", lambda: 12345)
    assert plugin().actor()["user"] == "12345"


def test_the_actor_of_an_awx_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "pod")
    assert plugin({"awx_job_id": 41, "awx_user_name": "ada"}).actor() == {"user": "ada", "awx_job": "41", "host": "pod"}
    assert plugin({"awx_job_id": 41}).actor()["user"] == ""


def test_a_run_is_recorded_with_its_actor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "ada")
    journal = plugin().record(deployment()).open("upgrade", {})[0]
    assert journal.actor["user"] == "ada"
    assert set(journal.actor) == {"user", "host", "process"}


def test_check_mode() -> None:
    assert (plugin().check_mode, plugin(check=True).check_mode) == (False, True)


def test_live_lines_are_plain_and_shown_once_per_change(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[Any, ...]] = []
    monkeypatch.setattr(action.display, "display", lambda *given, **more: shown.append((*given, more)))
    one = plugin()
    for text in ("a", "a", "b"):
        one.progress()(text)
    one.say("b")
    name = one._task.action.rsplit(".", 1)[-1]
    assert shown == [(f"{name}: {text}", {}) for text in ("a", "b", "b")], "no colour is asked for"


def test_an_action_that_waits_is_not_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def act(_self: UpgradeAction, _args: dict[str, Any]) -> dict[str, Any]:
        seen.append("live-lines" in {thread.name for thread in threading.enumerate()})
        return {}

    monkeypatch.setattr(ActionModule, "act", act)
    plugin().run(task_vars={})
    assert seen == [True]
