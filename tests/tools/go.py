# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""gofmt and go vet over the sandbox's Go modules."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# The flags of tests/sandbox/build.py, so that both use the same entries of Go's build cache.
ENVIRONMENT = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false -trimpath"}


def unformatted(folder: Path) -> str:
    return subprocess.run(["gofmt", "-d", "."], cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout


def vet(folder: Path) -> int:
    return subprocess.run(["go", "vet", "./..."], cwd=folder, env=ENVIRONMENT, check=False).returncode


def main(folders: list[str]) -> int:
    if not shutil.which("go"):
        print("go is not installed: the sandbox's own programs were not vetted")
        return 0
    failed = 0
    for folder in map(Path, folders):
        difference = unformatted(folder)
        print(f"{folder}: {'not formatted' if difference else 'formatted'}\n{difference}", end="", flush=True)
        failed |= bool(difference) | vet(folder)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
