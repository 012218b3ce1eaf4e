# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-doc over every plugin and role: each must be found, and none may bring a warning."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {"module": "modules", "filter": "filter", "test": "test", "lookup": "lookup", "callback": "callback"}


def documented(kind: str) -> list[str]:
    """The names that must be documented. A role without a spec is found by test_drift.py, a filter or test has its text in NAME.yml."""
    if kind == "role":
        return sorted(path.parent.parent.name for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"))
    folder = ROOT / "plugins" / FOLDERS[kind]
    return sorted({path.stem for pattern in ("*.py", "*.yml") for path in folder.glob(pattern)} - {"__init__"})


def problems(kind: str) -> list[str]:
    names = [f"ampora.upgrades.{name}" for name in documented(kind)]
    if not names:
        return []
    done = subprocess.run(["ansible-doc", "--type", kind, "--json", *names], capture_output=True, text=True, check=False)
    found = json.loads(done.stdout) if done.returncode == 0 else {}
    unseen = [f"{kind} {name}: not found" for name in names if name not in found]
    print(f"{kind}: {len(names)} documented", flush=True)
    return [*([done.stderr.strip()] if done.stderr.strip() else []), *unseen]


def main() -> int:
    found = [problem for kind in (*FOLDERS, "role") for problem in problems(kind)]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
