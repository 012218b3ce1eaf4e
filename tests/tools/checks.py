# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks that are other people's programs: one table, run by `make lint`, `make sanity` and, one test each, by `make test`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.tools import tree

ROOT = Path(__file__).resolve().parents[2]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
Commands = list[list[str]]


@dataclass(frozen=True)
class Check:
    name: str
    commands: Callable[[], Commands]
    folder: Callable[[], Path] = lambda: ROOT

    def run(self) -> int:
        """Run every command even when one fails, so that all is said at once; the worst exit status is the answer."""
        folder, worst = self.folder(), 0
        for argv in self.commands():
            print(f"$ {' '.join(argv)}", flush=True)
            worst = max(worst, abs(subprocess.run(argv, cwd=folder, env=_environment(), check=False).returncode))
        return worst


def _environment() -> dict[str, str]:
    home = Path(sys.prefix)
    return {
        **os.environ,
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(home / "collections"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }


def _always(*commands: list[str]) -> Callable[[], Commands]:
    return lambda: list(commands)


def _mypy() -> Commands:
    packages = [name for name in ("plugins", "playbooks") if any((ROOT / name).rglob("*.py"))]
    return [["mypy", *(word for name in packages for word in ("-p", f"ansible_collections.ampora.upgrades.{name}")), "-p", "tests"]]


def _go() -> Commands:
    modules = sorted(path.parent for path in (ROOT / "tests" / "sandbox").glob("*/go.mod"))
    if not modules:
        print("go: there is no Go module in tests/sandbox, nothing to check")
        return []
    return [[sys.executable, "-m", "tests.tools.go", *(str(m.relative_to(ROOT)) for m in modules)]]


LINT = (
    Check("ruff", _always(["ruff", "check", "."])),
    Check("ruff-format", _always(["ruff", "format", "--check", "--diff", "."])),
    Check("mypy", _mypy),
    Check("yamllint", _always(["yamllint", "--strict", "."])),
    Check("ansible-lint", _always(["ansible-lint", "--offline", "--strict"])),
    Check("ansible-doc", _always([sys.executable, "-m", "tests.tools.ansible_doc"])),
    Check(
        "antsibull-docs",
        _always(["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=all", "."]),
        tree.sync,
    ),
    Check("antsibull-changelog", _always(["antsibull-changelog", "lint"])),
    Check("go", _go),
)
SANITY = (Check("sanity", _always(["ansible-test", "sanity", "--python", PYTHON]), tree.sync),)
ALL = (*LINT, *SANITY)


def select(names: Iterable[str]) -> list[Check]:
    groups = {"lint": LINT, "sanity": SANITY, **{check.name: (check,) for check in ALL if check.name != "sanity"}}
    return [check for name in names for check in groups[name]]


def main(names: list[str]) -> int:
    failed = []
    for check in select(names):
        began = time.monotonic()
        status = check.run()
        print(f"{check.name}: {'failed' if status else 'ok'} in {time.monotonic() - began:.1f} s\n", flush=True)
        if status:
            failed.append(check.name)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
