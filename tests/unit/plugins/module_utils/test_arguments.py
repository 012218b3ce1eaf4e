# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shared argument specs: what is required, what is secret, and that every action's module documents its own."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.testing import patch_module_args
from ansible_collections.ampora.upgrades.plugins.module_utils import arguments

ACTIONS = (
    "configuration_rollouts",
    "journal",
    "migrate",
    "pin",
    "plan",
    "report",
    "restore",
    "rollout",
    "route",
    "snapshot",
    "soak",
    "spot_check",
    "undo",
    "watch",
)
SPECS: dict[str, dict[str, Any]] = {name: getattr(arguments, name.upper()) for name in ACTIONS}
SECRET = ("password", "token", "release_notes_token", "value", "connection_string", "urls", "access_key", "secret_key")


def options(spec: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, option in spec.items():
        yield f"{path}{name}", option
        yield from options(option.get("options", {}), f"{path}{name}.")


def smallest(spec: dict[str, Any]) -> dict[str, Any]:
    """The required arguments and nothing else."""
    values = {"str": "x", "path": "/x", "int": 1, "dict": {}, "list": []}
    found: dict[str, Any] = {}
    for name, option in spec.items():
        if option.get("required"):
            value = smallest(option["options"]) if option["type"] == "dict" and "options" in option else values[option["type"]]
            found[name] = option["choices"][0] if "choices" in option else value
    return found


@pytest.mark.parametrize("name", ACTIONS)
def test_the_required_arguments_are_enough(name: str) -> None:
    checked = ArgumentSpecValidator(SPECS[name]).validate(smallest(SPECS[name]))
    assert checked.error_messages == []
    assert set(checked.validated_parameters) == set(SPECS[name])


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_names_its_deployment(name: str) -> None:
    assert SPECS[name]["cluster"] is arguments.CLUSTER
    empty = ArgumentSpecValidator(SPECS[name]).validate({}).error_messages
    assert empty
    assert "cluster" in empty[0]


GROUPS = {
    "api": arguments.API,
    "cluster": arguments.CLUSTER,
    "database": arguments.DATABASE,
    "master_key": arguments.MASTER_KEY,
    "notify": arguments.NOTIFY,
    "overlay": arguments.OVERLAY,
    "prometheus": arguments.PROMETHEUS,
    "registry": arguments.REGISTRY,
    "signals": arguments.SIGNALS,
    "snapshot": arguments.SNAPSHOT_INPUTS,
}


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_is_documented_as_it_is_checked(name: str) -> None:
    module = importlib.import_module(f"ansible_collections.ampora.upgrades.plugins.doc_fragments.{name}")
    documented = yaml.safe_load(module.ModuleDocFragment.DOCUMENTATION)["options"][name]["suboptions"]
    fields = ("type", "required", "default", "choices")
    assert {option: {key: said[key] for key in fields if key in said} for option, said in documented.items()} == {
        option: {key: spec[key] for key in fields if key in spec} for option, spec in GROUPS[name]["options"].items()
    }


def test_the_attributes_that_every_action_states() -> None:
    module = importlib.import_module("ansible_collections.ampora.upgrades.plugins.doc_fragments.attributes")
    stated = yaml.safe_load(module.ModuleDocFragment.DOCUMENTATION)["attributes"]
    assert {"check_mode", "diff_mode", "idempotent", "async"} <= set(stated)


@pytest.mark.parametrize("name", ACTIONS)
def test_secrets_are_not_logged(name: str) -> None:
    for path, option in options(SPECS[name]):
        assert option.get("no_log", False) is (path.rsplit(".", 1)[-1] in SECRET), path


@pytest.mark.parametrize("name", ACTIONS)
def test_the_module_documents_and_refuses_to_run(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    module = importlib.import_module(f"ansible_collections.ampora.upgrades.plugins.modules.{name}")
    with patch_module_args({**smallest(SPECS[name]), "_ansible_remote_tmp": "/tmp"}), pytest.raises(SystemExit) as ended:
        module.main()
    answer = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1
    assert answer["msg"] == f"ampora.upgrades.{name} runs on the controller, as an action plugin."
    assert basic._ANSIBLE_ARGS is None, "the next test has its own arguments"


# What ansible-core takes out of a result, or reads as its own: a value of that name never reaches whoever registers the result.
TAKEN = {
    "ansible_facts",
    "attempts",
    "deprecations",
    "exception",
    "failed",
    "invocation",
    "retries",
    "skipped",
    "stderr",
    "stdout",
    "warnings",
}


@pytest.mark.parametrize("name", ACTIONS)
def test_no_return_value_has_a_name_that_ansible_takes(name: str) -> None:
    module = importlib.import_module(f"ansible_collections.ampora.upgrades.plugins.modules.{name}")
    assert set(yaml.safe_load(module.RETURN)) & TAKEN == set()
