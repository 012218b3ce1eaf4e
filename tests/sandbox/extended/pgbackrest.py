# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""pgBackRest from Debian, on top of the image of PostgreSQL: for servers that tests start themselves."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.sandbox import build as programs
from tests.sandbox import containers, paths, postgres_image
from tests.sandbox.commands import Stopwatch, run, say
from tests.sandbox.parts import Part
from tests.sandbox.settings import SETTINGS

NAME = "pgbackrest"
PACKAGES = {"debootstrap": "debootstrap"}
IMAGE = f"{containers.REGISTRY}/postgres-pgbackrest:{SETTINGS.versions.postgres}"
_BASE = f"{containers.REGISTRY}/postgres:{SETTINGS.versions.postgres}"
_SUITE = "trixie"  # the image's own
_BROUGHT = ("pgbackrest", "libssh2-1t64")  # all other libraries are in the image
_FILES = ("usr/bin/pgbackrest", "usr/lib/x86_64-linux-gnu")
_LAYER = paths.CACHE / "layers" / f"pgbackrest-{_SUITE}.tar.gz"


def build() -> None:
    if _LAYER.exists():
        return
    say("fetching pgBackRest from Debian ...")
    watch = Stopwatch()
    with tempfile.TemporaryDirectory(dir=_LAYER.parent) as folder:
        fetched, root, packed = (Path(folder) / name for name in ("fetched", "root", "layer.tar.gz"))
        mirror = postgres_image._mirror()
        words = ["--variant=minbase", "--download-only", f"--include={','.join(_BROUGHT)}"]
        run(["debootstrap", *words, _SUITE, fetched, *mirror], timeout=600)
        for name in _BROUGHT:
            (package,) = (fetched / "var/cache/apt/archives").glob(f"{name}_*.deb")
            run(["dpkg-deb", "--extract", package, root])
        order = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"]
        run(["tar", "-C", root, *order, "--use-compress-program=gzip -n -4", "-cf", packed, *_FILES])
        packed.replace(_LAYER)
    say(f"fetched pgBackRest in {watch}")


def start() -> None:
    run([programs.CRANE.build(), "--insecure", "append", "--base", _BASE, "--new_layer", _LAYER, "--new_tag", IMAGE])


def survey() -> list[Part]:
    return []


def exports() -> dict[str, str]:
    return {"PGBACKREST_IMAGE": IMAGE}


def stop() -> None:
    """An image in the registry, which goes with that."""


def leftovers() -> list[str]:
    return []
