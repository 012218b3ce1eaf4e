# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the checkout at .../ansible_collections/ampora/upgrades, where ansible-test insists to be run; a link does not do."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPY = ROOT / ".cache" / "tree" / "ansible_collections" / "ampora" / "upgrades"


def _git(*argv: str, cwd: Path = ROOT) -> str:
    return subprocess.run(["git", *argv], cwd=cwd, check=True, stdout=subprocess.PIPE, text=True).stdout


def wanted() -> set[Path]:
    """What a commit of everything would hold: tracked and new files, not the ignored ones."""
    names = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return {Path(name) for name in names if name and (ROOT / name).is_file()}


def _copy(name: Path) -> None:
    source, target = ROOT / name, COPY / name
    if target.is_file() and source.stat().st_mtime_ns == target.stat().st_mtime_ns and source.stat().st_mode == target.stat().st_mode:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def sync() -> Path:
    """Bring the copy up to date, touching only what has changed, and return where it is."""
    names = wanted()
    COPY.mkdir(parents=True, exist_ok=True)
    if not (COPY / ".git").exists():  # else ansible-test asks the checkout around it, which ignores .cache
        _git("init", "--quiet", cwd=COPY)
    for name in names:
        _copy(name)
    for path in sorted(COPY.rglob("*"), reverse=True):
        name = path.relative_to(COPY)
        if name.parts[0] == ".git" or name.parts[:2] == ("tests", "output"):
            continue
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif name not in names:
            path.unlink()
    return COPY
