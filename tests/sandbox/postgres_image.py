# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root file system of the image `postgres:17`, from Debian trixie: server and clients, little else."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from tests.sandbox import paths
from tests.sandbox.commands import Stopwatch, run, say
from tests.sandbox.settings import SETTINGS

_SUITE = "trixie"
_UID = 999  # as in the official image
# Only for the just-in-time compiler (switched off), for Debian's wrappers (not used) or for people reading.
_NOT_NEEDED = (
    "usr/lib/x86_64-linux-gnu/libLLVM*",
    "usr/lib/x86_64-linux-gnu/libz3*",
    "usr/lib/x86_64-linux-gnu/perl",
    "usr/lib/x86_64-linux-gnu/libperl*",
    "usr/share/perl*",
    "usr/lib/postgresql/*/lib/llvmjit*",
    "usr/lib/postgresql/*/lib/bitcode",
    "usr/share/doc/*",
    "usr/share/man/*",
    "usr/share/locale/*",
    "usr/share/info/*",
    "usr/share/zoneinfo/right",
    "var/cache/apt/*",
    "var/lib/apt/lists/*",
    "var/log/*",
)


def layer() -> Path:
    """The packed layer; its name changes with the recipe."""
    recipe = Path(__file__).read_bytes() + (paths.SOURCES / "postgres" / "entrypoint.sh").read_bytes()
    target = paths.CACHE / "layers" / f"postgres-{SETTINGS.versions.postgres}-{hashlib.sha256(recipe).hexdigest()[:12]}.tar.gz"
    if target.exists():
        return target
    say(f"building the image of PostgreSQL {SETTINGS.versions.postgres} from Debian {_SUITE} ...")
    watch = Stopwatch()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        root, packed = Path(folder) / "root", Path(folder) / "layer.tar.gz"
        _bootstrap(root)
        _shrink(root)
        _adapt(root)
        excludes = [f"--exclude=./{name}/*" for name in ("dev", "proc", "sys", "tmp")]
        order = ["--sort=name", "--mtime=@0", "--numeric-owner"]
        run(["tar", "-C", root, *order, *excludes, "--use-compress-program=gzip -n -4", "-cf", packed, "."])
        packed.replace(target)
    say(f"built the image of PostgreSQL in {watch}")
    return target


def _bootstrap(root: Path) -> None:
    # Both files before the first package: no daemon starts from the chroot, and no cluster is made for nobody.
    policy, create = root / "usr/sbin/policy-rc.d", root / "etc/postgresql-common/createcluster.conf"
    for path, text in ((policy, "#!/bin/sh\nexit 101\n"), (create, "create_main_cluster = false\n")):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    policy.chmod(0o755)
    include = f"--include=postgresql-{SETTINGS.versions.postgres},ca-certificates"
    run(["debootstrap", "--variant=minbase", include, _SUITE, root, *_mirror()], timeout=1200)


def _mirror() -> list[str]:
    """The mirror that this Debian uses itself; debootstrap's own default elsewhere (Ubuntu's has no Debian suites)."""
    if not re.search(r"^ID=debian$", Path("/etc/os-release").read_text(), re.MULTILINE):
        return []
    lines = run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL)", "Created-By: Packages"]).splitlines()
    return next(([line.split()[0]] for line in lines if line.endswith(" Debian Debian")), [])


def _shrink(root: Path) -> None:
    for pattern in _NOT_NEEDED:
        for path in root.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


def _adapt(root: Path) -> None:
    for name in ("passwd", "group"):
        path = root / "etc" / name
        owner = f"postgres:x:{_UID}:{_UID}:" if name == "passwd" else f"postgres:x:{_UID}:"
        path.write_text(re.sub(r"^postgres:x:\d+(:\d+:|:)", owner, path.read_text(), flags=re.MULTILINE))
    # Not var/run: that is an absolute link, and from outside it leads to this machine's own /run.
    for place in ("var/lib/postgresql", "run/postgresql", "var/lib/postgresql/data"):
        folder = root / place
        with contextlib.suppress(FileExistsError):
            folder.mkdir(parents=True)
        os.chown(folder, _UID, _UID)
    entrypoint = root / "usr/local/bin/entrypoint.sh"
    shutil.copyfile(paths.SOURCES / "postgres" / "entrypoint.sh", entrypoint)
    entrypoint.chmod(0o755)
