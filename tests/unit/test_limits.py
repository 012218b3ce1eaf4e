# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The house rules that no linter knows: sizes, directions of imports, and what tasks may not do."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.tools.repository import (
    PLUGINS,
    ROOT,
    code_lines,
    files,
    functions,
    imports,
    label,
    playbooks,
    python_files,
    task_files,
    tasks,
)

FUNCTION_LINES = 40
ACTION_LINES = 120
TASK_FILE_LINES = 60
PLAYBOOK_LINES = 45
SET_FACT_SHARE = 0.05
FORBIDDEN_ACTIONS = {"shell", "command", "raw", "script"}
# ansible-core brings these; everything else may be missing where ansible-test or ansible-doc only loads a file.
ALWAYS_THERE = {"ansible", "ansible_collections", "jinja2", "yaml", *sys.stdlib_module_names}
# What reads the world or the clock: module_utils decide, plugin_utils are the ports.
OUTSIDE_WORLD = {"ansible", "kubernetes", "obstore", "playwright", "psycopg", "requests", "socket", "subprocess", "time", "urllib.request"}
MACHINE_PATH = re.compile(r"(?<![\w.{}$*-])/(?:work|root|opt/wheels|home/[a-z]\w*)/")


def bare(action: str) -> str:
    return action.rsplit(".", 1)[-1]


@pytest.mark.parametrize("path", python_files(), ids=label)
def test_functions_are_short(path: Path) -> None:
    assert [f"{name}: {lines} lines" for name, lines in functions(path) if lines > FUNCTION_LINES] == []


@pytest.mark.parametrize("path", [*python_files(PLUGINS / "action"), *python_files(PLUGINS / "modules")], ids=label)
def test_actions_are_thin(path: Path) -> None:
    assert code_lines(path) <= ACTION_LINES


@pytest.mark.parametrize("path", task_files(), ids=label)
def test_task_files_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= TASK_FILE_LINES


@pytest.mark.parametrize("path", playbooks(), ids=label)
def test_playbooks_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= PLAYBOOK_LINES


@pytest.mark.parametrize("path", python_files(PLUGINS), ids=label)
def test_a_plugin_loads_without_third_party_packages(path: Path) -> None:
    assert {name for name in imports(path, at_import=True) if name.split(".")[0] not in ALWAYS_THERE} == set()


@pytest.mark.parametrize("path", python_files(PLUGINS / "module_utils"), ids=label)
def test_decisions_are_pure(path: Path) -> None:
    found = imports(path)
    assert {name for name in found if name in OUTSIDE_WORLD or name.split(".")[0] in OUTSIDE_WORLD} == set()
    ours = {name for name in found if name.startswith("ansible_collections.ampora.upgrades.plugins.")}
    assert {name for name in ours if ".plugins.module_utils" not in name} == set(), "a decision must not know a port"


@pytest.mark.parametrize("path", [*task_files(), *playbooks()], ids=label)
def test_tasks_use_modules_and_let_failures_fail(path: Path) -> None:
    for task in tasks(path):
        assert not FORBIDDEN_ACTIONS & {bare(key) for key in task}, task["name"]
        assert not task.get("ignore_errors") and task.get("failed_when") is not False, task["name"]


def test_roles_hardly_compute_with_facts() -> None:
    all_tasks = [task for path in [*task_files(), *playbooks()] for task in tasks(path)]
    setting = [task for task in all_tasks if "set_fact" in {bare(key) for key in task}]
    assert len(all_tasks) > len(task_files()), "the tasks were not found"
    assert len(setting) <= SET_FACT_SHARE * len(all_tasks)


@pytest.mark.parametrize("path", python_files(), ids=label)
def test_a_source_file_names_its_licence(path: Path) -> None:
    head = path.read_text(encoding="utf-8").splitlines()[:4]
    assert head[:1] == ["# Copyright: (c) 2026, the ampora.upgrades authors"] or not head
    assert "# SPDX-License-Identifier: GPL-3.0-or-later" in head or not head
    if path.is_relative_to(PLUGINS) and head:
        assert "GNU General Public License v3.0+ (see LICENSE or" in head[1]


def test_nothing_names_a_machine() -> None:
    found = []
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # an image or an archive
        found += [f"{label(path)}: {match[0]}" for match in MACHINE_PATH.finditer(text)]
    assert found == []


def test_sanity_has_no_exceptions() -> None:
    assert [label(path) for path in files() if path.is_relative_to(ROOT / "tests" / "sanity")] == []
