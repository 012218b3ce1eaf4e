# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The repository as data: its files, plugins, roles and tasks, for the tests that compare them with each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.tools import tree

ROOT = tree.ROOT
PLUGINS = ROOT / "plugins"
ROLES = ROOT / "roles"
PLAYBOOKS = ROOT / "playbooks"
DOCUMENTED = ("action", "filter", "test", "lookup", "callback")
DOCUMENTATION = ("DOCUMENTATION", "EXAMPLES", "RETURN")
Task = dict[str, Any]


@cache
def files() -> tuple[Path, ...]:
    return tuple(sorted(ROOT / name for name in tree.wanted()))


def python_files(folder: Path = ROOT) -> list[Path]:
    return [path for path in files() if path.suffix == ".py" and path.is_relative_to(folder)]


def names(kind: str) -> set[str]:
    """The plugins of one kind, by file."""
    return {path.stem for path in python_files(PLUGINS / kind)} - {"__init__"}


def roles() -> list[Path]:
    return sorted({path for path in ROLES.glob("*") if any(file.is_relative_to(path) for file in files())})


def playbooks() -> list[Path]:
    return [path for path in files() if path.parent == PLAYBOOKS and path.suffix == ".yml"]


def label(path: Path) -> str:
    return str(path.relative_to(ROOT))


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def documentation(path: Path) -> dict[str, Any]:
    """What ansible-doc would read: the file beside the plugin, or the text in it."""
    beside = path.with_suffix(".yml")
    if beside.exists():
        return dict(load(beside)["DOCUMENTATION"])
    for node in parse(path).body:
        if isinstance(node, ast.Assign) and [getattr(t, "id", "") for t in node.targets] == ["DOCUMENTATION"]:
            return dict(yaml.safe_load(ast.literal_eval(node.value)))
    return {}


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function's name and number of lines."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def code_lines(path: Path) -> int:
    """Lines that are neither empty, nor comments, nor documentation."""
    prose: set[int] = set()
    for node in ast.walk(parse(path)):
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        documented = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in DOCUMENTATION
        if isinstance(node, ast.stmt) and (docstring or documented):
            prose.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    return sum(1 for number, line in lines if number not in prose and line.strip() and not line.strip().startswith("#"))


def imports(path: Path, *, at_import: bool = False) -> set[str]:
    """The modules that a file imports; with at_import only those that must be there for the file to load at all."""
    found: set[str] = set()
    todo: list[ast.AST] = list(parse(path).body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif not (at_import and (isinstance(node, ast.FunctionDef) or _guarded(node))):
            todo.extend(ast.iter_child_nodes(node))
    return found


def _guarded(node: ast.AST) -> bool:
    if isinstance(node, ast.Try):
        return any("ImportError" in ast.dump(handler.type) for handler in node.handlers if handler.type)
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def task_files() -> list[Path]:
    """Files that hold tasks: of roles, and beside the playbooks."""
    of_roles = [path for path in files() if path.is_relative_to(ROLES) and path.parent.name in ("tasks", "handlers")]
    return [*of_roles, *(path for path in files() if path.is_relative_to(PLAYBOOKS / "tasks"))]


def tasks(path: Path) -> Iterator[Task]:
    """Every task of a task file or a playbook, those in blocks as well."""
    for entry in load(path) or []:
        nested = [
            task for key in ("block", "rescue", "always", "pre_tasks", "tasks", "post_tasks", "handlers") for task in entry.get(key, [])
        ]
        yield from _flat(nested if nested else [entry] if "hosts" not in entry else [])


def _flat(entries: list[Task]) -> Iterator[Task]:
    for entry in entries:
        inner = [task for key in ("block", "rescue", "always") for task in entry.get(key, [])]
        if inner:
            yield from _flat(inner)
        else:
            yield entry
