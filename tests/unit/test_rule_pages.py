# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rule has a page that says what it is, why, how to satisfy it and how to override it; and every page has its rule."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.overrides import NEVER
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.plan_reader import PARTS

from tests.tools import rule_index
from tests.tools.repository import PLUGINS, ROOT

PAGES = ROOT / "docs" / "rules"
PARAGRAPHS = ["**What.**", "**Why.**", "**How to satisfy it.**", "**How to override it.**"]
RULE = re.compile(r"[a-z]+(-[a-z]+)+")
# The parts of the plan reader that can be unreadable, and rules of one word.
ONE_WORD = {
    *("advisories", "agents", "configuration", "database", "downgrade", "hpa", "logs", "overlay", "permissions"),
    *("prerelease", "prometheus", "registry", "rollout", "signature", "strategy", "surroundings"),
}


@cache
def pages() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in PAGES.glob("*.md") if path.stem != "README"}


def named(path: Path) -> set[str]:
    """What a file gives to Finding as its rule."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name == "Finding":
                found.add(str(node.args[0].value))
    return found


@cache
def constants() -> set[str]:
    """Every text constant of the policy and of what reads for it that looks like the name of a rule."""
    files = [*(PLUGINS / "module_utils" / "policy").rglob("*.py"), *(PLUGINS / "plugin_utils").rglob("*.py")]
    words = {
        node.value
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {word for word in words if RULE.fullmatch(word) or word in ONE_WORD} | {
        f"word-{word}" for word in ("breaking", "remove", "rename", "policy")
    }


@pytest.mark.parametrize("path", sorted((PLUGINS / "module_utils" / "policy").rglob("*.py")), ids=lambda path: path.stem)
def test_every_rule_has_its_page(path: Path) -> None:
    assert sorted(named(path) - set(pages())) == []


def test_a_part_that_cannot_be_read_has_its_page() -> None:
    parts = {name for name, _part in PARTS} - {"controller"}  # which reads nothing that may fail
    assert sorted((parts | {"run-record", "registry", "invalid-version"}) - set(pages())) == []


@pytest.mark.parametrize("name", sorted(pages()))
def test_every_page_has_its_rule(name: str) -> None:
    assert name in constants()


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_says_all_four_things(name: str) -> None:
    text = pages()[name]
    assert re.search(rf"^# {name}$", text, re.MULTILINE)
    paragraphs = re.findall(r"^\*\*[A-Z][a-z ]+\.\*\*(?= \S)", text, re.MULTILINE)
    assert paragraphs == PARAGRAPHS
    override = text.split(PARAGRAPHS[-1])[1]
    assert ("cannot be overridden" in override) == (name in NEVER), "what may not be overridden is said by the page, and nothing else"


def test_what_cannot_be_overridden_is_a_rule() -> None:
    assert sorted(set(NEVER) - set(pages())) == []


def test_the_index_is_what_the_tool_writes() -> None:
    assert (PAGES / "README.md").read_text(encoding="utf-8") == rule_index.render(), "run `make docs`"
    assert [page.stem for page in rule_index.pages()] == sorted(pages())
