# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written in two places says the same in both."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tools import role_specs
from tests.tools.repository import (
    DOCUMENTED,
    PLUGINS,
    ROLES,
    ROOT,
    documentation,
    files,
    imports,
    label,
    load,
    names,
    playbooks,
    python_files,
    roles,
)

ACTIONS = {"journal", "migrate", "pin", "plan", "report", "restore", "rollout", "route", "snapshot", "spot_check", "undo", "watch"}
ATTRIBUTES = {"check_mode", "diff_mode", "idempotent"}
PLUGIN_FILES = [path for kind in (*DOCUMENTED, "modules") for path in python_files(PLUGINS / kind) if kind != "action"]
OTHER_ROLES = [role for role in roles() if role.name != "ampora"]


def spec(role: Path) -> dict[str, Any]:
    return dict(load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"])


def defaults(role: Path) -> dict[str, Any]:
    path = role / "defaults" / "main.yml"
    return dict(load(path) or {}) if path.exists() else {}


def table(heading: str) -> set[str]:
    """The names in the first column of the README's tables below a heading."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    match = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert match, f"README.md has no section '## {heading}'"
    return set(re.findall(r"^\|\s*\[?`(?:ampora\.upgrades\.)?([a-z_]+)`", match[1], re.MULTILINE))


def test_the_action_group_names_every_action() -> None:
    runtime = load(ROOT / "meta" / "runtime.yml")
    group = runtime["action_groups"]["upgrades"]
    assert group == sorted(group)
    assert set(group) == names("action") >= ACTIONS


def test_each_action_has_its_documentation_and_each_documentation_its_action() -> None:
    assert names("action") == names("modules")


@pytest.mark.parametrize("path", PLUGIN_FILES, ids=label)
def test_documentation_is_named_as_its_file(path: Path) -> None:
    text = documentation(path)
    assert text, f"{label(path)} has no documentation"
    assert text["module" if path.parent.name == "modules" else "name"] == path.stem
    assert text["short_description"] and text["version_added"]


def test_documentation_beside_a_plugin_has_its_plugin() -> None:
    beside = {path for path in files() if path.is_relative_to(PLUGINS) and path.suffix == ".yml"}
    assert [label(path) for path in beside if not path.with_suffix(".py").exists()] == []


@pytest.mark.parametrize("role", roles(), ids=label)
def test_a_role_says_what_it_is(role: Path) -> None:
    said = spec(role)
    assert said["short_description"] and said["description"] and said["version_added"]
    assert set(said["attributes"]) >= ATTRIBUTES
    assert all(a["support"] == "full" or a.get("details") for a in said["attributes"].values()), "less than full support needs its reason"


@pytest.mark.parametrize("role", roles(), ids=label)
def test_defaults_are_those_of_the_spec(role: Path) -> None:
    own = {name: option["default"] for name, option in spec(role)["options"].items() if "default" in option}
    if role.name != "ampora":
        own = {name: value for name, value in own.items() if not name.startswith("ampora_")}
    assert own == defaults(role)


@pytest.mark.parametrize("role", OTHER_ROLES, ids=label)
def test_inputs_are_those_of_the_shared_role(role: Path) -> None:
    shared = spec(ROLES / "ampora")["options"]
    inputs = {name: option for name, option in spec(role)["options"].items() if name.startswith("ampora_")}
    assert inputs, "a role that needs no input would not need the deployment either"
    assert inputs == {name: shared[name] for name in inputs}
    assert load(role / "meta" / "main.yml")["dependencies"] == [{"role": "ampora.upgrades.ampora"}]


@pytest.mark.parametrize("role", OTHER_ROLES, ids=label)
def test_a_spec_is_what_the_tool_writes(role: Path) -> None:
    written = (role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    assert written == role_specs.render(role), "run `make docs`"


@pytest.mark.parametrize("role", OTHER_ROLES, ids=label)
def test_a_role_names_its_own_variables_after_itself(role: Path) -> None:
    own = {name for name in spec(role)["options"] if not name.startswith("ampora_")} | set(defaults(role))
    assert [name for name in own if not name.startswith(f"{role.name}_")] == []


def test_the_readme_lists_the_roles() -> None:
    assert table("Roles") == {role.name for role in roles()}


def test_the_readme_lists_the_plugins() -> None:
    assert table("Plugins") == {name for kind in DOCUMENTED for name in names(kind)}


def test_the_readme_lists_the_playbooks() -> None:
    assert table("Playbooks") == {path.stem for path in playbooks()}


def plugin_files() -> list[Path]:
    return [
        path for kind in (*DOCUMENTED, "module_utils", "plugin_utils") for path in python_files(PLUGINS / kind) if path.stem != "__init__"
    ]


def full_name(path: Path) -> str:
    """As a playbook names it, or as Python imports it."""
    if path.relative_to(PLUGINS).parts[0] in DOCUMENTED:
        return f"ampora.upgrades.{path.stem}"
    return ".".join(("ansible_collections.ampora.upgrades", *path.relative_to(ROOT).with_suffix("").parts))


@pytest.mark.parametrize("path", plugin_files(), ids=label)
def test_a_plugin_has_its_test(path: Path) -> None:
    """The unit test that mirrors its place, or any test or integration target that imports it or names it in full."""
    mirror = ROOT / "tests" / "unit" / path.relative_to(ROOT).parent / f"test_{path.stem}.py"
    stages = [ROOT / "tests" / stage for stage in ("unit", "integration", "scenarios")]
    tests = [file for file in files() if file.suffix in (".py", ".yml") and any(file.is_relative_to(stage) for stage in stages)]
    imported = {name for file in tests if file.suffix == ".py" for name in imports(file)}
    named = re.compile(rf"\b{re.escape(full_name(path))}\b")
    assert mirror.exists() or full_name(path) in imported or any(named.search(file.read_text(encoding="utf-8")) for file in tests)


def requirement_names(path: Path) -> set[str]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {re.split(r"[<>=~! ;]", line, maxsplit=1)[0].lower() for line in lines}


def test_requirements_agree() -> None:
    runtime = requirement_names(ROOT / "requirements" / "runtime.txt")
    assert "semver" in runtime
    assert requirement_names(ROOT / "meta" / "ee-requirements.txt") == runtime - {"ansible-core"}
    assert runtime <= requirement_names(ROOT / "requirements" / "test.txt")


def test_the_collections_that_we_need_are_named_alike() -> None:
    wanted = {entry["name"]: entry["version"] for entry in load(ROOT / "requirements.yml")["collections"]}
    assert wanted == load(ROOT / "galaxy.yml")["dependencies"]


def test_a_change_has_its_fragment() -> None:
    fragments = [path for path in files() if path.parent == ROOT / "changelogs" / "fragments" and path.suffix == ".yml"]
    released = load(ROOT / "changelogs" / "changelog.yaml")["releases"]
    assert fragments or load(ROOT / "galaxy.yml")["version"] in released


def test_awx_is_offered_what_exists() -> None:
    inputs = spec(ROLES / "ampora")["options"]
    templates = load(ROOT / "docs" / "awx" / "templates.yml")
    asked = {
        question["variable"] for template in (*templates["awx_job_templates"], templates["awx_workflow"]) for question in template["survey"]
    }
    assert asked and asked <= set(inputs)
    offered = {template["playbook"] for template in templates["awx_job_templates"]}
    thin = {path.name for path in files() if path.parent == ROOT / "docs" / "awx" / "thin-project"}
    assert offered == thin <= {path.name for path in playbooks()}
    nodes = {node["unified_job_template"]["name"] for node in templates["awx_workflow"]["nodes"]}
    assert len(nodes & {template["name"] for template in templates["awx_job_templates"]}) == len(nodes) - 1, "all but the approval"
    injected = load_unsafe(ROOT / "docs" / "awx" / "credential_type.yml")["awx_credential_type"]["injectors"]["extra_vars"]
    assert set(injected) <= set(inputs)


def load_unsafe(path: Path) -> Any:
    """YAML with Ansible's tag for text that is not a template."""
    return yaml.safe_load(path.read_text(encoding="utf-8").replace("!unsafe", ""))
