# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the virtual environment of all targets: the pinned packages, the collections that ours depends on, and ours itself.

Only the standard library, since it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import fcntl
import re
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
DEPENDENCIES = ("kubernetes/core", "community/postgresql", "awx/awx")  # the last only for docs/awx
GET_PIP = """\
import os, runpy, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "pip-{version}-py3-none-any.whl"))
sys.argv[1:] = ["install"] + [a for a in sys.argv[1:] if a not in ("--no-setuptools", "--no-wheel")]
runpy.run_module("pip.__main__", run_name="__main__", alter_sys=True)
"""


def run(*argv: str | Path) -> str:
    """Run a command; its errors go to the terminal, its output is returned."""
    return subprocess.run([str(a) for a in argv], check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout


def pip(python: Path, *argv: str | Path) -> None:
    run(python, "-m", "pip", argv[0], "--quiet", "--disable-pip-version-check", *argv[1:])


def say(text: str) -> None:
    print(f"deps: {text}", flush=True)


def install_packages(home: Path) -> Path:
    python = home / "bin" / "python"
    if not (home / ".stamp").exists():  # a first attempt that was cut short is made good too
        say(f"Python {sys.version.split()[0]} into {home}")
        venv.create(home, with_pip=True)
    say("packages of requirements/test.txt")
    pip(python, "install", "-r", REQUIREMENTS / "test.txt")
    return python


def bundled(names: list[str]) -> list[str]:
    return [n for n in names if any(n.startswith(f"ansible_collections/{d}/") for d in DEPENDENCIES)]


def extract_dependencies(python: Path, collections: Path) -> None:
    """Take our dependencies out of the wheel that bundles them: no other package index has them."""
    with tempfile.TemporaryDirectory() as folder:
        say(f"collections {', '.join(DEPENDENCIES)}")
        pip(python, "download", "--no-deps", "-d", folder, "-r", REQUIREMENTS / "collections.txt")
        with zipfile.ZipFile(next(Path(folder).glob("ansible-*.whl"))) as wheel:
            wheel.extractall(collections, bundled(wheel.namelist()))


def link_ourselves(python: Path, collections: Path) -> None:
    """Make the checkout importable and runnable as ampora.upgrades without a copy."""
    link = collections / "ansible_collections" / "ampora" / "upgrades"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(ROOT, target_is_directory=True)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    (Path(site) / "ampora_upgrades.pth").write_text(f"{collections}\n", encoding="utf-8")


def seed_ansible_test(python: Path) -> None:
    """Give ansible-test the pip that it would fetch from its own file host, so that the package index is all it needs."""
    package = Path(run(python, "-c", "import ansible_test; print(ansible_test.__path__[0])").strip())
    found = re.search(r"pip='([0-9.]+)'", (package / "_internal" / "python_requirements.py").read_text(encoding="utf-8"))
    if found is None:
        raise SystemExit("deps: this ansible-core does not say which pip its ansible-test wants; look at seed_ansible_test.")
    version = found.group(1)
    cache = Path.home() / ".ansible" / "test" / "cache"
    script = cache / f"get_pip_{version.replace('.', '_')}.py"
    if script.exists():
        return
    say(f"pip {version} for ansible-test into {cache}")
    cache.mkdir(parents=True, exist_ok=True)
    pip(python, "download", "--no-deps", "-d", cache, f"pip=={version}")
    script.write_text(GET_PIP.format(version=version), encoding="utf-8")


def build(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        python = install_packages(home)
        collections = home / "collections"
        extract_dependencies(python, collections)
        link_ourselves(python, collections)
        seed_ansible_test(python)
        (home / ".stamp").touch()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv")
    build(parser.parse_args().venv.absolute())


if __name__ == "__main__":
    main()
