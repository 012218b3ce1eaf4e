# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit tests and sanity on the other supported line: Python 3.12 or newer with the newest ansible-core, or Python 3.11 with 2.19.

The pins of requirements/test.txt choose ansible-core by the Python, so that another Python is all it takes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.tools import tree
from tests.tools.deps import ROOT

HERE_IS_OLD = sys.version_info < (3, 12)
WANTED = ("3.13", "3.12") if HERE_IS_OLD else ("3.11",)


def candidates() -> list[str]:
    """On PATH, and where pyenv keeps its own: its shims are on PATH even for versions that they do not run."""
    kept = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions").glob("*/bin/python3"), reverse=True)
    on_path = [found for version in WANTED if (found := shutil.which(f"python{version}"))]
    return [*on_path, *(str(path) for path in kept)]


def version(python: str) -> str:
    question = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", question], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return done.stdout.strip()


def run(*argv: str | Path, cwd: Path = ROOT, **environment: str) -> bool:
    print(f"$ {' '.join(map(str, argv))}", flush=True)
    return subprocess.run([str(a) for a in argv], cwd=cwd, env={**os.environ, **environment}, check=False).returncode == 0


def main() -> int:
    found = {version(python): python for python in reversed(candidates())}
    wanted = next((v for v in WANTED if v in found), None)
    if wanted is None:
        print(f"the other line was not tested: no Python {' or '.join(WANTED)} with venv was found on PATH or in pyenv")
        return 0
    home = ROOT / ".cache" / "other-line" / wanted
    tools = home / "bin"
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    collections = str(home / "collections")
    if not run(found[wanted], "tests/tools/deps.py", "--venv", home):
        return 1
    run(tools / "ansible", "--version", ANSIBLE_COLLECTIONS_PATH=collections)
    results = [
        run(tools / "python", "-m", "pytest", "tests/unit", PATH=path, ANSIBLE_COLLECTIONS_PATH=collections),
        run(tools / "ansible-test", "sanity", "--python", wanted, cwd=tree.sync(), PATH=path, ANSIBLE_COLLECTIONS_PATH=collections),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
